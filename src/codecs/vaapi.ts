import { type EncoderRow, type EncodeSpec, hvcTag, vbvArgs } from './encoder-row.ts';
import {
  AV1_FORMATS,
  AV1_INDEX_LEVELS,
  H264_FORMATS,
  H264_LEVELS,
  H264_PROFILES,
  HEVC_FORMATS,
  HEVC_LEVELS,
  HEVC_PROFILES,
  hardwareRow,
  LAYOUTS,
  type Maker,
  oneSpeed,
  VP9_FORMATS,
} from './hardware-row.ts';

/** Constant QP is the one quality that every driver has; Intel's ICQ and QVBR are not AMD's. */
function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      return ['-rc_mode', 'CQP', '-global_quality', `${rate.crf}`];
    case 'vbr':
      return ['-rc_mode', 'VBR', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
      return ['-rc_mode', 'CBR', '-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    // Without a maximum it takes twice the rate for one.
    case 'abr':
      return ['-rc_mode', 'VBR', '-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

const VAAPI: Maker = {
  hardware: 'vaapi',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: true },
  crfMeans: '-global_quality (QP)',
  uncapped: true,
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: null,
  speeds: oneSpeed("the driver's own"),
  intraOnly: false,
  forcesKeyframes: true,
  maxBFrames: 0,
  layouts: LAYOUTS,
  settings: { low_power: { type: 'int', min: 0, max: 1, help: 'the fixed-function encoder, where there are two' } },
  minWidth: 32,
  minHeight: 32,
  args: (spec) => [
    // Every I-frame is an IDR with an interval of 0, the forced ones too.
    ...[...rateArgs(spec), '-idr_interval', '0', '-g', `${spec.gop.frames}`],
    // What B-frames a driver makes differs from one to the next: none is what all of them make.
    ...['-bf', '0'],
    ...(spec.custom.low_power ? ['-low_power', spec.custom.low_power] : []),
  ],
};

/** VP9 and AV1 count in steps of their quantiser tables. */
const INDEX = {
  crf: { min: 1, max: 255, best: 72, whole: true },
  crfMeans: '-global_quality (quantiser index)',
} as const;

export const h264Vaapi: EncoderRow = hardwareRow(VAAPI, {
  encoder: 'h264_vaapi',
  formats: H264_FORMATS,
  levels: H264_LEVELS,
  maxWidth: 4096,
  maxHeight: 4096,
  profiles: H264_PROFILES,
  args: () => ['-coder', 'cabac'],
});

export const hevcVaapi: EncoderRow = hardwareRow(VAAPI, {
  encoder: 'hevc_vaapi',
  formats: HEVC_FORMATS,
  levels: HEVC_LEVELS,
  maxWidth: 8192,
  maxHeight: 8192,
  profiles: HEVC_PROFILES,
  args: hvcTag,
});

export const vp9Vaapi: EncoderRow = hardwareRow(VAAPI, {
  ...INDEX,
  encoder: 'vp9_vaapi',
  formats: VP9_FORMATS,
  // libvpx's own table from its CRF to the index: four for each step below 62.
  levels: { draft: 160, low: 144, medium: 128, high: 112, ultra: 96 },
  maxWidth: 8192,
  maxHeight: 8192,
});

// In ffmpeg from 6.1 on.
export const av1Vaapi: EncoderRow = hardwareRow(VAAPI, {
  ...INDEX,
  encoder: 'av1_vaapi',
  formats: AV1_FORMATS,
  levels: AV1_INDEX_LEVELS,
  maxWidth: 8192,
  maxHeight: 8192,
});
