import { flavourOf, PRORES_FLAVOURS, proresKs } from './editing.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, vbvArgs } from './encoder-row.ts';

/** VideoToolbox counts quality upwards, to 100; here as everywhere less is better. */
const BEST_Q = 100;

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    // Of Apple's own chips only; on others the trial says so.
    case 'crf':
      return ['-q:v', `${BEST_Q - rate.crf}`];
    case 'vbr':
      return ['-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
    case 'abr':
      return ['-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

const OWN_SPEED = "the chip's own";

const SHARED = {
  hardware: 'videotoolbox',
  levelsUnmeasured: true,
  crf: { min: 1, max: 99, best: 30, whole: true },
  crfMeans: '100 less -q:v',
  uncapped: true,
  // A constant rate is an option of newer versions only.
  modes: ['crf', 'vbr', 'abr'],
  twoPass: null,
  speeds: { ultrafast: OWN_SPEED, fast: OWN_SPEED, medium: OWN_SPEED, slow: OWN_SPEED, veryslow: OWN_SPEED },
  levels: { draft: 60, low: 52, medium: 45, high: 38, ultra: 30 },
  settings: {},
  intraOnly: false,
  forcesKeyframes: true,
  maxBFrames: 0,
  layouts: { yuv420p: 'nv12', yuv420p10le: 'p010le' },
  minWidth: 64,
  minHeight: 64,
} as const satisfies Partial<EncoderRow>;

// Without it an encoder in software would answer in the hardware's name.
const ONLY_HARDWARE = ['-allow_sw', '0'] as const;

export const h264Videotoolbox: EncoderRow = {
  ...SHARED,
  encoder: 'h264_videotoolbox',
  formats: [format('yuv420p', 8, 420, ['High', 'Main'])],
  maxWidth: 4096,
  maxHeight: 4096,
  args: (spec) => [
    ...['-c:v', 'h264_videotoolbox', ...ONLY_HARDWARE, ...rateArgs(spec)],
    ...['-profile:v', 'high', '-coder', 'cabac', '-g', `${spec.gop.frames}`, '-bf', '0'],
  ],
};

export const hevcVideotoolbox: EncoderRow = {
  ...SHARED,
  encoder: 'hevc_videotoolbox',
  formats: [format('yuv420p', 8, 420, ['Main']), format('yuv420p10le', 10, 420, ['Main 10'])],
  maxWidth: 8192,
  maxHeight: 8192,
  args: (spec) => [
    ...['-c:v', 'hevc_videotoolbox', ...ONLY_HARDWARE, ...rateArgs(spec)],
    ...['-profile:v', spec.pixelFormat === 'yuv420p10le' ? 'main10' : 'main'],
    ...['-g', `${spec.gop.frames}`, '-bf', '0', ...hvcTag(spec)],
  ],
};

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
    return ['-c:v', 'prores_videotoolbox', ...ONLY_HARDWARE, '-profile:v', PRORES_PROFILES[flavour] ?? flavour];
  },
};
