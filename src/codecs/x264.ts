import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, vbvArgs } from './encoder-row.ts';

/** Its fast takes 4 to 14 % less CPU time than its medium and 2 to 3 % more bytes at equal SSIM; veryfast 25 to 44 % less, 14 to 21 % more bytes. */
const PRESETS: Readonly<Record<Speed, string>> = {
  ultrafast: 'ultrafast',
  fast: 'fast',
  medium: 'medium',
  slow: 'slow',
  veryslow: 'veryslow',
};

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      return ['-crf', `${rate.crf}`, ...vbvArgs(rate.vbv)];
    case 'vbr':
      return ['-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    // nal-hrd=cbr writes the filler that makes the rate constant.
    case 'cbr':
      return ['-b:v', `${rate.kbps}k`, '-minrate', `${rate.kbps}k`, ...vbvArgs(rate.vbv), '-nal-hrd', 'cbr'];
    case 'abr':
      return ['-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

/** ultrafast drops CABAC, the 8x8 transform and B-frames, and the stream is then Constrained Baseline whatever the profile says. */
function featureArgs({ gop }: EncodeSpec): readonly string[] {
  const bFrames = gop.bFrames ?? (gop.fullHigh ? 2 : undefined);
  return [
    ...(gop.fullHigh ? ['-coder', 'ac', '-8x8dct', '1'] : []),
    ...(bFrames === undefined ? [] : ['-bf', `${bFrames}`]),
  ];
}

const PROFILE_BY_FORMAT: Readonly<Record<string, string>> = {
  yuv420p: 'high',
  yuv420p10le: 'high10',
  yuv422p: 'high422',
  yuv422p10le: 'high422',
  yuv444p: 'high444',
  yuv444p10le: 'high444',
};

/**
 * With one reference frame, as in its fast first pass, x264 with mbtree decides otherwise now and then while its lookahead
 * has a thread of its own: 9 of 40 first passes of one film on a busy machine (5.1.9), and 0 of 40 with this.
 */
const hasOneReference = ({ pass, custom }: EncodeSpec): boolean => pass === 1 || custom.refs === '1';

const INLINE_LOOKAHEAD = ['-x264-params', 'sync-lookahead=0'];
/** One picture waits for the thread that looks ahead, in place of one more than there are B-frames in a row. */
const LEAN_LOOKAHEAD = ['-x264-params', 'sync-lookahead=1'];

function lookaheadArgs(spec: EncodeSpec): readonly string[] {
  if (hasOneReference(spec)) return INLINE_LOOKAHEAD;
  return spec.leanLookahead ? LEAN_LOOKAHEAD : [];
}

/** The one profile that holds lossless pictures, whatever their chroma. */
const LOSSLESS = 'High 4:4:4 Predictive';
const LOSSLESS_BELOW = 1;

/** x264 refuses to write lossless pictures into any other profile; ten bits are never lossless. */
function profileOf({ rate, pixelFormat }: EncodeSpec): string {
  const lossless = rate.mode === 'crf' && rate.crf < LOSSLESS_BELOW && !pixelFormat.endsWith('10le');
  return lossless ? 'high444' : (PROFILE_BY_FORMAT[pixelFormat] ?? 'high');
}

export const x264: EncoderRow = {
  encoder: 'libx264',
  hardware: null,
  formats: [
    // At ultrafast x264 writes Constrained Baseline and says so; both are H.264 that plays everywhere.
    format('yuv420p', 8, 420, ['High', 'Main', 'Constrained Baseline', LOSSLESS]),
    format('yuv420p10le', 10, 420, ['High 10']),
    format('yuv422p', 8, 422, ['High 4:2:2', LOSSLESS]),
    format('yuv422p10le', 10, 422, ['High 4:2:2']),
    format('yuv444p', 8, 444, [LOSSLESS]),
    format('yuv444p10le', 10, 444, [LOSSLESS]),
  ],
  crf: { min: 0, max: 51, best: 18, whole: false, losslessBelow: LOSSLESS_BELOW },
  levels: { draft: 28, low: 26, medium: 23, high: 20, ultra: 17 },
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  // Beside it lies pass-0.log.mbtree, but not at ultrafast nor tuned for zero latency; the second pass asks for it itself.
  twoPass: ['pass-0.log'],
  // One pass came to 18 % below the average on a clip of 5 s (bbb), two to within 2.9 %, and at a better SSIM.
  twoPassModes: ['abr'],
  speeds: {
    ultrafast: 'preset ultrafast',
    fast: 'preset fast',
    medium: 'preset medium',
    slow: 'preset slow',
    veryslow: 'preset veryslow',
  },
  basicSpeeds: ['ultrafast'],
  settings: {
    tune: {
      type: 'enum',
      values: ['film', 'animation', 'grain', 'stillimage', 'fastdecode', 'zerolatency'],
      help: 'what the encoder is tuned for',
    },
    profile: {
      type: 'enum',
      values: ['baseline', 'main', 'high', 'high10', 'high422', 'high444'],
      help: 'H.264 profile (default by pixel format)',
    },
    level: { type: 'number', min: 1, max: 6.2, help: 'H.264 level (default: the lowest that fits)' },
    bframes: { type: 'int', min: 0, max: 16, help: 'consecutive B-frames' },
    refs: { type: 'int', min: 1, max: 16, help: 'reference frames' },
    aq_mode: { type: 'int', min: 0, max: 3, help: 'adaptive quantisation mode' },
  },
  intraOnly: false,
  forcesKeyframes: true,
  maxWidth: 16384,
  maxHeight: 16384,
  minWidth: 2,
  minHeight: 2,
  args: (spec) => [
    '-c:v',
    'libx264',
    '-preset',
    PRESETS[spec.speed],
    ...rateArgs(spec),
    '-profile:v',
    spec.custom.profile ?? profileOf(spec),
    ...(spec.custom.level ? ['-level:v', spec.custom.level] : []),
    ...featureArgs(spec),
    ...(spec.custom.tune ? ['-tune', spec.custom.tune] : []),
    ...(spec.custom.bframes ? ['-bf', spec.custom.bframes] : []),
    ...(spec.custom.refs ? ['-refs', spec.custom.refs] : []),
    ...(spec.custom.aq_mode ? ['-aq-mode', spec.custom.aq_mode] : []),
    '-g',
    `${spec.gop.frames}`,
    ...(spec.gop.exact ? ['-keyint_min', `${spec.gop.frames}`, '-sc_threshold', '0'] : []),
    ...(spec.threads ? ['-threads:v', `${spec.threads}`] : []),
    ...lookaheadArgs(spec),
    ...(spec.pass ? ['-pass', `${spec.pass}`, '-passlogfile', 'pass'] : []),
  ],
};
