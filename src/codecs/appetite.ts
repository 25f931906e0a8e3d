/** What an encode asks of the machine: rough figures, for deciding what may run together. */
interface Appetite {
  /** Bytes for each pixel of a frame, all look-ahead and reference frames together. */
  readonly bytesPerPixel: number;
  /** Processor seconds for a million pixels, at medium speed. */
  readonly secPerMegapixel: number;
}

/**
 * Measured with ffmpeg 5.1.9: 100 frames of a 1080p film at 1920×1080 in 8 bits, medium speed, two and eight threads
 * (`time -f '%M %U %S' ffmpeg …`), less what decoding and scaling alone took; libaom: 40 frames at 640×360.
 */
const APPETITES: Readonly<Record<string, Appetite>> = {
  copy: { bytesPerPixel: 0, secPerMegapixel: 0 },
  libx264: { bytesPerPixel: 270, secPerMegapixel: 0.065 },
  libx265: { bytesPerPixel: 200, secPerMegapixel: 0.11 },
  'libvpx-vp9': { bytesPerPixel: 140, secPerMegapixel: 0.12 },
  libsvtav1: { bytesPerPixel: 270, secPerMegapixel: 0.11 },
  'libaom-av1': { bytesPerPixel: 290, secPerMegapixel: 0.38 },
  prores_ks: { bytesPerPixel: 15, secPerMegapixel: 0.12 },
  dnxhd: { bytesPerPixel: 105, secPerMegapixel: 0.01 },
};
const UNKNOWN: Appetite = { bytesPerPixel: 290, secPerMegapixel: 0.12 };

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** An ffmpeg that decodes H.264 and scales it to 1080p: 114 MB from 1920×1080. */
const BASE_BYTES = 60e6;
const SOURCE_BYTES_PER_PIXEL = 25;

/** More than eight bits: x265 took 648 MB in place of 392, libvpx 451 in place of 286. */
const DEEP_FACTOR = 1.65;

/** Bytes that an encode with its decoder and filters will need at most, about. */
export function encodeBytes(encoder: string, output: Frame & { readonly pixelFormat: string }, source: Frame): number {
  const { bytesPerPixel } = APPETITES[encoder] ?? UNKNOWN;
  const isDeep = /1[0-6](le|be)$/.test(output.pixelFormat);
  const encoding = bytesPerPixel * (isDeep ? DEEP_FACTOR : 1) * output.width * output.height;
  return BASE_BYTES + encoding + SOURCE_BYTES_PER_PIXEL * source.width * source.height;
}

/** Work of a second of film, relative to others. */
export function encodeWork(encoder: string, output: Frame & { readonly framesPerSec: number }): number {
  const { secPerMegapixel } = APPETITES[encoder] ?? UNKNOWN;
  return (secPerMegapixel * output.width * output.height * output.framesPerSec) / 1e6;
}
