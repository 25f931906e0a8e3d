import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';
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
} from './hardware-row.ts';

const PRESETS: Readonly<Record<Speed, string>> = {
  ultrafast: 'p1',
  fast: 'p3',
  medium: 'p4',
  slow: 'p6',
  veryslow: 'p7',
};

/**
 * NVENC's target quality is a variable rate without an average: `-b:v 0` takes off the 2 Mbit/s that it has by default. Of a
 * maximum beside it ffmpeg hands on the rate alone, not the buffer.
 */
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

const SETTINGS: EncoderRow['settings'] = {
  rc_lookahead: { type: 'int', min: 0, max: 32, help: 'frames that rate control looks ahead' },
  spatial_aq: { type: 'int', min: 0, max: 1, help: 'adaptive quantisation within a picture' },
  temporal_aq: { type: 'int', min: 0, max: 1, help: 'adaptive quantisation over time' },
};

const NVENC: Maker = {
  hardware: 'nvenc',
  levelsUnmeasured: true,
  crf: { min: 1, max: 51, best: 19, whole: false },
  crfMeans: '-cq',
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  // Its own second pass (-multipass) looks at one picture twice, not at the film: it reads no log.
  twoPass: null,
  speeds: speedWords('preset', PRESETS),
  settings: SETTINGS,
  intraOnly: false,
  forcesKeyframes: true,
  layouts: LAYOUTS,
  // Least sizes are the largest that devices report (NV_ENC_CAPS_WIDTH_MIN and _HEIGHT_MIN, as GStreamer's reference pages of nvcodec's
  // encoders show them, read 2026-11): 145x49 or 160x64 for H.264, 129x33 or 144x48 for H.265.
  minWidth: 160,
  minHeight: 64,
  args: (spec) => [
    ...['-preset', PRESETS[spec.speed], '-tune', 'hq', ...rateArgs(spec)],
    // A forced keyframe is a plain I-frame unless it is told to be an IDR.
    ...['-forced-idr', '1', '-g', `${spec.gop.frames}`],
    // The slow presets may look ahead, and then place I-frames of their own.
    ...(spec.gop.exact ? ['-no-scenecut', '1'] : []),
    ...(spec.custom.rc_lookahead ? ['-rc-lookahead', spec.custom.rc_lookahead] : []),
    ...(spec.custom.spatial_aq ? ['-spatial-aq', spec.custom.spatial_aq] : []),
    ...(spec.custom.temporal_aq ? ['-temporal-aq', spec.custom.temporal_aq] : []),
    ...(spec.device ? ['-gpu', `${spec.device.ordinal}`] : []),
  ],
};

export const h264Nvenc: EncoderRow = hardwareRow(NVENC, {
  encoder: 'h264_nvenc',
  formats: [...H264_FORMATS, format('yuv444p', 8, 444, ['High 4:4:4 Predictive'])],
  levels: H264_LEVELS,
  maxBFrames: 4,
  settings: { ...SETTINGS, bframes: { type: 'int', min: 0, max: 4, help: 'consecutive B-frames' } },
  maxWidth: 4096,
  maxHeight: 4096,
  profiles: { ...H264_PROFILES, yuv444p: 'high444p' },
  args: ({ custom, gop }) => ['-coder', 'cabac', '-bf', custom.bframes ?? `${gop.bFrames ?? 2}`],
});

export const hevcNvenc: EncoderRow = hardwareRow(NVENC, {
  encoder: 'hevc_nvenc',
  formats: [...HEVC_FORMATS, format('yuv444p', 8, 444, ['Rext'])],
  levels: HEVC_LEVELS,
  // Devices before Turing have none, and refuse to open where they are asked for any.
  maxBFrames: 0,
  maxWidth: 8192,
  maxHeight: 8192,
  profiles: { ...HEVC_PROFILES, yuv444p: 'rext' },
  args: (spec) => ['-bf', '0', ...hvcTag(spec)],
});

// In ffmpeg from 6.0 on.
export const av1Nvenc: EncoderRow = hardwareRow(NVENC, {
  encoder: 'av1_nvenc',
  formats: AV1_FORMATS,
  // SVT-AV1's levels, of its scale to 63, on one to 51.
  levels: { draft: 34, low: 30, medium: 25, high: 19, ultra: 15 },
  maxWidth: 8192,
  maxHeight: 8192,
  minWidth: 192,
  minHeight: 128,
});
