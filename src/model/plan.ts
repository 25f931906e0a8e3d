import type { SessionPool } from './hardware.ts';
import type { ColourTags } from './media.ts';
import type { Rational } from './rational.ts';
import type { Settings, SettingsFrom } from './settings.ts';
import type { ThumbnailPlan } from './thumbnails.ts';

/** Stages as history and `--json` name them. */
export type Stage = 'preparation' | 'first_pass' | 'encoding' | 'audio' | 'muxing' | 'optimization';

/**
 * One ffmpeg process. It runs in the job's scratch folder, so every name that sg-export makes up is a
 * plain relative name; only sources are absolute (`file:/…`), and no name ever needs escaping.
 */
export interface Step {
  readonly id: string;
  readonly stage: Stage;
  /** Arguments after the program's name and the engine's own (`-nostdin`, `-progress`, log level). */
  readonly args: readonly string[];
  /** Environment beyond the user's, such as `SVT_LOG=1`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs on a device that takes only so many at once. */
  readonly sessions?: SessionPool;
  /** Media seconds that the step walks through; progress is measured against it. */
  readonly mediaSec: number;
  /** Names in the scratch folder that must exist and not be empty afterwards. */
  readonly writes: readonly string[];
  /** Reads the source, so its complaints are the source's decode errors. */
  readonly readsSource: boolean;
  /** What it wrote is weighed, and the plan revised by it. `kbps`: what the picture was granted; 0 without a picture. */
  readonly observed?: { readonly kbps: number };
  /** The part of its stage's progress that it makes, where the stage may take several tries. */
  readonly share?: readonly [from: number, to: number];
}

/** One delivery: the steps that make it, what it must be, and where it goes. */
export interface Plan {
  readonly source: string;
  /** Small files written into the scratch folder before the first step: content by name. */
  readonly texts: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Name of the finished file in the scratch folder. */
  readonly product: string;
  readonly destination: string;
  readonly expectation: Expectation;
  readonly settings: Settings;
  readonly settingsFrom: SettingsFrom;
  readonly warnings: readonly string[];
  /** Bytes, an upper guess, for the disk-space check. */
  readonly estimatedBytes: number;
  readonly passes: number;
  /** What is said of the finished file's size before it is put into place. */
  readonly sizeLimits?: readonly SizeLimit[];
  /** How the source is brought to the output's shape for SSIM and PSNR; undefined for a stream copy. */
  readonly comparison: Comparison | undefined;
  /** Pictures that go beside the film. */
  readonly thumbnails?: ThumbnailPlan;
  /** What is carried out in its place where the device that it runs on fails; nothing where left out. */
  readonly instead?: Alternative;
}

/** The next attempt at the same delivery. */
export interface Alternative {
  /**
   * `encoder`: only a device without memory, without a free session, or lost. `chain`: also what the device cannot decode or
   * filter; what it says of the source is then asked of the decoder in software.
   */
  readonly after: 'encoder' | 'chain';
  /** How the plan that takes over works: `in software`. */
  readonly how: string;
  readonly plan: Plan;
}

/** What an observed step wrote. */
export interface Observation {
  readonly stepId: string;
  readonly kbps: number;
  readonly bytes: number;
  /** Its name in the scratch folder. */
  readonly product: string;
}

/** The plan as it goes on after what was observed: its steps are those still to be run. */
export interface Revision {
  readonly plan: Plan;
  /** Names in the scratch folder that nothing needs any more. */
  readonly discard: readonly string[];
}

/** A size that a file should not exceed. */
export interface SizeLimit {
  readonly bytes: number;
  /** A larger file is not delivered (TARGET); else it is worth a warning. */
  readonly refuses: boolean;
  /** Who says so, where: `X (api) takes at most 512 MB (https://…, 2026-11-01)`. */
  readonly reason: string;
  readonly hint: string;
}

/** Pictures as a comparison takes them: what opens them, and the filters that bring them to the common shape. */
export interface ComparedPictures {
  readonly inputArgs: readonly string[];
  /** Which stream of that input: `1`, `v:0`. */
  readonly stream: string;
  /** Empty where they have the shape. */
  readonly chain: string;
  /** Other streams of that input that were in use when the pictures were made: they decide where ffmpeg sets its zero. */
  readonly beside?: readonly number[];
}

/** What a film is compared with, and the shape in which both are. */
export interface Comparison {
  readonly reference: ComparedPictures;
  readonly rate: Rational;
  readonly pixelFormat: string;
  readonly colour: ColourTags;
}

/** What the output must be; verification compares each field that is not undefined with what ffprobe finds. */
export interface Expectation {
  readonly container: 'mp4' | 'mov' | 'webm' | 'mkv';
  readonly fastStart: boolean;
  readonly fragmented: boolean;
  readonly video: ExpectedVideo;
  readonly audio: readonly ExpectedAudio[];
  readonly subtitles: readonly { readonly codec: string }[];
  /** Seconds. */
  readonly durationSec: number;
  readonly chapters: number | undefined;
  readonly noEditList: boolean;
}

export interface ExpectedVideo {
  readonly codec: string;
  /** ffprobe's names that are all right, such as Constrained Baseline for Baseline. */
  readonly profiles: readonly string[] | undefined;
  readonly codecTag: string | undefined;
  readonly pixelFormat: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly sampleAspect: Rational | undefined;
  /** Undefined for a variable frame rate. */
  readonly frameRate: Rational | undefined;
  readonly frames: number | undefined;
  /** Frames by which the count may differ. */
  readonly frameTolerance: number;
  /** Frames that a source cut between its B-frames may show behind what its header counts; by default none. */
  readonly laterFrames?: number;
  readonly colour: Partial<ColourTags>;
  readonly progressive: boolean | undefined;
  /** Seconds between keyframes at most; undefined when the encoder was not asked. */
  readonly keyframeSec: number | undefined;
  readonly hdr: boolean;
}

export interface ExpectedAudio {
  readonly codec: string;
  readonly channels: number | undefined;
  readonly sampleRate: number | undefined;
  readonly language: string | undefined;
  /** Silence in front that the container cannot hide: so much the track may begin before the picture. */
  readonly primingSec?: number;
  /** Integrated loudness, LUFS, within half a unit. */
  readonly loudnessLufs: number | undefined;
  /** Seconds that the track may end before or after the picture; undefined: as the source has it. */
  readonly endToleranceSec: number | undefined;
}
