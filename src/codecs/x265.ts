import type { MasteringDisplay } from '../model/media.ts';
import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, hvcTag, paramList, vbvArgs } from './encoder-row.ts';

/** x265's own fast cannot be told from its medium: 10 % less CPU time, 0.2 % more bytes at equal SSIM. Its veryfast takes 21 % less and 0.4 % more bytes, superfast 29 % and 9 %. */
const PRESETS: Readonly<Record<Speed, string>> = {
  ultrafast: 'ultrafast',
  fast: 'veryfast',
  medium: 'medium',
  slow: 'slow',
  veryslow: 'veryslow',
};

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      return ['-crf', `${rate.crf}`, ...vbvArgs(rate.vbv)];
    case 'vbr':
    case 'cbr':
      return ['-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'abr':
      return ['-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

/** x265's own syntax: https://x265.readthedocs.io/en/master/cli.html#cmdoption-master-display */
function masterDisplay(m: MasteringDisplay): string {
  const point = (p: readonly [number, number]) => `(${p[0]},${p[1]})`;
  return `G${point(m.green)}B${point(m.blue)}R${point(m.red)}WP${point(m.white)}L(${m.maxLuminance},${m.minLuminance})`;
}

function params(spec: EncodeSpec): string {
  const hdr = spec.hdr;
  return paramList({
    'log-level': 'error',
    // The default is an open GOP (trap 26): players and platforms cannot cut or seek there.
    'open-gop': 0,
    keyint: spec.gop.frames,
    ...(spec.gop.exact ? { 'min-keyint': spec.gop.frames, scenecut: 0 } : {}),
    // ffmpeg's -pass does nothing for x265 (trap 29): its statistics go through its own parameters.
    ...(spec.pass ? { pass: spec.pass, stats: 'pass.log' } : {}),
    ...(spec.rate.mode === 'cbr' ? { 'strict-cbr': 1 } : {}),
    ...(spec.threads ? { pools: spec.threads } : {}),
    ...(spec.gop.bFrames === undefined ? {} : { bframes: spec.gop.bFrames }),
    ...(spec.custom.bframes ? { bframes: spec.custom.bframes } : {}),
    ...(spec.custom.aq_mode ? { 'aq-mode': spec.custom.aq_mode } : {}),
    // ffmpeg 5.1 drops HDR10's static metadata unless x265 is told (trap 15).
    ...(hdr ? { 'hdr10-opt': 1, 'repeat-headers': 1 } : {}),
    ...(hdr?.mastering ? { 'master-display': masterDisplay(hdr.mastering) } : {}),
    ...(hdr?.contentLight ? { 'max-cll': `${hdr.contentLight.maxCll},${hdr.contentLight.maxFall}` } : {}),
  });
}

export const x265: EncoderRow = {
  encoder: 'libx265',
  hardware: null,
  formats: [
    format('yuv420p', 8, 420, ['Main']),
    format('yuv420p10le', 10, 420, ['Main 10']),
    format('yuv422p', 8, 422, ['Rext']),
    format('yuv422p10le', 10, 422, ['Rext']),
    format('yuv444p', 8, 444, ['Rext']),
    format('yuv444p10le', 10, 444, ['Rext']),
  ],
  crf: { min: 0, max: 51, best: 20, whole: false },
  levels: { draft: 30, low: 28, medium: 25, high: 22, ultra: 19 },
  vmafFromH264: {
    draft: { median: -3.2, worst: -5.7, best: -1.5 },
    low: { median: -2.7, worst: -4.7, best: -1.1 },
    medium: { median: -1.6, worst: -3.6, best: -0.8 },
    high: { median: -0.7, worst: -2.4, best: -0.5 },
    ultra: { median: -0.4, worst: -1.4, best: 0 },
  },
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  // Beside it lies pass.log.cutree where the cutree is on; the second pass asks for it itself.
  twoPass: ['pass.log'],
  // One pass came to 11 % below the average on a clip of 6 s (juggle).
  twoPassModes: ['abr'],
  speeds: {
    ultrafast: 'preset ultrafast',
    fast: 'preset veryfast',
    medium: 'preset medium',
    slow: 'preset slow',
    veryslow: 'preset veryslow',
  },
  settings: {
    tune: {
      type: 'enum',
      values: ['animation', 'grain', 'fastdecode', 'zerolatency', 'psnr', 'ssim'],
      help: 'what the encoder is tuned for',
    },
    bframes: { type: 'int', min: 0, max: 16, help: 'consecutive B-frames' },
    aq_mode: { type: 'int', min: 0, max: 4, help: 'adaptive quantisation mode' },
  },
  intraOnly: false,
  carriesHdrMetadata: true,
  forcesKeyframes: true,
  maxWidth: 8192,
  maxHeight: 8192,
  minWidth: 16,
  minHeight: 16,
  args: (spec) => [
    '-c:v',
    'libx265',
    '-preset',
    PRESETS[spec.speed],
    ...rateArgs(spec),
    ...(spec.custom.tune ? ['-tune', spec.custom.tune] : []),
    // A forced keyframe of x265 is a plain I-frame unless it is told to be an IDR.
    '-forced-idr',
    '1',
    '-g',
    `${spec.gop.frames}`,
    '-x265-params',
    params(spec),
    ...hvcTag(spec),
  ],
};
