import type { ErrorCode } from './errors.ts';
import type { Stage } from './plan.ts';
import type { Settings, SettingsFrom } from './settings.ts';

export const JOB_STATUSES = [
  'queued',
  'preparing',
  'encoding',
  'optimizing',
  'finalizing',
  'completed',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A moment of a run. Unknown figures are null; `progress` is 0–100 and never falls. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly export_id: string;
  readonly status: JobStatus;
  readonly progress: number;
  readonly current_stage: Stage;
  readonly fps: number | null;
  /** Times real time. */
  readonly speed: number | null;
  /** Seconds left. */
  readonly estimated_time: number | null;
  /** Bytes written so far by the step that makes the film. */
  readonly bytes: number | null;
}

export interface Check {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
}

export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly ssim?: number;
  readonly psnr?: number;
}

/** The last word on an export: the contract's result line. */
export interface ExportResult {
  readonly type: 'result';
  readonly export_id: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly progress: number;
  readonly current_stage: Stage;
  readonly source: string;
  readonly output_files: readonly string[];
  readonly file_sizes: Readonly<Record<string, number>>;
  readonly checksums: Readonly<Record<string, string>>;
  /** Seconds of processing. */
  readonly duration: number;
  readonly encoder: string | null;
  readonly hardware: string | null;
  readonly passes: number;
  readonly settings: Settings | null;
  readonly settings_from: SettingsFrom | null;
  readonly verification: Verification | null;
  readonly warnings: readonly string[];
  readonly error_code: ErrorCode | null;
  readonly error_message: string | null;
  /** True where `--skip-existing` found the destination complete. */
  readonly skipped?: boolean;
  /** Set where the source was decoded once for this and other exports. */
  readonly shared?: 'decode';
}

/** A result's keys where nothing is known of what was made, or nothing was. */
export const NOTHING_MADE = {
  output_files: [],
  file_sizes: {},
  checksums: {},
  duration: 0,
  encoder: null,
  hardware: null,
  passes: 0,
  settings: null,
  settings_from: null,
  verification: null,
  warnings: [],
  error_code: null,
  error_message: null,
} satisfies Partial<ExportResult>;

/** What exports of one source that ran together did once for all of them. */
export interface Sharing {
  readonly exports: number;
  readonly decodes: number;
  /** Decodes that processes of their own would have made beyond these. */
  readonly decodes_saved: number;
  /** Encodes of sound that processes of their own would have made beyond these: sound that several exports have in common is encoded once. */
  readonly sounds_saved: number;
  /** Processor seconds that the decodes would have taken: measured of some pictures of the first source of its kind. Null where that could not be. */
  readonly saved_cpu_seconds: number | null;
}

/** A folder for a web server that was made. Paths are absolute. */
export interface PackageResult {
  readonly kind: 'hls' | 'dash' | 'cmaf';
  readonly folder: string;
  /** What a player is pointed at: the first of `manifests`. */
  readonly manifest: string;
  readonly manifests: readonly string[];
  readonly files: readonly string[];
  readonly bytes: number;
  /** Renditions of each kind: rungs of the picture, tracks of sound and of text. */
  readonly renditions: { readonly video: number; readonly audio: number; readonly text: number };
  /** True where `--skip-existing` found it complete. */
  readonly skipped?: boolean;
}

/** The last word on several exports: the contract's result line of `multi`. */
export interface MultiResult {
  readonly type: 'result';
  readonly multi_id: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly exports: readonly ExportResult[];
  readonly packages: readonly PackageResult[];
  /** Null where nothing was shared. */
  readonly sharing: Sharing | null;
  /** PARTIAL where some were done and some not. */
  readonly error_code: ErrorCode | null;
  readonly error_message: string | null;
}

export type RunEvent =
  | ProgressEvent
  | { readonly type: 'warning'; readonly export_id: string; readonly message: string };
