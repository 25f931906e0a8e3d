import { audioCodec } from '../codecs/audio.ts';
import { container } from '../codecs/containers.ts';
import { LEVELS } from '../codecs/levels.ts';
import { encoderRow, videoCodec } from '../codecs/video.ts';
import type { MediaInfo } from '../model/media.ts';
import { valueOf } from '../model/rational.ts';
import type { Size } from './geometry.ts';
import { levelKbps } from './rate.ts';
import { sourceVideoKbps } from './resolve-video.ts';
import type { ResolvedAudio, ResolvedExport } from './resolved.ts';

const macroblocks = (size: Size): number => Math.ceil(size.width / 16) * Math.ceil(size.height / 16);
const FULL_HD = macroblocks({ width: 1920, height: 1080 });

function flavourKbps(encoder: string, name: string, size: Size, fps: number): number {
  const row = encoderRow(encoder);
  const blocks = macroblocks(size);
  const factor = row?.smallFrames?.find((step) => blocks <= step.macroblocks)?.factor ?? 1;
  const kbps = (row?.flavours?.[name]?.mbpsAt1080p30 ?? 150) * 1000;
  return (kbps * factor * blocks * fps) / (FULL_HD * (30000 / 1001));
}

/** kbps of the picture, as far as arithmetic can tell: exact in meaning for bitrate modes, an upper guess for CRF. */
export function videoKbpsEstimate(resolved: ResolvedExport, media: MediaInfo): number {
  const { video } = resolved;
  const { width, height } = video.geometry;
  const fps = video.frameRate ? valueOf(video.frameRate) : 30;
  const stream = media.video.find((one) => one.index === video.index);
  const source = stream ? sourceVideoKbps(media, stream) : undefined;
  if (video.codec === 'copy') return source ?? 0;
  if (video.rate.mode === 'flavour') return flavourKbps(video.encoder, video.rate.flavour, { width, height }, fps);
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

/** What the size of a file depends on. */
export type Sized = Pick<ResolvedExport, 'video' | 'audio' | 'timeline'> & {
  readonly container: string;
  readonly extras?: Pick<ResolvedExport['extras'], 'attachments'>;
};

/** Pictures of the delivered film; where their number is not known, by its rate. */
export const framesOf = ({ video, timeline }: Pick<Sized, 'video' | 'timeline'>): number =>
  video.frames ?? timeline.durationSec * (video.frameRate ? valueOf(video.frameRate) : 30);

/** Seconds of a track that are delivered: sound may end before the picture does. */
export function heardSec({ timeline }: Pick<Sized, 'timeline'>, track: ResolvedAudio, media: MediaInfo): number {
  const source = media.audio.find(({ index }) => index === track.index);
  if (track.silent || source?.durationSec === undefined) return timeline.durationSec;
  const endSec = source.startSec + source.durationSec - media.startSec;
  return Math.min(timeline.durationSec, Math.max(0, endSec - timeline.startSec));
}

/** The sound of a film as encoding told it, all tracks together. */
export interface WeighedSound {
  readonly bytes: number;
  readonly packets: number;
}

function soundBytes(sized: Sized, media: MediaInfo, perPacket: number, weighed: WeighedSound | undefined): number {
  if (weighed) return weighed.bytes + weighed.packets * perPacket;
  return sized.audio.reduce((sum, track) => {
    const sec = heardSec(sized, track, media);
    const packets = (sec * track.sampleRate) / (audioCodec(track.codec)?.packetSamples ?? 1024);
    return sum + soundKbps({ audio: [track] }, media) * sec * 125 + packets * perPacket;
  }, 0);
}

const attachedBytes = ({ extras }: Sized, media: MediaInfo): number =>
  media.attachments
    .filter(({ index }) => extras?.attachments.includes(index))
    .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);

/** The customer's formula: 5 % on top for a container of which no more is known. */
const UNKNOWN_CONTAINER = 0.05;

/**
 * Bytes of everything but the picture, which takes `pictureBytes` in `frames`: the sound as it was weighed, or else for as long as it
 * is heard, attached files, and what the container adds: for each packet where that was measured, else as the formula has it.
 */
export function besideBytes(
  sized: Sized,
  media: MediaInfo,
  frames: number,
  { pictureBytes = 0, sound }: { readonly pictureBytes?: number; readonly sound?: WeighedSound | undefined } = {},
): number {
  const overhead = container(sized.container)?.overhead;
  const rest = soundBytes(sized, media, overhead?.perAudioPacket ?? 0, sound) + attachedBytes(sized, media);
  if (!overhead) return rest + (pictureBytes + rest) * UNKNOWN_CONTAINER;
  return rest + frames * overhead.perVideoFrame + overhead.fixed;
}

/** Bytes of the finished file: `(video + audio kbps) × seconds / 8000`, in MB, and what the container adds. */
export function estimateBytes(resolved: ResolvedExport, media: MediaInfo): number {
  const picture = videoKbpsEstimate(resolved, media) * resolved.timeline.durationSec * 125;
  return Math.round(picture + besideBytes(resolved, media, framesOf(resolved), { pictureBytes: picture }));
}
