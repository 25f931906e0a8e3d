import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';

const QUALITIES: Readonly<Record<Speed, string>> = {
  ultrafast: 'speed',
  fast: 'speed',
  medium: 'balanced',
  slow: 'quality',
  veryslow: 'quality',
};

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      return ['-rc', 'cqp', '-qp_i', `${rate.crf}`, '-qp_p', `${rate.crf}`];
    case 'vbr':
      return ['-rc', 'vbr_peak', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
      return ['-rc', 'cbr', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'abr':
      return ['-rc', 'vbr_peak', '-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

const common = (spec: EncodeSpec): readonly string[] => [
  ...['-usage', 'transcoding', '-quality', QUALITIES[spec.speed], ...rateArgs(spec)],
  ...['-g', `${spec.gop.frames}`],
];

const SHARED = {
  hardware: 'amf',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: true },
  crfMeans: '-qp_i and -qp_p',
  uncapped: true,
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: null,
  speeds: {
    ultrafast: 'quality speed',
    fast: 'quality speed',
    medium: 'quality balanced',
    slow: 'quality quality',
    veryslow: 'quality quality',
  },
  settings: {},
  intraOnly: false,
  // Older versions do not hear of forced keyframes: the length of the GOP makes them.
  forcesKeyframes: false,
  maxBFrames: 0,
  layouts: { yuv420p: 'nv12', yuv420p10le: 'p010le' },
  minWidth: 128,
  minHeight: 128,
} as const satisfies Partial<EncoderRow>;

export const h264Amf: EncoderRow = {
  ...SHARED,
  encoder: 'h264_amf',
  formats: [format('yuv420p', 8, 420, ['High', 'Main'])],
  levels: { draft: 28, low: 26, medium: 23, high: 20, ultra: 17 },
  maxWidth: 4096,
  maxHeight: 4096,
  args: (spec) => ['-c:v', 'h264_amf', ...common(spec), '-profile:v', 'high', '-coder', 'cabac', '-bf', '0'],
};

export const hevcAmf: EncoderRow = {
  ...SHARED,
  encoder: 'hevc_amf',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main 10'])],
  levels: { draft: 30, low: 28, medium: 25, high: 22, ultra: 19 },
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => [
    ...['-c:v', 'hevc_amf', ...common(spec), '-gops_per_idr', '1', ...hvcTag(spec)],
    ...(spec.pixelFormat === 'yuv420p10le' ? ['-profile:v', 'main10'] : ['-profile:v', 'main']),
  ],
};

export const av1Amf: EncoderRow = {
  ...SHARED,
  encoder: 'av1_amf',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main'])],
  crf: { min: 1, max: 255, best: 72, whole: true },
  crfMeans: '-qp_i and -qp_p (quantiser index)',
  // SVT-AV1's levels, four for each step.
  levels: { draft: 168, low: 148, medium: 124, high: 96, ultra: 72 },
  maxWidth: 8192,
  maxHeight: 4352,
  args: (spec) => ['-c:v', 'av1_amf', ...common(spec)],
};
