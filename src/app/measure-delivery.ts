import { findInterlace } from '../analysis/interlace.ts';
import { measureLoudness } from '../analysis/loudness.ts';
import { readBitstream } from '../ffmpeg/bitstream.ts';
import { ebmlDocType } from '../ffmpeg/doc-type.ts';
import { mp4Structure } from '../ffmpeg/mp4-boxes.ts';
import { readPacketFacts } from '../ffmpeg/packet-facts.ts';
import { sourceInput } from '../ffmpeg/probe.ts';
import type { MediaInfo } from '../model/media.ts';
import { isFormat } from '../model/media-formats.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { mainVideo } from '../plan/resolve.ts';
import type { DeliveryFacts } from '../presets/facts.ts';
import type { Platform, RuleId } from '../presets/platform.ts';
import { measuredFacts, NEVER_INTERLACED } from './measured-facts.ts';
import { lookWith } from './ports.ts';

/**
 * Measures a file as far as a platform's rules ask: headers, boxes and packets always, what costs a look into the
 * stream or a decode (keyframe kinds, combing, loudness) only for rules about it.
 */
export async function measureDelivery(
  media: MediaInfo,
  platform: Platform,
  toolchain: Toolchain,
  signal: AbortSignal,
): Promise<DeliveryFacts> {
  const { ffmpeg, ffprobe } = toolchain;
  const { path } = media;
  const video = mainVideo(media);
  const track = media.audio[0];
  const asks = (...rules: readonly RuleId[]): boolean => platform.rules.some(({ rule }) => rules.includes(rule));
  const unsureOfFields = video && video.fieldOrder === undefined && !NEVER_INTERLACED.includes(video.codec);
  const isMp4 = isFormat(media.format, ['mov', 'mp4']);
  const look = lookWith(toolchain, signal);
  const [structure, docType, packets, bitstream, interlace, loudness] = await Promise.all([
    isMp4 ? mp4Structure(path) : undefined,
    isFormat(media.format, ['matroska']) ? ebmlDocType(path) : undefined,
    video ? readPacketFacts(ffprobe.path, path, { video: video.index, audio: track?.index }, signal) : undefined,
    video && asks('cabac', 'closed_gop') ? readBitstream(ffmpeg.path, path, video, signal) : undefined,
    unsureOfFields && asks('progressive') ? findInterlace(media, video, look) : undefined,
    track && asks('loudness') ? measureLoudness(sourceInput(path), `0:${track.index}`, look) : undefined,
  ]);
  signal.throwIfAborted();
  return measuredFacts(media, { structure, docType, packets, bitstream, interlace, loudnessLufs: loudness?.lufs });
}
