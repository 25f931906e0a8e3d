import type { Bitstream } from '../ffmpeg/bitstream.ts';
import type { Mp4Structure } from '../ffmpeg/mp4-boxes.ts';
import type { PacketFacts, VideoPackets } from '../ffmpeg/packet-facts.ts';
import type { InterlaceFinding } from '../model/analyses.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { isFormat } from '../model/media-formats.ts';
import { valueOf } from '../model/rational.ts';
import { isHdr } from '../plan/colour.ts';
import { turnedSize } from '../plan/geometry.ts';
import { mainVideo } from '../plan/resolve.ts';
import type { DeliveryFacts } from '../presets/facts.ts';

/** What was measured of a file beside its headers. What was not asked for, or could not be found out, is undefined. */
export interface Measures {
  readonly structure: Mp4Structure | undefined;
  /** Of a Matroska file: `webm` or `matroska`. */
  readonly docType: string | undefined;
  readonly packets: PacketFacts | undefined;
  readonly bitstream: Bitstream | undefined;
  readonly interlace: InterlaceFinding | undefined;
  readonly loudnessLufs: number | undefined;
}

/** Codecs that have no fields. */
export const NEVER_INTERLACED: readonly string[] = ['vp8', 'vp9', 'av1', 'gif', 'png'];
/** Codecs in which nothing can reach back behind a keyframe. */
const CLOSED_BY_NATURE = ['vp8', 'vp9', 'av1', 'prores', 'dnxhd', 'mjpeg', 'png', 'rawvideo', 'cfhd'];
/** Matroska rounds times to milliseconds, both ends of a step. */
const STEP_SLACK_SEC = 0.0021;

/** The container as rules and flags call it: ffmpeg's own names do not tell MP4 from MOV, nor WebM from Matroska. */
export function containerOf(media: MediaInfo, { structure, docType }: Measures): string {
  if (isFormat(media.format, ['mov', 'mp4'])) {
    const brand = structure?.majorBrand?.trim().toLowerCase();
    if (brand === undefined || brand === 'qt') return 'mov';
    return brand.startsWith('3g') ? '3gp' : 'mp4';
  }
  if (isFormat(media.format, ['matroska'])) return docType === 'webm' ? 'webm' : 'mkv';
  return media.format.split(',')[0] ?? media.format;
}

function isConstant({ packets, frameRate, minStepSec, maxStepSec }: VideoPackets): boolean | undefined {
  if (packets < 3 || frameRate === undefined || minStepSec === undefined || maxStepSec === undefined) return undefined;
  const slack = Math.max(STEP_SLACK_SEC, 0.1 / frameRate);
  return maxStepSec - 1 / frameRate < slack && 1 / frameRate - minStepSec < slack;
}

function isProgressive(video: VideoStream, interlace: InterlaceFinding | undefined): boolean | undefined {
  if (video.fieldOrder !== undefined) return video.fieldOrder === 'progressive';
  if (NEVER_INTERLACED.includes(video.codec)) return true;
  return interlace && interlace.judged > 0 ? !interlace.interlaced : undefined;
}

function isClosed(
  video: VideoStream,
  packets: VideoPackets | undefined,
  bitstream: Bitstream | undefined,
): boolean | undefined {
  if (CLOSED_BY_NATURE.includes(video.codec)) return true;
  const leading = packets?.leadingPictures;
  if (video.codec === 'h264' || video.codec === 'hevc') {
    if (bitstream?.allIdr === true) return true;
    if (leading === undefined || bitstream?.allIdr === undefined) return undefined;
    // Behind an H.265 keyframe only leading pictures may reach back; in H.264 any picture may, and nothing says so.
    return leading > 0 ? false : video.codec === 'hevc' ? true : undefined;
  }
  // Older codecs mark a closed GOP in ways that nobody checks.
  return leading === 0 ? true : undefined;
}

/** Timestamps are rounded, the stated rate is not: it holds where the packets bear it out. */
function rateOf(video: VideoStream, packets: VideoPackets | undefined): number | undefined {
  const [nominal, average] = [video.frameRate, video.averageRate].map((rate) => rate && valueOf(rate));
  const counted = packets?.frameRate;
  if (counted === undefined) return average ?? nominal;
  return nominal !== undefined && Math.abs(nominal / counted - 1) < 0.002 ? nominal : counted;
}

/** CABAC is not in the Baseline profiles at all. */
function usesCabac(video: VideoStream, bitstream: Bitstream | undefined): boolean | undefined {
  if (video.codec !== 'h264') return undefined;
  return /baseline/i.test(video.profile ?? '') ? false : bitstream?.cabac;
}

function kbpsOf(packets: { readonly bytes: number; readonly spanSec: number } | undefined): number | undefined {
  return packets && packets.spanSec > 0 && packets.bytes > 0 ? (packets.bytes * 8) / 1000 / packets.spanSec : undefined;
}

function pictureFacts(video: VideoStream, measures: Measures): Partial<DeliveryFacts> {
  const packets = measures.packets?.video;
  const { width, height, sampleAspect } = turnedSize(video, 0);
  return {
    videoCodec: video.codec,
    profile: video.profile,
    cabac: usesCabac(video, measures.bitstream),
    maxBFrames: packets?.maxBFrames,
    closedGop: isClosed(video, packets, measures.bitstream),
    keyframeSec: packets?.longestGopSec,
    codecTag: video.codecTag || undefined,
    videoKbps: kbpsOf(packets) ?? video.bitrateKbps,
    width,
    height,
    sampleAspect: valueOf(sampleAspect),
    frameRate: rateOf(video, packets),
    constantFrameRate: packets && isConstant(packets),
    progressive: isProgressive(video, measures.interlace),
    pixelFormat: video.pixelFormat || undefined,
    bitDepth: video.pixelFormat ? video.bitDepth : undefined,
    colour: video.colour,
    // A film that says nothing is taken for SDR by every player and platform.
    hdr: isHdr(video.colour) || video.hdr.dolbyVision,
    rotationMatrix: video.hasRotationMatrix,
  };
}

function soundFacts(media: MediaInfo, measures: Measures): Partial<DeliveryFacts> {
  const track = media.audio[0];
  if (!track) return { hasAudio: false };
  return {
    hasAudio: true,
    audioCodec: track.codec,
    audioProfile: track.profile,
    channels: track.channels || undefined,
    sampleRate: track.sampleRate || undefined,
    audioKbps: kbpsOf(measures.packets?.audio) ?? track.bitrateKbps,
    loudnessLufs: measures.loudnessLufs,
  };
}

/** What is known of an existing file, for a platform's rules: nothing is guessed, what is not known stays undefined. */
export function measuredFacts(media: MediaInfo, measures: Measures): DeliveryFacts {
  const { structure } = measures;
  const video = mainVideo(media);
  const films = structure?.tracks.filter((track) => track.handler === 'vide' || track.handler === 'soun');
  return {
    container: containerOf(media, measures),
    bytes: media.bytes,
    durationSec: media.durationSec,
    moovAtFront: structure?.moovBeforeMdat,
    hasEditList: films?.some((track) => track.editsMatter),
    fragmented: structure?.fragmented,
    ...(video ? pictureFacts(video, measures) : {}),
    ...soundFacts(media, measures),
  };
}
