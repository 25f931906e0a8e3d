import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';

const PRESETS: Readonly<Record<Speed, string>> = {
  ultrafast: 'veryfast',
  fast: 'faster',
  medium: 'medium',
  slow: 'slower',
  veryslow: 'veryslow',
};

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    // A quality without a rate is Intel's ICQ.
    case 'crf':
      return ['-global_quality', `${rate.crf}`];
    case 'vbr':
    // An equal maximum is what makes the rate constant.
    case 'cbr':
      return ['-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'abr':
      return ['-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

const common = (spec: EncodeSpec): readonly string[] => [
  ...['-preset', PRESETS[spec.speed], ...rateArgs(spec)],
  // Forced keyframes are IDR frames only where that is said.
  ...['-forced_idr', '1', '-g', `${spec.gop.frames}`],
];

const SHARED = {
  hardware: 'qsv',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: true },
  crfMeans: '-global_quality (ICQ)',
  uncapped: true,
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: null,
  speeds: {
    ultrafast: 'preset veryfast',
    fast: 'preset faster',
    medium: 'preset medium',
    slow: 'preset slower',
    veryslow: 'preset veryslow',
  },
  intraOnly: false,
  forcesKeyframes: true,
  layouts: { yuv420p: 'nv12', yuv420p10le: 'p010le' },
  minWidth: 32,
  minHeight: 32,
} as const satisfies Partial<EncoderRow>;

const LOW_POWER: EncoderRow['settings'] = {
  low_power: { type: 'int', min: 0, max: 1, help: 'the fixed-function encoder, where there are two' },
};
const lowPower = ({ custom }: EncodeSpec): readonly string[] =>
  custom.low_power ? ['-low_power', custom.low_power] : [];

export const h264Qsv: EncoderRow = {
  ...SHARED,
  encoder: 'h264_qsv',
  formats: [format('yuv420p', 8, 420, ['High', 'Main'])],
  levels: { draft: 28, low: 26, medium: 23, high: 20, ultra: 17 },
  maxBFrames: 3,
  settings: { ...LOW_POWER, bframes: { type: 'int', min: 0, max: 3, help: 'consecutive B-frames' } },
  maxWidth: 4096,
  maxHeight: 4096,
  args: (spec) => [
    ...['-c:v', 'h264_qsv', ...common(spec), ...lowPower(spec), '-profile:v', 'high'],
    ...['-bf', spec.custom.bframes ?? `${spec.gop.bFrames ?? 2}`],
  ],
};

export const hevcQsv: EncoderRow = {
  ...SHARED,
  encoder: 'hevc_qsv',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main 10'])],
  levels: { draft: 30, low: 28, medium: 25, high: 22, ultra: 19 },
  maxBFrames: 3,
  settings: LOW_POWER,
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => [
    ...['-c:v', 'hevc_qsv', ...common(spec), ...lowPower(spec)],
    ...['-profile:v', spec.pixelFormat === 'yuv420p10le' ? 'main10' : 'main', '-idr_interval', '0', ...hvcTag(spec)],
  ],
};

export const av1Qsv: EncoderRow = {
  ...SHARED,
  encoder: 'av1_qsv',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main'])],
  levels: { draft: 34, low: 30, medium: 25, high: 19, ultra: 15 },
  settings: {},
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => ['-c:v', 'av1_qsv', ...common(spec)],
};

export const vp9Qsv: EncoderRow = {
  ...SHARED,
  encoder: 'vp9_qsv',
  formats: [format('yuv420p', 8, 420, ['Profile 0']), format('yuv420p10le', 10, 420, ['Profile 2'])],
  levels: { draft: 34, low: 30, medium: 26, high: 22, ultra: 18 },
  settings: LOW_POWER,
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => [
    ...['-c:v', 'vp9_qsv', ...common(spec), ...lowPower(spec)],
    ...['-profile:v', spec.pixelFormat === 'yuv420p10le' ? 'profile2' : 'profile0'],
  ],
};
