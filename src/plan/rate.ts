import type { EncoderRow, Rate } from '../codecs/encoder-row.ts';
import { LEVELS } from '../codecs/levels.ts';
import { bitrateMultiplier } from '../codecs/resolutions.ts';
import { VIDEO_CODECS, type VideoCodecRow } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import type { VideoStream } from '../model/media.ts';
import type { OptionValues, QualityLevel, RateMode } from '../model/option-values.ts';
import { LAYERS, type SettingsFrom } from '../model/settings.ts';
import { goalOf } from '../presets/goals.ts';
import { warn, wrong } from './finding.ts';
import type { Size } from './geometry.ts';

export interface RateContext {
  readonly codec: VideoCodecRow;
  readonly row: EncoderRow;
  readonly options: OptionValues;
  readonly from: SettingsFrom;
  readonly quality: QualityLevel;
  readonly size: Size;
  readonly fps: number;
  readonly stream: VideoStream;
  /** kbps of the source's picture, where known. */
  readonly sourceKbps: number | undefined;
  /** What a platform takes at most, kbps. */
  readonly platformMaxKbps: number | undefined;
}

/** Averages of a level at a size: kbps. Above 30 frames a second half of the surplus counts, as delivery tables have it (platforms.md: 8 Mbps at 30, 12 at 60). */
export function levelKbps(
  quality: QualityLevel,
  codec: VideoCodecRow,
  size: Size,
  fps: number,
): { readonly kbps: number; readonly maxKbps: number } {
  const rateFactor = fps > 30 ? 1 + (fps / 30 - 1) / 2 : 1;
  const factor = bitrateMultiplier(size.width, size.height) * codec.bitsFactor * rateFactor;
  const level = LEVELS[quality];
  return { kbps: Math.round(level.kbps * factor), maxKbps: Math.round(level.maxKbps * factor) };
}

/** The most that this source can need in this codec at this size, kbps: its own rate, by the codecs' relative need and the pixels that stay. */
export function usefulKbps(context: RateContext): number | undefined {
  const { sourceKbps, stream, codec, size } = context;
  if (sourceKbps === undefined || sourceKbps <= 0) return undefined;
  const sourceFactor = VIDEO_CODECS.find((row) => row.probeName === stream.codec)?.bitsFactor ?? 1;
  const shrink = Math.min(1, (size.width * size.height) / (stream.width * stream.height));
  return Math.max(100, Math.round((sourceKbps * codec.bitsFactor * shrink ** 0.75) / sourceFactor));
}

function modeOf({ options, row, from, platformMaxKbps }: RateContext): RateMode {
  // Nothing strays less from a size than an average that may spend as it likes.
  if (options.targetSize !== undefined) return (options.maxBitrate ?? platformMaxKbps) === undefined ? 'abr' : 'vbr';
  if (options.mode) return options.mode;
  const strength = (key: string) => LAYERS.indexOf(from[key] ?? 'default');
  if (options.crf !== undefined && (options.bitrate === undefined || strength('crf') > strength('bitrate')))
    return 'crf';
  // x264 with a VBV buffer and several threads makes other bits each time (measured, 5.1.9): an average alone stays reproducible.
  if (options.bitrate !== undefined)
    return options.maxBitrate === undefined && !goalOf(options)?.holdsPeaks ? 'abr' : 'vbr';
  if (options.twoPass) return 'vbr';
  return row.crf ? 'crf' : 'vbr';
}

const TWO_SIZES = wrong(
  'two_sizes',
  '--target-size',
  '--target-size does not go with --max-size',
  '--target-size is never exceeded; --max-size alone encodes by quality where that fits',
);

/** What says how large the file will be cannot stand beside a size. */
function targetConflicts({ options, from }: RateContext): readonly Issue[] {
  if (options.targetSize === undefined) return [];
  if (from.maxSize === 'flag' && from.targetSize === 'flag' && options.maxSize !== options.targetSize)
    return [TWO_SIZES];
  const others = (['crf', 'bitrate', 'mode', 'targetQuality'] as const).filter((key) => from[key] === 'flag');
  return others.map((key) =>
    wrong(
      'target_size_conflict',
      '--target-size',
      `--target-size does not go with --${key === 'targetQuality' ? 'target-quality' : key}`,
      'the size decides the bitrate; --max-bitrate caps its peaks',
    ),
  );
}

