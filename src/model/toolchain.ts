/** One ffmpeg and the ffprobe beside it, and what they can do. Measured once, then cached by path, size and mtime. */
export interface Toolchain {
  readonly ffmpeg: Binary;
  readonly ffprobe: Binary;
  /** Names as `ffmpeg -encoders` lists them; listed is not the same as usable. */
  readonly encoders: readonly string[];
  readonly filters: readonly string[];
}

export interface Binary {
  readonly path: string;
  /** As printed, such as `5.1.9-0+deb12u1`. */
  readonly version: string;
  /** `[5, 1]`; `[999, 0]` for a git build, which is newer than any release. */
  readonly release: readonly [number, number];
  /** Where it was found. */
  readonly origin: 'flag' | 'env' | 'config' | 'ffmpeg-static' | 'ffprobe-static' | 'path' | 'beside-ffmpeg';
}

export type HardwareKind = 'nvenc' | 'qsv' | 'vaapi' | 'videotoolbox' | 'amf';
