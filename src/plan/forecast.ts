import { audioCodec } from '../codecs/audio.ts';
import { container } from '../codecs/containers.ts';
import { encoderRow } from '../codecs/video.ts';
import type { SampleFinding } from '../model/analyses.ts';
import type { MediaInfo } from '../model/media.ts';
import { valueOf } from '../model/rational.ts';
import { soundKbps, videoKbpsEstimate } from './estimate.ts';
import type { ResolvedAudio, ResolvedExport } from './resolved.ts';
import { goalBytes, sizeTolerance } from './size-budget.ts';

/** What an export will come to. The true size lies between low and high in nine of ten cases. */
export interface Forecast {
  readonly method: 'arithmetic' | 'samples' | 'whole';
  readonly bytes: number;
  readonly lowBytes: number;
  readonly highBytes: number;
  /** Seconds of work on this machine; undefined where nothing was measured. */
  readonly workSec: number | undefined;
  readonly videoKbps: number;
  readonly audioKbps: number;
}

/** The source's own bytes of picture: in all that is delivered, and in each sample. */
export interface SourceBytes {
  readonly total: number;
  readonly inParts: readonly number[];
}

/** The customer's formula for bitrate modes: 5 % for the container and for what rate control misses. */
const FORMULA_FACTOR = 1.05;
/** How far arithmetic is off, as factors: a rate is kept to, a quality may need a fraction of what it is granted. */
const ARITHMETIC_RANGE = { rate: [0.9, 1.03], flavour: [0.85, 1.1], crf: [0.1, 1.15] } as const;
/** Beyond what the samples' scatter tells. */
const SAMPLES_BIAS = 0.03;
const WHOLE_RANGE = 0.01;
const NINE_OF_TEN = 1.8;
/** Probing, opening, verifying and hashing beside the encode, seconds (`npm run bench`). */
const BESIDE_SEC = 1;

/** A size that was asked for is what comes out: weighed, and made again until it fits. */
function forTarget(resolved: ResolvedExport, target: number, videoKbps: number, audioKbps: number): Forecast {
  const tolerance = sizeTolerance(resolved);
  const [bytes, lowBytes] = [goalBytes(target, tolerance), target * (1 - tolerance)];
  return { method: 'arithmetic', bytes, lowBytes, highBytes: target, workSec: undefined, videoKbps, audioKbps };
}

/** `size = (video_kbps + audio_kbps) × seconds / 8000 × 1.05`, in MB; nothing is measured. */
export function arithmeticForecast(resolved: ResolvedExport, media: MediaInfo): Forecast {
  const videoKbps = videoKbpsEstimate(resolved, media);
  const audioKbps = soundKbps(resolved, media);
  const bytes = (videoKbps + audioKbps) * resolved.timeline.durationSec * 125 * FORMULA_FACTOR;
  if (resolved.targetBytes !== undefined) return forTarget(resolved, resolved.targetBytes, videoKbps, audioKbps);
  const { mode } = resolved.video.rate;
  const [low, high] = mode === 'crf' || mode === 'flavour' ? ARITHMETIC_RANGE[mode] : ARITHMETIC_RANGE.rate;
  return {
    method: 'arithmetic',
    bytes,
    lowBytes: bytes * low,
    highBytes: bytes * high,
    workSec: undefined,
    videoKbps,
    audioKbps,
  };
}

/** Seconds of a track that are delivered: sound may end before the picture does. */
function heardSec({ timeline }: ResolvedExport, track: ResolvedAudio, media: MediaInfo): number {
  const source = media.audio.find(({ index }) => index === track.index);
  if (track.silent || source?.durationSec === undefined) return timeline.durationSec;
  const endSec = source.startSec + source.durationSec - media.startSec;
  return Math.min(timeline.durationSec, Math.max(0, endSec - timeline.startSec));
}

