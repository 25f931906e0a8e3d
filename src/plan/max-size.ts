import { RESOLUTIONS } from '../codecs/resolutions.ts';
import { videoCodec } from '../codecs/video.ts';
import type { OptionValues, SizePriority } from '../model/option-values.ts';
import { formatRational, rational, valueOf } from '../model/rational.ts';
import type { SettingsFrom } from '../model/settings.ts';
import { formatBytes } from '../model/units.ts';
import type { Forecast } from './forecast.ts';
import type { ByQuality, ResolvedExport, SizeStep } from './resolved.ts';
import { goalBytes, sizeTolerance } from './size-budget.ts';

/** The part of the bits that its quality asks for below which a picture is made otherwise before it gets fewer still. */
const LEAST_SHARE: Readonly<Record<SizePriority, number>> = { quality: 0.75, balanced: 0.55, size: 0.35 };
/** Bits that a picture needs by its pixels: to this power (levels of one clip at 360p to 1080p lie at 0.7 to 0.8). */
const PIXEL_POWER = 0.75;
/** Half the frames need this much of the bits: the frames that are left differ more. */
const HALF_RATE = 0.65;
/** At most this many frames a second are kept where size matters more. */
const CALM_FPS = 30;

/** What is changed of a request so that its file stays below a size. */
export interface SizeSteps {
  readonly values: Pick<OptionValues, 'targetSize' | 'resolution' | 'fps' | 'codec'>;
  /** In order. */
  readonly steps: readonly SizeStep[];
}

interface State {
  readonly values: SizeSteps['values'];
  readonly steps: readonly SizeStep[];
  /** Bytes that the picture would take at the asked quality. */
  readonly wanted: number;
}

type Step = (state: State, resolved: ResolvedExport, from: SettingsFrom) => State | undefined;

/** A step in a sentence. */
export const stepText = ({ what, gain_bytes: gain, gain_from: from }: SizeStep): string =>
  from === 'forecast' ? `${what}: about ${formatBytes(gain)} less, by forecast` : `${what}: ${formatBytes(gain)} less`;

const saving = (step: SizeStep['step'], what: string, before: number, after: number): SizeStep => ({
  ...{ step, what },
  gain_bytes: Math.max(0, Math.round(before - after)),
  gain_from: 'forecast',
});

/** H.265 where nobody chose the codec and the container holds it. */
const betterCodec: Step = (state, { video, container }, from) => {
  const better = videoCodec('h265');
  const chosen = from.codec !== undefined && from.codec !== 'default';
  if (chosen || video.codec !== 'h264' || container === 'webm' || !better) return undefined;
  const wanted = state.wanted * better.bitsFactor;
  return {
    values: { ...state.values, codec: 'h265' },
    steps: [...state.steps, saving('codec', 'H.265 in place of H.264', state.wanted, wanted)],
    wanted,
  };
};

const fewerPixels: Step = (state, { video }) => {
  const { width, height } = video.geometry;
  const side = Math.min(width, height);
  const below = RESOLUTIONS.filter((row) => !row.exact && row.height < side * 0.9).at(-1);
  if (!below) return undefined;
  const wanted = state.wanted * ((below.height / side) ** 2) ** PIXEL_POWER;
  return {
    values: { ...state.values, resolution: { kind: 'name', id: below.id } },
    steps: [...state.steps, saving('resolution', `${below.id} in place of ${width}x${height}`, state.wanted, wanted)],
    wanted,
  };
};

const fewerFrames: Step = (state, { video }) => {
  const rate = video.frameRate;
  if (!rate || valueOf(rate) <= CALM_FPS + 0.1) return undefined;
  const fps = rational(rate.num, rate.den * 2);
  const wanted = state.wanted * HALF_RATE;
  const what = `${formatRational(fps)} frames a second in place of ${formatRational(rate)}`;
  return {
    values: { ...state.values, fps },
    steps: [...state.steps, saving('frame_rate', what, state.wanted, wanted)],
    wanted,
  };
};

/**
 * The steps that bring a file below a size, in the order codec, bitrate, resolution, frame rate; each only where what
 * came before leaves the picture too few bits. Undefined where the forecast fits as it is.
 */
export function stepsBelow(
  resolved: ResolvedExport,
  forecast: Forecast,
  maxBytes: number,
  priority: SizePriority,
  from: SettingsFrom,
): SizeSteps | undefined {
  if (forecast.highBytes <= maxBytes) return undefined;
  const picture = forecast.videoKbps * 125 * resolved.timeline.durationSec;
  const budget = goalBytes(maxBytes, sizeTolerance(resolved)) - (forecast.bytes - picture);
  let state: State = { values: {}, steps: [], wanted: picture };
  const starved = () => budget / state.wanted < LEAST_SHARE[priority];
  for (const step of [betterCodec, fewerPixels, fewerFrames]) {
    if (step === betterCodec ? budget >= state.wanted : !starved()) continue;
    state = step(state, resolved, from) ?? state;
  }
  const share = Math.round((budget / state.wanted) * 100);
  const what = `${share} % of the bitrate that the quality asks for`;
  const rate = share > 0 && share < 100 ? [saving('bitrate', what, state.wanted, budget)] : [];
  return { values: { ...state.values, targetSize: maxBytes }, steps: [...state.steps, ...rate] };
}

type Steps = NonNullable<ResolvedExport['sizeSteps']>;

/** Of the settings that a result shows: which steps were taken, and what each gains. */
export const sizeSettings = ({ steps, byQuality }: Steps) => ({
  size_steps: steps.map(stepText),
  size_gains: steps,
  size_by_quality: byQuality,
});

const BY: Readonly<Record<ByQuality['from'], string>> = {
  encode: 'it was encoded so',
  whole: 'it was encoded so',
  samples: 'by samples',
  arithmetic: 'by arithmetic',
};

/**
 * What the steps gained, now that the file is there: in all, and where there was one step only, that step. Of several only
 * forecasts tell which gained what.
 */
export function sizeResult(
  { steps, byQuality }: Steps,
  cameBytes: number,
): { readonly settings: Readonly<Record<string, unknown>>; readonly said: string } {
  const gained = Math.max(0, byQuality.bytes - cameBytes);
  const one = { gain_bytes: gained, gain_from: 'result' } as const;
  const told = steps.length === 1 ? steps.map((step) => ({ ...step, ...one })) : steps;
  const sizes = `${formatBytes(byQuality.bytes)} by quality (${BY[byQuality.from]}), ${formatBytes(cameBytes)} now`;
  return {
    settings: { ...sizeSettings({ steps: told, byQuality }), size_gained_bytes: gained },
    said: `to stay below the size ${formatBytes(gained)} were gained in all: ${sizes}`,
  };
}
