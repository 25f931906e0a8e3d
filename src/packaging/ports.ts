import type { Rational } from '../model/rational.ts';
import type { ByteRange } from './package.ts';

/** The files of a package's folder. Paths are relative to it, with forward slashes, and never lead out of it. */
export interface PackageFiles {
  /** Bytes of each regular file below the folder. */
  readonly sizes: ReadonlyMap<string, number>;
  /** A whole file, or a range of one; what lies beyond its end is missing from the answer. */
  read(path: string, range?: ByteRange): Promise<Uint8Array>;
}

/** What a decoder's probe says of the first film stream of some bytes, where reading them ourselves would be a decoder. */
export interface ProbedVideo {
  readonly width: number;
  readonly height: number;
  readonly frameRate: Rational | undefined;
  /** ffmpeg's name of the transfer characteristics: `smpte2084`, `arib-std-b67`, `bt709`; undefined where it says nothing. */
  readonly transfer: string | undefined;
}

export interface ProbedMedia {
  readonly video: ProbedVideo | undefined;
  readonly audio: { readonly channels: number; readonly sampleRate: number } | undefined;
}

/** Probes a playable piece: a header with its first segment, or a transport stream's segment. Undefined: it is no media. */
export type ProbeBytes = (bytes: Uint8Array) => Promise<ProbedMedia | undefined>;

/** What a decoder makes of a picture that stands alone. */
export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** What the decoder said of it; undefined where all is well. */
  readonly complaint: string | undefined;
}

/** What the judge asks a decoder, where reading for ourselves would be writing one. */
export interface Decoder {
  readonly probe: ProbeBytes;
  /** Undefined: it is no picture. */
  readonly picture: (bytes: Uint8Array) => Promise<DecodedPicture | undefined>;
}