/** Bytes that the container and everything but the picture take: sound at its rate, a header for each packet. */
function besideBytes(resolved: ResolvedExport, media: MediaInfo, frames: number): number {
  const overhead = container(resolved.container)?.overhead ?? { perVideoFrame: 0, perAudioPacket: 0, fixed: 0 };
  const sound = resolved.audio.reduce((sum, track) => {
    const sec = heardSec(resolved, track, media);
    const packets = (sec * track.sampleRate) / (audioCodec(track.codec)?.packetSamples ?? 1024);
    return sum + soundKbps({ audio: [track] }, media) * sec * 125 + packets * overhead.perAudioPacket;
  }, 0);
  return sound + frames * overhead.perVideoFrame + overhead.fixed;
}

type Part = SampleFinding['parts'][number];

/** Bytes of picture of the whole film: the mean of what the samples say per frame and per byte of the source. */
function pictureBytes(parts: readonly Part[], source: readonly number[], frames: number, sourceTotal: number): number {
  const sum = (of: (part: Part, n: number) => number): number => parts.reduce((all, part, n) => all + of(part, n), 0);
  const bytes = sum((part) => part.bytes);
  const byFrame =
    (bytes /
      Math.max(
        1,
        sum((part) => part.frames),
      )) *
    frames;
  const there = sum((_, n) => source[n] ?? 0);
  if (there <= 0 || sourceTotal <= 0) return byFrame;
  return Math.sqrt(byFrame * (bytes / there) * sourceTotal);
}

/** How far the estimate would move, relative, by another choice of samples: the jackknife's standard error. */
function scatter(parts: readonly Part[], source: readonly number[], frames: number, sourceTotal: number): number {
  const without = parts.map((_, left) =>
    Math.log(
      pictureBytes(
        parts.filter((_part, n) => n !== left),
        source.filter((_bytes, n) => n !== left),
        frames,
        sourceTotal,
      ),
    ),
  );
  const mean = without.reduce((all, one) => all + one, 0) / without.length;
  const squares = without.reduce((all, one) => all + (one - mean) ** 2, 0);
  const sampled = parts.reduce((all, part) => all + part.frames, 0) / frames;
  return Math.sqrt(((without.length - 1) / without.length) * squares * Math.max(0, 1 - sampled));
}

function framesOf({ video, timeline }: ResolvedExport): number {
  return video.frames ?? timeline.durationSec * (video.frameRate ? valueOf(video.frameRate) : 30);
}

/** What samples encoded with the export's own settings say of the whole. */
export function sampledForecast(
  resolved: ResolvedExport,
  media: MediaInfo,
  finding: SampleFinding,
  source: SourceBytes | undefined,
): Forecast {
  const { parts, whole } = finding;
  const counted = parts.reduce((all, part) => all + part.frames, 0);
  const frames = whole ? counted : framesOf(resolved);
  const { inParts, total } = source ?? { inParts: [], total: 0 };
  const { mode } = resolved.video.rate;
  const rated = mode !== 'crf' && mode !== 'flavour';
  // A bitrate is spent over the whole film: samples tell of time only.
  const picture =
    rated && !whole
      ? videoKbpsEstimate(resolved, media) * resolved.timeline.durationSec * 125
      : pictureBytes(parts, inParts, frames, total);
  const beside = besideBytes(resolved, media, frames);
  const spread = whole ? 0 : scatter(parts, inParts, frames, total) * NINE_OF_TEN + SAMPLES_BIAS;
  const off = (picture * (rated && !whole ? 0.05 : spread) + (whole ? picture * WHOLE_RANGE : 0)) / (picture + beside);
  const bytes = picture + beside;
  return {
    method: whole ? 'whole' : 'samples',
    bytes,
    lowBytes: bytes * (1 - off),
    highBytes: bytes * (1 + off),
    workSec: finding.secPerFrame * frames + finding.startSec + BESIDE_SEC,
    videoKbps: picture / 125 / Math.max(0.001, resolved.timeline.durationSec),
    audioKbps: soundKbps(resolved, media),
  };
}

/** Whether samples can tell anything: a copy is as large as it is. */
export const canSample = ({ video }: ResolvedExport): boolean => encoderRow(video.encoder) !== undefined;