function conflicts(context: RateContext, mode: RateMode): readonly Issue[] {
  const { options, from } = context;
  if (options.targetSize !== undefined) return targetConflicts(context);
  const issues: Issue[] = [];
  const flagged = (key: string) => from[key] === 'flag';
  if (flagged('crf') && mode !== 'crf') {
    issues.push(
      wrong(
        'crf_with_bitrate',
        '--crf',
        `--crf does not go with ${options.mode ? `--mode ${mode}` : '--bitrate'}`,
        'give a quality (--crf) or a bitrate, not both',
      ),
    );
  }
  if (flagged('bitrate') && mode === 'crf') {
    issues.push(
      wrong(
        'bitrate_with_crf',
        '--bitrate',
        '--bitrate does not go with constant quality',
        '--max-bitrate caps a constant quality; --mode vbr takes a bitrate',
      ),
    );
  }
  if (options.twoPass && (mode === 'crf' || mode === 'cbr')) {
    issues.push(
      wrong('two_pass_mode', '--two-pass', `--two-pass does not go with --mode ${mode}`, '--mode vbr or abr'),
    );
  }
  if (options.maxBitrate !== undefined && options.bitrate !== undefined && options.maxBitrate < options.bitrate) {
    issues.push(
      wrong(
        'max_below_bitrate',
        '--max-bitrate',
        `--max-bitrate ${options.maxBitrate}k is below --bitrate ${options.bitrate}k`,
        'a maximum of at least the average',
      ),
    );
  }
  return issues;
}

/** ffmpeg counts bits in 31 of them; below 1 kbps the encoders see zero, and quietly do something else. */
export const BITRATES_KBPS = { min: 1, max: 2_000_000 } as const;

function bitrateIssues({ options, row }: RateContext): readonly Issue[] {
  const max = row.maxKbps ?? BITRATES_KBPS.max;
  const given = [
    ['--bitrate', options.bitrate],
    ['--max-bitrate', options.maxBitrate],
  ] as const;
  return given.flatMap(([flag, kbps]) =>
    kbps === undefined || (kbps >= BITRATES_KBPS.min && kbps <= max)
      ? []
      : [
          wrong(
            'bitrate_out_of_range',
            flag,
            `${flag} ${kbps}k is out of range for ${row.encoder}`,
            `it takes ${BITRATES_KBPS.min}k to ${max}k`,
          ),
        ],
  );
}

function crfRate(context: RateContext): { readonly rate: Rate; readonly issues: readonly Issue[] } {
  const { options, row, quality } = context;
  const scale = row.crf;
  const issues: Issue[] = [];
  if (!scale) return { rate: { mode: 'flavour', flavour: '' }, issues };
  const crf = options.crf ?? Number(row.levels[quality]);
  const best = `${scale.min} (best) to ${scale.max}; ${row.levels.medium} is medium quality`;
  if (crf < scale.min || crf > scale.max) {
    issues.push(
      wrong('crf_out_of_range', '--crf', `--crf ${crf} is out of range for ${row.encoder}`, `it takes ${best}`),
    );
  } else if (scale.whole && !Number.isInteger(crf)) {
    issues.push(
      wrong('crf_not_whole', '--crf', `--crf ${crf}: ${row.encoder} takes whole numbers only`, `it takes ${best}`),
    );
  }
  if (crf >= scale.min && crf < (scale.losslessBelow ?? scale.min)) {
    issues.push(
      warn(
        'crf_lossless',
        '--crf',
        `--crf ${crf} makes 8-bit pictures lossless: a profile that few players take`,
        `${row.levels.ultra} already looks the same`,
      ),
    );
  }
  const held = goalOf(options)?.holdsPeaks
    ? levelKbps(quality, context.codec, context.size, context.fps).maxKbps
    : undefined;
  const maxKbps = options.maxBitrate ?? context.platformMaxKbps ?? held;
  const vbv = maxKbps === undefined ? undefined : { maxKbps, bufferKbit: 2 * maxKbps };
  return { rate: { mode: 'crf', crf, ...(vbv ? { vbv } : {}) }, issues };
}

/** Stands in until the sound and the length are known too: see `aimAtSize`. */
const PROVISIONAL_KBPS = 1000;

