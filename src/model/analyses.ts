import type { CropBox } from './media.ts';

/** Whether the pictures are fields, and how sure: 0.5 = a coin, 1 = every judged picture. */
export interface InterlaceFinding {
  readonly interlaced: boolean;
  readonly confidence: number;
  /** Pictures in which motion between the fields told. */
  readonly judged: number;
}

/** Whether pictures repeat fields as telecined film does, and how many of them. */
export interface TelecineFinding {
  readonly telecined: boolean;
  /** 0–1; 0.4 in telecined film. */
  readonly repeatedShare: number;
}

/** What lies between black bars, and the part of the judged samples that show just this box. */
export interface BarsFinding {
  /** Undefined where there are no bars, or none that can be told from a dark scene. */
  readonly box: CropBox | undefined;
  readonly confidence: number;
  readonly samples: number;
}

/** One gain; a gain with a limiter behind it. dB. */
export interface Gain {
  readonly mode: 'linear' | 'dynamic';
  readonly gainDb: number;
  /** Where the limiter stands, dBFS. */
  readonly limitDb?: number;
}

/** How a track reaches the loudness that was asked for. `silent`: it has none; `untouched`: it is copied, or made up; `unreachable`: limited peaks leave it softer. */
export type LoudnessFinding =
  | (Gain & { readonly sourceLufs: number; readonly sourcePeakDbtp: number })
  | { readonly mode: 'unreachable'; readonly reachedLufs: number }
  | { readonly mode: 'silent' | 'untouched' };

/** What the source tells of samples beyond themselves. */
export interface SampledSource {
  /** How much its own bytes ask for in a stretch as long as a part, in no unit: on average over the film, and in each part. */
  readonly film: number;
  readonly parts: readonly number[];
  /** Seconds of it that are decoded for the parts and not for the film. */
  readonly inVainSec: number;
}

/** What samples of the film came to, encoded with the export's own settings. */
export interface SampleFinding {
  /** The only part is the whole film. */
  readonly whole: boolean;
  /** Seconds on the output's time line; bytes and frames of the encoded picture. */
  readonly parts: readonly {
    readonly fromSec: number;
    readonly durationSec: number;
    readonly bytes: number;
    readonly frames: number;
  }[];
  /** What the encoder writes once, at the head of its track: parameters, and what x265 tells of itself. */
  readonly headerBytes: number;
  /** Encoded sound, all tracks together: `sec` of the film, in `spentSec` of work by itself. Undefined where none was encoded. */
  readonly sound?: {
    readonly bytes: number;
    readonly packets: number;
    readonly sec: number;
    readonly spentSec: number;
  };
  /** What the source has in them; undefined for a whole film. */
  readonly source?: SampledSource;
  /** Seconds of all processors for the picture, in all passes; undefined where ffmpeg did not tell. */
  readonly processorSec?: number;
  /** Seconds of work for a frame, in all passes. */
  readonly secPerFrame: number;
  /** Seconds before the first frames came out, in all passes. */
  readonly startSec: number;
  /** Seconds that the samples took, with finding their places. */
  readonly spentSec: number;
}

/** What was measured of a source before deciding. A key that is absent was not asked for. */
export interface Analyses {
  readonly interlace?: InterlaceFinding;
  readonly telecine?: TelecineFinding;
  /** In the picture as it is shown: turned by its matrix, or by `--rotate`. */
  readonly bars?: BarsFinding;
  /** Of each delivered audio track, in their order. */
  readonly loudness?: readonly LoudnessFinding[];
}
