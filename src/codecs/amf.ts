import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';
import {
  AV1_INDEX_LEVELS,
  H264_FORMATS,
  H264_LEVELS,
  H264_PROFILES,
  HEVC_LEVELS,
  HEVC_PROFILES,
  hardwareRow,
  LAYOUTS,
  type Maker,
  speedWords,
} from './hardware-row.ts';

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

const AMF: Maker = {
  hardware: 'amf',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: true },
  crfMeans: '-qp_i and -qp_p',
  uncapped: true,
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: null,
  speeds: speedWords('quality', QUALITIES),
  settings: {},
  intraOnly: false,
  // Up to 7.0 it does not hear of forced keyframes: the length of the GOP makes them.
  forcesKeyframes: false,
  maxBFrames: 0,
  layouts: LAYOUTS,
  minWidth: 128,
  minHeight: 128,
  args: (spec) => [
    ...['-usage', 'transcoding', '-quality', QUALITIES[spec.speed], ...rateArgs(spec)],
    ...['-g', `${spec.gop.frames}`],
  ],
};

/** Up to 7.0 its encoders take eight bits only: neither P010 nor Main 10 is in their tables. */
const TEN_BITS_SINCE = [7, 1] as const;

export const h264Amf: EncoderRow = hardwareRow(AMF, {
  encoder: 'h264_amf',
  formats: H264_FORMATS,
  levels: H264_LEVELS,
  maxWidth: 4096,
  maxHeight: 4096,
  profiles: H264_PROFILES,
  args: () => ['-coder', 'cabac', '-bf', '0'],
});

export const hevcAmf: EncoderRow = hardwareRow(AMF, {
  encoder: 'hevc_amf',
  formats: [
    format('yuv420p', 8, 420, ['Main']),
    { ...format('yuv420p10le', 10, 420, ['Main 10']), since: TEN_BITS_SINCE },
  ],
  levels: HEVC_LEVELS,
  maxWidth: 8192,
  maxHeight: 8192,
  profiles: HEVC_PROFILES,
  args: (spec) => ['-gops_per_idr', '1', ...hvcTag(spec)],
});

// In ffmpeg after 5.1.
export const av1Amf: EncoderRow = hardwareRow(AMF, {
  encoder: 'av1_amf',
  formats: [
    format('yuv420p', 8, 420, ['Main']),
    { ...format('yuv420p10le', 10, 420, ['Main']), since: TEN_BITS_SINCE },
  ],
  crf: { min: 1, max: 255, best: 72, whole: true },
  crfMeans: '-qp_i and -qp_p (quantiser index)',
  levels: AV1_INDEX_LEVELS,
  maxWidth: 8192,
  maxHeight: 4352,
});
