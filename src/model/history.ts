import type { JobStatus } from './events.ts';
import type { Stage } from './plan.ts';

/** A row of history, under the data model's names. Times are ISO 8601 in UTC. */
export interface JobRecord {
  readonly export_id: string;
  readonly status: JobStatus;
  readonly progress: number;
  readonly current_stage: Stage;
  /** Absolute path of the source. */
  readonly source: string;
  readonly export_config: Readonly<Record<string, unknown>>;
  readonly output_files: readonly string[];
  readonly file_sizes: Readonly<Record<string, number>>;
  readonly error_message: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly host: string;
  readonly pid: number;
}

/** The identity of a file's content: the quick one first, the digest where the quick one differs. */
export interface FileStamp {
  readonly path: string;
  readonly bytes: number;
  /** Nanoseconds, as a decimal string: a double cannot hold them. */
  readonly mtimeNs: string;
  readonly inode: string;
  /** `sha256:…` */
  readonly sha256: string;
}

/** What is remembered of a file that sg-export wrote: `--skip-existing` and receipts read it. */
export interface OutputRecord {
  readonly export_id: string;
  readonly output: FileStamp;
  readonly source: FileStamp;
  /** Digest of everything in the request that shapes the output. */
  readonly requestHash: string;
}

/** Files that are about to go into place: kept before the first one goes, for as long as the export has not come to its end. */
export interface PlacingRecord {
  readonly export_id: string;
  /** The film, then the pictures beside it. */
  readonly outputs: readonly OutputRecord[];
  /** Absolute path of the receipt that follows them, if one was asked for. */
  readonly receipt: string | undefined;
}

/** What exports have in common that are forecast alike, and so wrongly alike. */
export interface ForecastKey {
  /** Processor and number of cores. */
  readonly machine: string;
  readonly encoder: string;
  readonly speed: string;
  /** Of rate control, with its passes. */
  readonly mode: string;
  /** How it was forecast: `arithmetic`, `samples`, `whole`. */
  readonly method: string;
}

/** What was forecast of an export, what of that was said after corrections, and what came. Null: not known. */
export interface ForecastRecord extends ForecastKey {
  readonly export_id: string;
  readonly forecast_bytes: number;
  readonly said_bytes: number;
  readonly came_bytes: number;
  readonly forecast_sec: number | null;
  readonly said_sec: number | null;
  readonly came_sec: number | null;
  /** Millions of pixels in the delivered film. */
  readonly megapixels: number;
}

/** The process that runs a `multi`. */
export type RunOwner = Pick<MultiRecord, 'host' | 'pid'>;

/** A `multi` that was begun, so that it can be taken up again. */
export interface MultiRecord {
  readonly multi_id: string;
  /** What was asked for, as JSON. */
  readonly request: unknown;
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled';
  readonly created_at: string;
  readonly host: string;
  readonly pid: number;
}

/**
 * How history is kept. Every method may be called on a broken database: it then does nothing and
 * `problem` says why, because history never stops an export.
 */
export interface History {
  /** Why history is not being kept, or undefined. */
  readonly problem: string | undefined;
  insertJob(job: JobRecord): void;
  updateJob(exportId: string, change: Partial<Omit<JobRecord, 'export_id'>>): void;
  /** Newest first. */
  listJobs(options?: { readonly limit?: number; readonly status?: JobStatus }): readonly JobRecord[];
  getJob(exportId: string): JobRecord | undefined;
  /** Marks a job for cancellation; false when it is unknown or already over. */
  requestCancel(exportId: string): boolean;
  isCancelRequested(exportId: string): boolean;
  /** Jobs that say they run but whose process `isAlive` denies become failed. Returns how many. */
  sweepDead(isAlive: (job: JobRecord) => boolean): number;
  /** The same id again is the same run, taken up. */
  insertMulti(multi: MultiRecord): void;
  /** Makes a run that is over the run of another process, if it is still of the one that it was found of; false where another one was faster. */
  takeUpMulti(found: RunOwner & Pick<MultiRecord, 'multi_id'>, by: RunOwner): boolean;
  finishMulti(multiId: string, status: MultiRecord['status']): void;
  /** Asks a running `multi` to stop; false when it is unknown or over. It sees that in its `multiStatus`. */
  cancelMulti(multiId: string): boolean;
  multiStatus(multiId: string): MultiRecord['status'] | undefined;
  /** Of this user, newest first. */
  unfinishedMultis(): readonly MultiRecord[];
  rememberOutput(record: OutputRecord): void;
  findOutput(path: string): OutputRecord | undefined;
  announcePlacing(placing: PlacingRecord): void;
  forgetPlacing(exportId: string): void;
  /** Of exports that run, and of those that were killed before their end. */
  listPlacings(): readonly PlacingRecord[];
  /** One for each method that an export was forecast by. */
  rememberForecast(record: ForecastRecord): void;
  /** The best of them. */
  forecastOf(exportId: string): ForecastRecord | undefined;
  /** Of this kind, newest first. */
  listForecasts(key: ForecastKey, limit: number): readonly ForecastRecord[];
  /** Small cached facts, such as what an ffmpeg can do; `key` holds everything that they depend on. */
  getCached(kind: string, key: string): unknown;
  putCached(kind: string, key: string, value: unknown): void;
  /** Custom presets: the sparse JSON object under its id. */
  listPresets(): readonly StoredPreset[];
  savePreset(preset: StoredPreset): void;
  deletePreset(presetId: string): boolean;
  close(): void;
}

export interface StoredPreset {
  readonly preset_id: string;
  readonly name: string;
  readonly description: string;
  /** The flags' names in snake_case with their values. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly updated_at: string;
}
