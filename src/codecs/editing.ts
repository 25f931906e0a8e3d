import { type EncoderRow, type EncodeSpec, type Flavour, flavourNames, format } from './encoder-row.ts';

const P422 = format('yuv422p10le', 10, 422);
const P444 = format('yuv444p10le', 10, 444);
const P444A = format('yuva444p10le', 10, 444, undefined, true);

function prores(profile: string, codecTag: string, mbpsAt1080p30: number, has444 = false): Flavour {
  // A decoder of 4444 gives 12 bits, whatever the encoder was fed.
  const probedAs = has444 ? { yuv444p10le: 'yuv444p12le', yuva444p10le: 'yuva444p12le' } : undefined;
  return { formats: has444 ? [P444, P444A] : [P422], profile, codecTag, mbpsAt1080p30, probedAs };
}

export const PRORES_FLAVOURS: Readonly<Record<string, Flavour>> = {
  proxy: prores('Proxy', 'apco', 48.1),
  lt: prores('LT', 'apcs', 106.8),
  standard: prores('Standard', 'apcn', 153.8),
  hq: prores('HQ', 'apch', 231.4),
  '4444': prores('4444', 'ap4h', 344.5, true),
  '4444xq': prores('XQ', 'ap4x', 512.5, true),
};
const PRORES_NUMBERS: Readonly<Record<string, number>> = {
  proxy: 0,
  lt: 1,
  standard: 2,
  hq: 3,
  '4444': 4,
  '4444xq': 5,
};

export const flavourOf = (spec: EncodeSpec, fallback: string): string =>
  spec.rate.mode === 'flavour' ? spec.rate.flavour : fallback;

export const proresKs: EncoderRow = {
  encoder: 'prores_ks',
  hardware: null,
  formats: [P422, P444, P444A],
  levels: { draft: 'proxy', low: 'lt', medium: 'standard', high: 'hq', ultra: '4444' },
  modes: [],
  twoPass: null,
  speeds: null,
  flavours: PRORES_FLAVOURS,
  // Three frames of noise at 13 sizes, flavours 0, 2, 3 and 4 (ffmpeg 5.1.9): bits for a macroblock against 1080p's, steps found within 3 %.
  smallFrames: [
    { macroblocks: 1620, factor: 1.65 },
    { macroblocks: 2700, factor: 1.28 },
    { macroblocks: 6075, factor: 1.12 },
  ],
  settings: {
    profile: { type: 'enum', values: flavourNames(PRORES_FLAVOURS), help: 'flavour (default by quality level)' },
  },
  intraOnly: true,
  forcesKeyframes: false,
  maxWidth: 65534,
  maxHeight: 65534,
  minWidth: 2,
  minHeight: 2,
  args: (spec) => [
    '-c:v',
    'prores_ks',
    // Without a profile prores_ks chooses HQ whatever was meant, and its vendor is Lavc (trap 36).
    '-profile:v',
    `${PRORES_NUMBERS[flavourOf(spec, 'standard')]}`,
    '-vendor',
    'apl0',
    ...(spec.pixelFormat.startsWith('yuva') ? ['-alpha_bits', '16'] : []),
    ...(spec.threads ? ['-threads:v', `${spec.threads}`] : []),
  ],
};

const D422 = format('yuv422p', 8, 422);
const DNXHR_FLAVOURS: Readonly<Record<string, Flavour>> = {
  lb: { formats: [D422], profile: 'DNXHR LB', codecTag: 'AVdh', mbpsAt1080p30: 45.2 },
  sq: { formats: [D422], profile: 'DNXHR SQ', codecTag: 'AVdh', mbpsAt1080p30: 145.3 },
  hq: { formats: [D422], profile: 'DNXHR HQ', codecTag: 'AVdh', mbpsAt1080p30: 220 },
  hqx: { formats: [P422], profile: 'DNXHR HQX', codecTag: 'AVdh', mbpsAt1080p30: 220 },
  '444': { formats: [P444], profile: 'DNXHR 444', codecTag: 'AVdh', mbpsAt1080p30: 440 },
};

export const dnxhd: EncoderRow = {
  encoder: 'dnxhd',
  hardware: null,
  formats: [D422, P422, P444],
  levels: { draft: 'lb', low: 'lb', medium: 'sq', high: 'hq', ultra: 'hqx' },
  modes: [],
  twoPass: null,
  speeds: null,
  flavours: DNXHR_FLAVOURS,
  settings: {
    profile: { type: 'enum', values: flavourNames(DNXHR_FLAVOURS), help: 'flavour (default by quality level)' },
  },
  intraOnly: true,
  forcesKeyframes: false,
  maxWidth: 65535,
  maxHeight: 65535,
  // "Input dimensions too small, input must be at least 256x120" (dnxhd)
  minWidth: 256,
  minHeight: 120,
  args: (spec) => [
    '-c:v',
    'dnxhd',
    '-profile:v',
    `dnxhr_${flavourOf(spec, 'sq')}`,
    ...(spec.threads ? ['-threads:v', `${spec.threads}`] : []),
  ],
};
