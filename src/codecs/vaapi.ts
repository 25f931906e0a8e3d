import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';

/** Constant QP is the one quality that every driver has; Intel's ICQ and QVBR are not AMD's. */
function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      return ['-rc_mode', 'CQP', '-global_quality', `${rate.crf}`];
    case 'vbr':
      return ['-rc_mode', 'VBR', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
      return ['-rc_mode', 'CBR', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'abr':
      return ['-rc_mode', 'VBR', '-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

/** Every I-frame is an IDR with an interval of 0, the forced ones too. */
const common = (spec: EncodeSpec): readonly string[] => [
  ...[...rateArgs(spec), '-idr_interval', '0', '-g', `${spec.gop.frames}`],
  // What B-frames a driver makes differs from one to the next: none is what all of them make.
  ...['-bf', '0'],
  ...(spec.custom.low_power ? ['-low_power', spec.custom.low_power] : []),
];

const OWN_SPEED = "the driver's own";

const SHARED = {
  hardware: 'vaapi',
  levelsUnmeasured: true,
  uncapped: true,
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: null,
  speeds: { ultrafast: OWN_SPEED, fast: OWN_SPEED, medium: OWN_SPEED, slow: OWN_SPEED, veryslow: OWN_SPEED },
  intraOnly: false,
  forcesKeyframes: true,
  maxBFrames: 0,
  layouts: { yuv420p: 'nv12', yuv420p10le: 'p010le' },
  settings: { low_power: { type: 'int', min: 0, max: 1, help: 'the fixed-function encoder, where there are two' } },
  minWidth: 32,
  minHeight: 32,
} as const satisfies Partial<EncoderRow>;

const QP = { crf: { min: 1, max: 51, best: 19, whole: true }, crfMeans: '-global_quality (QP)' } as const;
const QUANTISER = {
  crf: { min: 1, max: 255, best: 72, whole: true },
  crfMeans: '-global_quality (quantiser index)',
} as const;

export const h264Vaapi: EncoderRow = {
  ...SHARED,
  ...QP,
  encoder: 'h264_vaapi',
  formats: [format('yuv420p', 8, 420, ['High', 'Main'])],
  levels: { draft: 28, low: 26, medium: 23, high: 20, ultra: 17 },
  maxWidth: 4096,
  maxHeight: 4096,
  args: (spec) => ['-c:v', 'h264_vaapi', ...common(spec), '-profile:v', 'high', '-coder', 'cabac'],
};

export const hevcVaapi: EncoderRow = {
  ...SHARED,
  ...QP,
  encoder: 'hevc_vaapi',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main 10'])],
  levels: { draft: 30, low: 28, medium: 25, high: 22, ultra: 19 },
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => [
    ...['-c:v', 'hevc_vaapi', ...common(spec)],
    ...['-profile:v', spec.pixelFormat === 'yuv420p10le' ? 'main10' : 'main', ...hvcTag(spec)],
  ],
};

export const vp9Vaapi: EncoderRow = {
  ...SHARED,
  ...QUANTISER,
  encoder: 'vp9_vaapi',
  formats: [format('yuv420p', 8, 420, ['Profile 0']), format('yuv420p10le', 10, 420, ['Profile 2'])],
  // libvpx's own table from its CRF to the index: four for each step below 62.
  levels: { draft: 160, low: 144, medium: 128, high: 112, ultra: 96 },
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => ['-c:v', 'vp9_vaapi', ...common(spec)],
};

export const av1Vaapi: EncoderRow = {
  ...SHARED,
  ...QUANTISER,
  encoder: 'av1_vaapi',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main'])],
  // SVT-AV1's levels by the same table.
  levels: { draft: 168, low: 148, medium: 124, high: 96, ultra: 72 },
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => ['-c:v', 'av1_vaapi', ...common(spec)],
};
