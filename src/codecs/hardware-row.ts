import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, format } from './encoder-row.ts';

/*
 * Options, their values and ranges were read in the source of ffmpeg 7.0.2 (libavcodec: nvenc*.c, qsvenc*.c, vaapi_encode*.c, amfenc*.c,
 * videotoolboxenc.c) and, for those that it lists, in what `ffmpeg -h encoder=NAME` of 5.1.9 prints. Nothing is passed that
 * 5.1 lacks, unless the row says since when. None of it was run on a device yet (test/gpu).
 */

/** What the encoders of one maker have in common. */
export interface Maker extends Omit<EncoderRow, 'encoder' | 'formats' | 'levels' | 'maxWidth' | 'maxHeight'> {
  /** Between the encoder's name and what is its own. */
  readonly args: EncoderRow['args'];
}

/** What sets an encoder apart from the others of its maker. */
interface Own
  extends Pick<EncoderRow, 'encoder' | 'formats' | 'levels' | 'maxWidth' | 'maxHeight'>,
    Partial<Omit<Maker, 'args'>> {
  /** Its word for the profile of each pixel format; none where it finds that itself. */
  readonly profiles?: Readonly<Record<string, string>>;
  readonly args?: EncoderRow['args'];
}

/** A hardware encoder's row. */
export function hardwareRow(maker: Maker, { profiles, args, ...own }: Own): EncoderRow {
  return {
    ...maker,
    ...own,
    args: (spec) => {
      const profile = profiles?.[spec.pixelFormat];
      return [
        ...['-c:v', own.encoder, ...maker.args(spec), ...(profile ? ['-profile:v', profile] : [])],
        ...(args?.(spec) ?? []),
      ];
    },
  };
}

/** Encoders keep chroma in one plane. */
export const LAYOUTS = { yuv420p: 'nv12', yuv420p10le: 'p010le' } as const;

export const H264_FORMATS = [format('yuv420p', 8, 420, ['High', 'Main'])] as const;
export const H264_PROFILES = { yuv420p: 'high' } as const;
export const HEVC_FORMATS = [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main 10'])] as const;
export const HEVC_PROFILES = { yuv420p: 'main', yuv420p10le: 'main10' } as const;
export const VP9_FORMATS = [
  format('yuv420p', 8, 420, ['Profile 0']),
  format('yuv420p10le', 10, 420, ['Profile 2']),
] as const;
export const AV1_FORMATS = [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main'])] as const;

/** x264's and x265's own levels, where the scale is H.264's and H.265's quantiser. */
export const H264_LEVELS = { draft: 28, low: 26, medium: 23, high: 20, ultra: 17 } as const;
export const HEVC_LEVELS = { draft: 30, low: 28, medium: 25, high: 22, ultra: 19 } as const;
/** SVT-AV1's levels on AV1's quantiser index: four for each step. */
export const AV1_INDEX_LEVELS = { draft: 168, low: 148, medium: 124, high: 96, ultra: 72 } as const;

/** What `codecs ID` says of the speeds: `preset p4`. */
export const speedWords = (
  option: string,
  words: Readonly<Record<Speed, string>>,
): Readonly<Record<Speed, string>> => ({
  ultrafast: `${option} ${words.ultrafast}`,
  fast: `${option} ${words.fast}`,
  medium: `${option} ${words.medium}`,
  slow: `${option} ${words.slow}`,
  veryslow: `${option} ${words.veryslow}`,
});

/** Of an encoder that has one speed: whose it is. */
export const oneSpeed = (whose: string): Readonly<Record<Speed, string>> => ({
  ...{ ultrafast: whose, fast: whose, medium: whose, slow: whose, veryslow: whose },
});
