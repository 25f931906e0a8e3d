import { encoderRow } from '../codecs/video.ts';
import type { SampleFinding } from '../model/analyses.ts';
import type { MediaInfo } from '../model/media.ts';
import { besideBytes, estimateBytes, framesOf, soundKbps, videoKbpsEstimate } from './estimate.ts';
import type { ResolvedExport } from './resolved.ts';
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

/** How far arithmetic is off, as factors: a rate is kept to, a flavour has a ceiling that a flat picture stays below, a quality may need a fraction. */
const ARITHMETIC_RANGE = { rate: [0.93, 1.06], flavour: [0.7, 1.03], crf: [0.1, 1.2] } as const;
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

/** `size = (video_kbps + audio_kbps) × seconds / 8000`, in MB, and the container's own bytes; nothing is measured. */
export function arithmeticForecast(resolved: ResolvedExport, media: MediaInfo): Forecast {
  const videoKbps = videoKbpsEstimate(resolved, media);
  const audioKbps = soundKbps(resolved, media);
  const bytes = estimateBytes(resolved, media);
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