function sizedRate({ options, platformMaxKbps }: RateContext, mode: 'vbr' | 'cbr' | 'abr') {
  const maxKbps = options.maxBitrate ?? platformMaxKbps;
  const rate: Rate =
    mode === 'abr' || maxKbps === undefined
      ? { mode: 'abr', kbps: PROVISIONAL_KBPS }
      : { mode: 'vbr', kbps: PROVISIONAL_KBPS, vbv: { maxKbps, bufferKbit: 2 * maxKbps } };
  return { rate, issues: [] };
}

function bitrateRate(
  context: RateContext,
  mode: 'vbr' | 'cbr' | 'abr',
): { readonly rate: Rate; readonly issues: readonly Issue[] } {
  const { options, codec, quality, size, fps } = context;
  const issues: Issue[] = [];
  const level = levelKbps(quality, codec, size, fps);
  if (options.targetSize !== undefined) return sizedRate(context, mode);
  let kbps = options.bitrate;
  let maxKbps = options.maxBitrate;
  if (kbps === undefined) {
    const useful = usefulKbps(context);
    kbps = Math.min(level.kbps, maxKbps ?? level.kbps, context.platformMaxKbps ?? level.kbps, useful ?? level.kbps);
    if (useful !== undefined && useful < level.kbps) {
      issues.push(
        warn(
          'bitrate_capped',
          '--quality',
          `${quality} would be ${level.kbps}k: ${kbps}k is all that this source can need`,
          '--bitrate overrides it',
        ),
      );
    }
    maxKbps ??= Math.max(kbps, Math.min(level.maxKbps, context.platformMaxKbps ?? level.maxKbps, Math.round(kbps * 2)));
  }
  maxKbps ??= Math.round(Math.min(kbps * 1.5, context.platformMaxKbps ?? kbps * 1.5));
  if (mode === 'abr') return { rate: { mode, kbps }, issues };
  if (mode === 'cbr') return { rate: { mode, kbps, vbv: { maxKbps: kbps, bufferKbit: kbps } }, issues };
  return {
    rate: { mode, kbps, vbv: { maxKbps: Math.max(kbps, maxKbps), bufferKbit: 2 * Math.max(kbps, maxKbps) } },
    issues,
  };
}

function flavourRate(
  { row, options, from, quality }: RateContext,
  custom: Readonly<Record<string, string>>,
): { readonly rate: Rate; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  for (const [key, flag] of [
    ['crf', '--crf'],
    ['bitrate', '--bitrate'],
    ['maxBitrate', '--max-bitrate'],
    ['mode', '--mode'],
    ['twoPass', '--two-pass'],
    ['targetSize', '--target-size'],
  ] as const) {
    if (from[key] === 'flag' && options[key] !== false) {
      issues.push(
        wrong(
          'no_rate_control',
          flag,
          `${flag} means nothing to ${row.encoder}: its flavours have fixed rates`,
          `--quality, or --set profile=${Object.keys(row.flavours ?? {}).join('|')}`,
        ),
      );
    }
  }
  return { rate: { mode: 'flavour', flavour: custom.profile ?? String(row.levels[quality]) }, issues };
}

/** Decides rate control: mode, quality or bitrates, always with a buffer where a maximum is meant. */
export function planRate(
  context: RateContext,
  custom: Readonly<Record<string, string>>,
): { readonly rate: Rate; readonly issues: readonly Issue[] } {
  if (context.row.flavours) return flavourRate(context, custom);
  const mode = modeOf(context);
  const decided = mode === 'crf' ? crfRate(context) : bitrateRate(context, mode);
  return { rate: decided.rate, issues: [...conflicts(context, mode), ...bitrateIssues(context), ...decided.issues] };
}

/** One pass or two: as asked, else two where the encoder's row says that one strays from its rate. */
export function planPasses(
  row: EncoderRow,
  mode: Rate['mode'],
  asked: boolean | undefined,
): { readonly two: boolean; readonly issues: readonly Issue[] } {
  const needed = row.twoPassModes?.some((one) => one === mode) ?? false;
  if (asked !== false || !needed) return { two: row.twoPass !== null && (asked ?? needed), issues: [] };
  const what = `--no-two-pass: one pass of ${row.encoder} strays from its bitrate, most of all on a short film`;
  return { two: false, issues: [warn('one_pass_strays', '--two-pass', what, 'two passes keep to it')] };
}
