import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';

const PRESETS: Readonly<Record<Speed, string>> = {
  ultrafast: 'p1',
  fast: 'p3',
  medium: 'p4',
  slow: 'p6',
  veryslow: 'p7',
};

/** NVENC's target quality is a variable rate without an average: `-b:v 0` takes off the 2 Mbit/s that it has by default. */
function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      return ['-rc', 'vbr', '-cq', `${rate.crf}`, '-b:v', '0', ...vbvArgs(rate.vbv)];
    case 'vbr':
      return ['-rc', 'vbr', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
      return ['-rc', 'cbr', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'abr':
      return ['-rc', 'vbr', '-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

const common = (spec: EncodeSpec): readonly string[] => [
  ...['-preset', PRESETS[spec.speed], '-tune', 'hq', ...rateArgs(spec)],
  // A forced keyframe is a plain I-frame unless it is told to be an IDR.
  ...['-forced-idr', '1', '-g', `${spec.gop.frames}`],
  ...(spec.custom.rc_lookahead ? ['-rc-lookahead', spec.custom.rc_lookahead] : []),
  ...(spec.custom.spatial_aq ? ['-spatial-aq', spec.custom.spatial_aq] : []),
  ...(spec.custom.temporal_aq ? ['-temporal-aq', spec.custom.temporal_aq] : []),
  ...(spec.device ? ['-gpu', `${spec.device.ordinal}`] : []),
];

const SETTINGS: EncoderRow['settings'] = {
  rc_lookahead: { type: 'int', min: 0, max: 32, help: 'frames that rate control looks ahead' },
  spatial_aq: { type: 'int', min: 0, max: 1, help: 'adaptive quantisation within a picture' },
  temporal_aq: { type: 'int', min: 0, max: 1, help: 'adaptive quantisation over time' },
};

const SHARED = {
  hardware: 'nvenc',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: false },
  crfMeans: '-cq',
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  // Its own second pass (-multipass) looks at one picture twice, not at the film: it reads no log.
  twoPass: null,
  speeds: {
    ultrafast: 'preset p1',
    fast: 'preset p3',
    medium: 'preset p4',
    slow: 'preset p6',
    veryslow: 'preset p7',
  },
  intraOnly: false,
  forcesKeyframes: true,
} as const satisfies Partial<EncoderRow>;

const BY_QP = { draft: 28, low: 26, medium: 23, high: 20, ultra: 17 } as const;

export const h264Nvenc: EncoderRow = {
  ...SHARED,
  encoder: 'h264_nvenc',
  formats: [format('yuv420p', 8, 420, ['High', 'Main']), format('yuv444p', 8, 444, ['High 4:4:4 Predictive'])],
  layouts: { yuv420p: 'nv12' },
  levels: BY_QP,
  maxBFrames: 4,
  settings: { ...SETTINGS, bframes: { type: 'int', min: 0, max: 4, help: 'consecutive B-frames' } },
  // Limits of the encoder's own (NVENC capability caps of the Pascal generation and newer).
  maxWidth: 4096,
  maxHeight: 4096,
  minWidth: 146,
  minHeight: 50,
  args: (spec) => [
    ...['-c:v', 'h264_nvenc', ...common(spec)],
    ...['-profile:v', spec.pixelFormat === 'yuv444p' ? 'high444p' : 'high', '-coder', 'cabac'],
    ...['-bf', spec.custom.bframes ?? `${spec.gop.bFrames ?? 2}`],
  ],
};

const HEVC_PROFILES: Readonly<Record<string, string>> = { yuv420p: 'main', yuv420p10le: 'main10' };

export const hevcNvenc: EncoderRow = {
  ...SHARED,
  encoder: 'hevc_nvenc',
  formats: [
    format('yuv420p', 8, 420, ['Main']),
    format('yuv420p10le', 10, 420, ['Main 10']),
    format('yuv444p', 8, 444, ['Rext']),
  ],
  layouts: { yuv420p: 'nv12', yuv420p10le: 'p010le' },
  levels: { draft: 30, low: 28, medium: 25, high: 22, ultra: 19 },
  // Devices before Turing have none, and refuse to open where they are asked for any.
  maxBFrames: 0,
  settings: SETTINGS,
  maxWidth: 8192,
  maxHeight: 8192,
  minWidth: 130,
  minHeight: 34,
  args: (spec) => [
    ...['-c:v', 'hevc_nvenc', ...common(spec)],
    ...['-profile:v', HEVC_PROFILES[spec.pixelFormat] ?? 'rext', '-bf', '0', ...hvcTag(spec)],
  ],
};

export const av1Nvenc: EncoderRow = {
  ...SHARED,
  encoder: 'av1_nvenc',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main'])],
  layouts: { yuv420p: 'nv12', yuv420p10le: 'p010le' },
  // SVT-AV1's levels, of its scale to 63, on one to 51.
  levels: { draft: 34, low: 30, medium: 25, high: 19, ultra: 15 },
  settings: SETTINGS,
  maxWidth: 8192,
  maxHeight: 8192,
  minWidth: 192,
  minHeight: 128,
  args: (spec) => ['-c:v', 'av1_nvenc', ...common(spec)],
};
