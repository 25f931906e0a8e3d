import { encoderRow } from '../codecs/video.ts';
import type { SampleFinding } from '../model/analyses.ts';
import type { MediaInfo } from '../model/media.ts';
import { besideBytes, estimateBytes, framesOf, heardSec, soundKbps, videoKbpsEstimate } from './estimate.ts';
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

/** How far arithmetic is off, as factors: a rate is kept to, a flavour has a ceiling that a flat picture stays below, a quality may need a fraction. */
const ARITHMETIC_RANGE = { rate: [0.93, 1.06], flavour: [0.7, 1.03], crf: [0.1, 1.2] } as const;
/** How far a film comes from the rate that it was asked for. */
const RATED_RANGE = 0.05;
/** Beyond what the samples' scatter tells. */
const SAMPLES_BIAS = 0.03;
/** Of a film that was encoded whole: threads leave some encoders a choice, and headers and tags are not weighed. */
const WHOLE_RANGE = { share: 0.01, bytes: 1500 } as const;
const NINE_OF_TEN = 1.8;
/** Probing, verifying and hashing beside the encode, seconds (`npm run bench`). */
const BESIDE_SEC = 0.5;

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

/** What of the source's own demand an encoder follows: with all of it a screen recording was 6 % low on average, with none 13 % high. */
const FOLLOWS = 0.7;

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Bytes of picture of the whole film: what the parts need for a frame, and by how much the source asks for more or less in the rest of it. */
function pictureBytes(parts: readonly Part[], asked: readonly number[], frames: number, filmAsks: number): number {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const counted = parts.reduce((sum, part) => sum + part.frames, 0);
  const byFrame = (bytes / Math.max(1, counted)) * frames;
  const partsAsk = meanOf(asked);
  return partsAsk > 0 && filmAsks > 0 ? byFrame * (filmAsks / partsAsk) ** FOLLOWS : byFrame;
}

/** How far the estimate would move, relative, by another choice of samples: the jackknife's standard error. */
function scatter(parts: readonly Part[], asked: readonly number[], frames: number, filmAsks: number): number {
  const without = parts.map((_, left) => {
    const others = <T>(values: readonly T[]): readonly T[] => values.filter((_one, n) => n !== left);
    return Math.log(pictureBytes(others(parts), others(asked), frames, filmAsks));
  });
  const mean = meanOf(without);
  const squares = without.reduce((all, one) => all + (one - mean) ** 2, 0);
  const sampled = parts.reduce((all, part) => all + part.frames, 0) / frames;
  return Math.sqrt(((without.length - 1) / without.length) * squares * Math.max(0, 1 - sampled));
}

/**
 * What encoding sound takes of the film's time, beside what it took by itself: half of that was the start of so short a run (0.18 of
 * 0.37 s), and it runs in one thread while the picture has the others, of which two cores lose the half.
 */
const SOUND_BESIDE = 0.25;

/** All of the sound, where some was encoded: what it takes, and how much longer the film takes for it. */
function wholeSound(resolved: ResolvedExport, media: MediaInfo, { sound, whole }: SampleFinding) {
  if (!sound || sound.sec <= 0) return undefined;
  const heard = Math.max(...resolved.audio.map((track) => heardSec(resolved, track, media)));
  const share = whole ? 1 : heard / sound.sec;
  const { bytes, packets, spentSec } = sound;
  return { bytes: bytes * share, packets: packets * share, workSec: spentSec * share * SOUND_BESIDE };
}

/** Of what the samples took, at least so much was for themselves. */
const LEAST_SHARE = 0.2;

/** Seconds of work for the picture of the whole film, which is decoded once from end to end. */
function pictureSec({ secPerFrame, startSec, processorSec }: SampleFinding, frames: number, decodingSec: number) {
  const share = processorSec ? Math.max(LEAST_SHARE, 1 - decodingSec / processorSec) : 1;
  return secPerFrame * frames * share + startSec;
}

/**
 * What samples encoded with the export's own settings say of the whole; `decodingSec`: processor seconds that decoding took
 * for them alone. Arithmetic where none of them has a picture.
 */
export function sampledForecast(
  resolved: ResolvedExport,
  media: MediaInfo,
  finding: SampleFinding,
  decodingSec = 0,
): Forecast {
  const { parts, whole } = finding;
  const counted = parts.reduce((all, part) => all + part.frames, 0);
  if (counted === 0) return arithmeticForecast(resolved, media);
  const frames = whole ? counted : framesOf(resolved);
  const asks = finding.source ?? { parts: [], film: 0 };
  const { mode } = resolved.video.rate;
  const rated = mode !== 'crf' && mode !== 'flavour';
  // A bitrate is spent over the whole film: samples tell of time only.
  const picture =
    rated && !whole
      ? videoKbpsEstimate(resolved, media) * resolved.timeline.durationSec * 125
      : pictureBytes(parts, asks.parts, frames, asks.film);
  const sound = wholeSound(resolved, media, finding);
  const beside = besideBytes(resolved, media, frames, { sound }) + finding.headerBytes;
  const bytes = picture + beside;
  const spread = rated ? RATED_RANGE : scatter(parts, asks.parts, frames, asks.film) * NINE_OF_TEN + SAMPLES_BIAS;
  const offBytes = whole ? bytes * WHOLE_RANGE.share + WHOLE_RANGE.bytes : picture * spread;
  return {
    method: whole ? 'whole' : 'samples',
    bytes,
    lowBytes: Math.max(0, bytes - offBytes),
    highBytes: bytes + offBytes,
    workSec: pictureSec(finding, frames, decodingSec) + (sound?.workSec ?? 0) + BESIDE_SEC,
    videoKbps: picture / 125 / Math.max(0.001, resolved.timeline.durationSec),
    audioKbps: sound ? sound.bytes / 125 / Math.max(0.001, resolved.timeline.durationSec) : soundKbps(resolved, media),
  };
}

/** Whether samples can tell anything: a copy is as large as it is. */
export const canSample = ({ video }: ResolvedExport): boolean => encoderRow(video.encoder) !== undefined;
