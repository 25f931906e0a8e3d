import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, hvcTag, vbvArgs } from './encoder-row.ts';
import {
  AV1_FORMATS,
  H264_FORMATS,
  H264_LEVELS,
  H264_PROFILES,
  HEVC_FORMATS,
  HEVC_LEVELS,
  HEVC_PROFILES,
  hardwareRow,
  LAYOUTS,
  type Maker,
  speedWords,
  VP9_FORMATS,
} from './hardware-row.ts';

const PRESETS: Readonly<Record<Speed, string>> = {
  ultrafast: 'veryfast',
  fast: 'faster',
  medium: 'medium',
  slow: 'slower',
  veryslow: 'veryslow',
};

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    // A quality without a rate, and without a maximum, is Intel's ICQ.
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

const LOW_POWER: EncoderRow['settings'] = {
  low_power: { type: 'int', min: 0, max: 1, help: 'the fixed-function encoder, where there are two' },
};

const QSV: Maker = {
  hardware: 'qsv',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: true },
  crfMeans: '-global_quality (ICQ)',
  uncapped: true,
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: null,
  speeds: speedWords('preset', PRESETS),
  intraOnly: false,
  forcesKeyframes: true,
  layouts: LAYOUTS,
  settings: LOW_POWER,
  minWidth: 32,
  minHeight: 32,
  args: (spec) => [
    ...['-preset', PRESETS[spec.speed], ...rateArgs(spec)],
    // Forced keyframes are IDR frames only where that is said.
    ...['-forced_idr', '1', '-g', `${spec.gop.frames}`],
    ...(spec.custom.low_power ? ['-low_power', spec.custom.low_power] : []),
  ],
};

export const h264Qsv: EncoderRow = hardwareRow(QSV, {
  encoder: 'h264_qsv',
  formats: H264_FORMATS,
  levels: H264_LEVELS,
  maxBFrames: 3,
  settings: { ...LOW_POWER, bframes: { type: 'int', min: 0, max: 3, help: 'consecutive B-frames' } },
  maxWidth: 4096,
  maxHeight: 4096,
  profiles: H264_PROFILES,
  args: ({ custom, gop }) => [
    ...['-bf', custom.bframes ?? `${gop.bFrames ?? 2}`],
    // In 5.1 only this one of its encoders has them.
    ...(gop.exact ? ['-adaptive_i', '0', '-adaptive_b', '0'] : []),
  ],
});

export const hevcQsv: EncoderRow = hardwareRow(QSV, {
  encoder: 'hevc_qsv',
  formats: HEVC_FORMATS,
  levels: HEVC_LEVELS,
  // The fixed-function encoder, the only one of many generations, makes none, and how many is left to the driver.
  maxBFrames: 0,
  maxWidth: 8192,
  maxHeight: 8192,
  profiles: HEVC_PROFILES,
  args: (spec) => ['-idr_interval', '0', ...hvcTag(spec)],
});

// In ffmpeg from 6.0 on.
export const av1Qsv: EncoderRow = hardwareRow(QSV, {
  encoder: 'av1_qsv',
  formats: AV1_FORMATS,
  // SVT-AV1's levels, of its scale to 63, on one to 51.
  levels: { draft: 34, low: 30, medium: 25, high: 19, ultra: 15 },
  maxWidth: 8192,
  maxHeight: 8192,
});

export const vp9Qsv: EncoderRow = hardwareRow(QSV, {
  encoder: 'vp9_qsv',
  formats: VP9_FORMATS,
  levels: { draft: 34, low: 30, medium: 26, high: 22, ultra: 18 },
  maxWidth: 8192,
  maxHeight: 8192,
  profiles: { yuv420p: 'profile0', yuv420p10le: 'profile2' },
});
