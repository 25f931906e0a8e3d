import { flavourOf, PRORES_FLAVOURS, proresKs } from './editing.ts';
import { type EncoderRow, type EncodeSpec, hvcTag, vbvArgs } from './encoder-row.ts';
import {
  H264_FORMATS,
  H264_PROFILES,
  HEVC_FORMATS,
  HEVC_PROFILES,
  hardwareRow,
  LAYOUTS,
  type Maker,
  oneSpeed,
} from './hardware-row.ts';

/** VideoToolbox counts quality upwards, to 100; here as everywhere less is better. */
const BEST_Q = 100;

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    // Of Apple's own chips only; on others the trial says so.
    case 'crf':
      return ['-q:v', `${BEST_Q - rate.crf}`];
    // The maximum is one of each second: it has no size of a buffer.
    case 'vbr':
      return ['-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
    case 'abr':
      return ['-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

const VIDEOTOOLBOX: Maker = {
  hardware: 'videotoolbox',
  levelsUnmeasured: true,
  crf: { min: 1, max: 99, best: 30, whole: true },
  crfMeans: '100 less -q:v',
  uncapped: true,
  // A constant rate is an option of newer versions only, and of macOS 13.
  modes: ['crf', 'vbr', 'abr'],
  twoPass: null,
  speeds: oneSpeed("the chip's own"),
  settings: {},
  intraOnly: false,
  forcesKeyframes: true,
  maxBFrames: 0,
  layouts: LAYOUTS,
  minWidth: 64,
  minHeight: 64,
  // Without it an encoder in software would answer in the hardware's name.
  args: (spec) => ['-allow_sw', '0', ...rateArgs(spec), '-g', `${spec.gop.frames}`, '-bf', '0'],
};

const LEVELS = { draft: 60, low: 52, medium: 45, high: 38, ultra: 30 } as const;

export const h264Videotoolbox: EncoderRow = hardwareRow(VIDEOTOOLBOX, {
  encoder: 'h264_videotoolbox',
  formats: H264_FORMATS,
  levels: LEVELS,
  maxWidth: 4096,
  maxHeight: 4096,
  profiles: H264_PROFILES,
  args: () => ['-coder', 'cabac'],
});

export const hevcVideotoolbox: EncoderRow = hardwareRow(VIDEOTOOLBOX, {
  encoder: 'hevc_videotoolbox',
  formats: HEVC_FORMATS,
  levels: LEVELS,
  maxWidth: 8192,
  maxHeight: 8192,
  profiles: HEVC_PROFILES,
  args: hvcTag,
});

const PRORES_PROFILES: Readonly<Record<string, string>> = { '4444xq': 'xq' };

/** ProRes has its qualities in its own names: what they mean is Apple's table, in hardware too. */
export const proresVideotoolbox: EncoderRow = {
  encoder: 'prores_videotoolbox',
  hardware: 'videotoolbox',
  formats: proresKs.formats,
  layouts: { yuv422p10le: 'p210le', yuv444p10le: 'p416le', yuva444p10le: 'ayuv64le' },
  levels: proresKs.levels,
  modes: [],
  twoPass: null,
  speeds: null,
  flavours: PRORES_FLAVOURS,
  settings: proresKs.settings,
  intraOnly: true,
  forcesKeyframes: false,
  maxWidth: 8192,
  maxHeight: 8192,
  minWidth: 64,
  minHeight: 64,
  args: (spec) => {
    const flavour = flavourOf(spec, 'standard');
    return ['-c:v', 'prores_videotoolbox', '-allow_sw', '0', '-profile:v', PRORES_PROFILES[flavour] ?? flavour];
  },
};
