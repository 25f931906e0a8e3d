import type { ByteRange } from './package.ts';

/** The files of a package's folder. Paths are relative to it, with forward slashes, and never lead out of it. */
export interface PackageFiles {
  /** Bytes of each regular file below the folder. */
  readonly sizes: ReadonlyMap<string, number>;
  /** A whole file, or a range of one; what lies beyond its end is missing from the answer. */
  read(path: string, range?: ByteRange): Promise<Uint8Array>;
}
