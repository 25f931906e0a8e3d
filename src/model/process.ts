/** One ffmpeg process to run: what the engine asks of the machine. */
export interface ProcessRequest {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute path of the folder to run in. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Seconds without any sign of life (progress that moves, or stderr) before it counts as stalled; 0 = never. */
  readonly stallSec: number;
  readonly onProgress?: (progress: FfmpegProgress) => void;
  /** Each warning and error on stderr, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** One block of `-progress`. Null where ffmpeg says N/A. */
export interface FfmpegProgress {
  readonly outTimeSec: number | null;
  readonly frame: number | null;
  readonly fps: number | null;
  readonly speed: number | null;
  readonly totalBytes: number | null;
}

/** How it ended. Exit 0 proves nothing: the caller reads `lines` and looks at what was written. */
export interface ProcessResult {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outcome: 'exited' | 'aborted' | 'stalled' | 'not-started';
  /** The last warnings and errors on stderr, at most 400 lines, repeats folded. */
  readonly lines: readonly string[];
  /** What its decoders made of the first input's film streams, where it says so. */
  readonly decoded?: readonly DecodedStream[];
  /** How many pictures went to each film output, in their order, where it says so. */
  readonly encoded?: readonly number[];
  /** Seconds of all processors, of a process that was asked to tell (`-benchmark`). */
  readonly processorSec?: number;
  /** Why it could not be started, where `outcome` is `not-started`. */
  readonly reason?: string;
}

export interface DecodedStream {
  /** Index of the stream in its file. */
  readonly stream: number;
  readonly packets: number;
  readonly frames: number;
}
