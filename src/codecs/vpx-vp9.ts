import type { Speed } from '../model/option-values.ts';
import { type EncoderRow, type EncodeSpec, format, vbvArgs } from './encoder-row.ts';

// Of the good mode's speeds 5, 4 and 3 take the same time (2.7, 2.9, 2.5 s of CPU for 36 frames) and lose 5, 2 and 0 % of bytes at equal SSIM;
// the realtime mode at 5 takes 1.2 s and loses 15 %.
const SPEED_ARGS: Readonly<Record<Speed, readonly string[]>> = {
  ultrafast: ['-deadline', 'realtime', '-cpu-used', '8'],
  fast: ['-deadline', 'realtime', '-cpu-used', '5'],
  medium: ['-deadline', 'good', '-cpu-used', '3'],
  slow: ['-deadline', 'good', '-cpu-used', '2'],
  veryslow: ['-deadline', 'good', '-cpu-used', '1'],
};

/** Only the realtime mode keeps to a bucket, and of its speeds those from 5 on: 4 ran 84 % over a second of noise at 300 kbps. */
const CONSTANT_CPU_USED: Readonly<Record<Speed, number>> = { ultrafast: 8, fast: 7, medium: 6, slow: 5, veryslow: 5 };

const QUICKEST_GOOD = ['-deadline', 'good', '-cpu-used', '5'] as const;

/**
 * The realtime mode has no first pass (its log stays empty), and under a maximum at constant quality it ran 22 % over a buffer of two seconds
 * (juggle, 500 kbps), where the good mode holds: it serves plain constant quality, and a constant rate in settings of its own.
 */
function speedArgs({ speed, rate }: EncodeSpec): readonly string[] {
  if (rate.mode === 'cbr') return ['-deadline', 'realtime', '-cpu-used', `${CONSTANT_CPU_USED[speed]}`];
  const quick = speed === 'ultrafast' || speed === 'fast';
  return quick && !(rate.mode === 'crf' && rate.vbv === undefined) ? QUICKEST_GOOD : SPEED_ARGS[speed];
}

/** libvpx spends a burst first and saves afterwards: aimed a little below, with no credit for what was saved, the bucket holds. */
const CONSTANT_AIM = 0.95;

/**
 * A constant rate: no look-ahead, and quick to fall back after a burst. Over a buffer of one second, burst of noise and real
 * clips at 300 and 1000 kbps, cpu-used 5 to 7: 3 to 43 % of the buffer left, average 5 % below to 3 % above the rate.
 */
function constantRateArgs(kbps: number): readonly string[] {
  const aim = `${Math.max(1, Math.floor(kbps * CONSTANT_AIM))}k`;
  const rates = ['-b:v', aim, '-minrate', aim, '-maxrate', aim, '-bufsize', aim];
  return [...rates, '-undershoot-pct', '100', '-overshoot-pct', '0', '-lag-in-frames', '0', '-aq-mode', '3'];
}

function rateArgs({ rate }: EncodeSpec): readonly string[] {
  switch (rate.mode) {
    case 'crf':
      // Without a maximum -b:v 0 is constant quality; with one it is libvpx's constrained quality.
      return rate.vbv
        ? ['-crf', `${rate.crf}`, '-b:v', `${rate.vbv.maxKbps}k`, ...vbvArgs(rate.vbv)]
        : ['-crf', `${rate.crf}`, '-b:v', '0'];
    case 'vbr':
      return ['-b:v', `${rate.kbps}k`, ...vbvArgs(rate.vbv)];
    case 'cbr':
      return constantRateArgs(rate.kbps);
    case 'abr':
      return ['-b:v', `${rate.kbps}k`];
    case 'flavour':
      return [];
  }
}

/** A tile is at least 256 pixels wide: log2 of the most that fit, up to 16 (libvpx). */
function tileColumns(width: number): number {
  return Math.max(0, Math.min(4, Math.floor(Math.log2(width / 256))));
}

export const vpxVp9: EncoderRow = {
  encoder: 'libvpx-vp9',
  hardware: null,
  formats: [
    format('yuv420p', 8, 420, ['Profile 0']),
    format('yuva420p', 8, 420, ['Profile 0'], true),
    format('yuv420p10le', 10, 420, ['Profile 2']),
    format('yuv422p', 8, 422, ['Profile 1']),
    format('yuv444p', 8, 444, ['Profile 1']),
    format('yuv422p10le', 10, 422, ['Profile 3']),
    format('yuv444p10le', 10, 444, ['Profile 3']),
  ],
  // Noise at 640×360: 655 kB in realtime mode at CRF 63, 423 kB in two passes.
  crf: { min: 0, max: 63, best: 24, whole: true, leastShare: 0.6 },
  levels: { draft: 40, low: 36, medium: 32, high: 28, ultra: 24 },
  vmafFromH264: {
    draft: { median: 1.7, worst: -7.5, best: 6 },
    low: { median: 1.7, worst: -4.8, best: 4.4 },
    medium: { median: 0.7, worst: -3.7, best: 1.2 },
    high: { median: 0, worst: -3, best: 0.2 },
    ultra: { median: -0.2, worst: -2.5, best: 0.1 },
  },
  modes: ['crf', 'vbr', 'cbr', 'abr'],
  twoPass: ['pass-0.log'],
  // One pass came to 18 % below and 38 % above the average on clips of 5 and 6 s, two passes to within 2.3 %.
  twoPassModes: ['vbr', 'abr'],
  speeds: {
    ultrafast: 'deadline realtime, cpu-used 8',
    fast: 'deadline realtime, cpu-used 5',
    medium: 'deadline good, cpu-used 3',
    slow: 'deadline good, cpu-used 2',
    veryslow: 'deadline good, cpu-used 1',
  },
  settings: {
    tune_content: { type: 'enum', values: ['default', 'screen', 'film'], help: 'kind of content' },
    arnr_strength: { type: 'int', min: 0, max: 6, help: 'strength of the alternate reference noise filter' },
    tile_columns: { type: 'int', min: 0, max: 6, help: 'log2 of the number of tile columns' },
  },
  intraOnly: false,
  forcesKeyframes: true,
  maxWidth: 16384,
  maxHeight: 16384,
  minWidth: 2,
  minHeight: 2,
  args: (spec) => [
    '-c:v',
    'libvpx-vp9',
    ...speedArgs(spec),
    ...rateArgs(spec),
    '-row-mt',
    '1',
    '-tile-columns',
    spec.custom.tile_columns ?? `${tileColumns(spec.width)}`,
    // An alternate reference frame cannot carry alpha.
    ...(spec.pixelFormat.startsWith('yuva') ? ['-auto-alt-ref', '0'] : []),
    ...(spec.custom.tune_content ? ['-tune-content', spec.custom.tune_content] : []),
    ...(spec.custom.arnr_strength ? ['-arnr-strength', spec.custom.arnr_strength] : []),
    '-g',
    `${spec.gop.frames}`,
    // Where both are equal libvpx has no say in it.
    ...(spec.gop.exact ? ['-keyint_min', `${spec.gop.frames}`] : []),
    ...(spec.threads ? ['-threads:v', `${spec.threads}`] : []),
    ...(spec.pass ? ['-pass', `${spec.pass}`, '-passlogfile', 'pass'] : []),
  ],
};
