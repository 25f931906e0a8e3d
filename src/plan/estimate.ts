import { container } from '../codecs/containers.ts';
import { LEVELS } from '../codecs/levels.ts';
import { encoderRow, videoCodec } from '../codecs/video.ts';
import type { MediaInfo } from '../model/media.ts';
import { valueOf } from '../model/rational.ts';
import { levelKbps } from './rate.ts';
import { sourceVideoKbps } from './resolve-video.ts';
import type { ResolvedExport } from './resolved.ts';

/** kbps of the picture, as far as arithmetic can tell: exact in meaning for bitrate modes, an upper guess for CRF. */
export function videoKbpsEstimate(resolved: ResolvedExport, media: MediaInfo): number {
  const { video } = resolved;
  const { width, height } = video.geometry;
  const fps = video.frameRate ? valueOf(video.frameRate) : 30;
  const stream = media.video.find((one) => one.index === video.index);
  const source = stream ? sourceVideoKbps(media, stream) : undefined;
  if (video.codec === 'copy') return source ?? 0;
  if (video.rate.mode === 'flavour') {
    const flavour = encoderRow(video.encoder)?.flavours?.[video.rate.flavour];
    return ((flavour?.mbpsAt1080p30 ?? 150) * 1000 * width * height * fps) / (1920 * 1080 * (30000 / 1001));
  }
  if (video.rate.mode !== 'crf') return video.rate.kbps;
  const codec = videoCodec(video.codec);
  if (!codec) return source ?? 0;
  const levels = encoderRow(video.encoder)?.levels;
  const { crf } = video.rate;
  // The level whose CRF is nearest below stands for a CRF given as a number.
  const level =
    (Object.keys(LEVELS) as (keyof typeof LEVELS)[]).find((name) => Number(levels?.[name]) <= crf) ?? 'ultra';
  const most = levelKbps(level, codec, video.geometry, fps).kbps;
  return Math.min(most, video.rate.vbv?.maxKbps ?? most);
}

/** kbps of all audio tracks: at their bitrate, lossless sound by its samples, a copy as the source has it. */
export function soundKbps({ audio }: Pick<ResolvedExport, 'audio'>, media: MediaInfo): number {
  return audio.reduce((sum, track) => {
    const lossless = (track.sampleRate * track.channels * track.bits) / 1000;
    const source = media.audio.find((one) => one.index === track.index)?.bitrateKbps;
    const guess = track.codec === 'copy' ? (source ?? 192) : track.codec === 'flac' ? lossless * 0.6 : lossless;
    return sum + (track.kbps ?? guess);
  }, 0);
}

/** Bytes of the finished file: `(video + audio kbps) × seconds / 8000 × 1.05`, with the container's fixed part. */
export function estimateBytes(resolved: ResolvedExport, media: MediaInfo): number {
  const overhead = container(resolved.container)?.overhead.fixed ?? 0;
  const kbps = videoKbpsEstimate(resolved, media) + soundKbps(resolved, media);
  return Math.round(kbps * resolved.timeline.durationSec * 125 * 1.05 + overhead);
}
