import { RESOLUTIONS } from '../codecs/resolutions.ts';
import { videoCodec } from '../codecs/video.ts';
import type { OptionValues, SizePriority } from '../model/option-values.ts';
import { formatRational, rational, valueOf } from '../model/rational.ts';
import type { SettingsFrom } from '../model/settings.ts';
import { formatBytes } from '../model/units.ts';
import type { Forecast } from './forecast.ts';
import type { ResolvedExport } from './resolved.ts';
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
  /** One sentence for each step, in order. */
  readonly said: readonly string[];
}

interface State {
  readonly values: SizeSteps['values'];
  readonly said: readonly string[];
  /** Bytes that the picture would take at the asked quality. */
  readonly wanted: number;
}

type Step = (state: State, resolved: ResolvedExport, from: SettingsFrom) => State | undefined;

const saving = (what: string, before: number, after: number): string =>
  `${what}: about ${formatBytes(Math.round(before - after))} less`;

/** H.265 where nobody chose the codec and the container holds it. */
const betterCodec: Step = (state, { video, container }, from) => {
  const better = videoCodec('h265');
  const chosen = from.codec !== undefined && from.codec !== 'default';
  if (chosen || video.codec !== 'h264' || container === 'webm' || !better) return undefined;
  const wanted = state.wanted * better.bitsFactor;
  return {
    values: { ...state.values, codec: 'h265' },
    said: [...state.said, saving('H.265 in place of H.264', state.wanted, wanted)],
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
    said: [...state.said, saving(`${below.id} in place of ${width}x${height}`, state.wanted, wanted)],
    wanted,
  };
};

const fewerFrames: Step = (state, { video }) => {
  const rate = video.frameRate;
  if (!rate || valueOf(rate) <= CALM_FPS + 0.1) return undefined;
  const fps = rational(rate.num, rate.den * 2);
  const wanted = state.wanted * HALF_RATE;
  return {
    values: { ...state.values, fps },
    said: [
      ...state.said,
      saving(`${formatRational(fps)} frames a second in place of ${formatRational(rate)}`, state.wanted, wanted),
    ],
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
  let state: State = { values: {}, said: [], wanted: picture };
  const starved = () => budget / state.wanted < LEAST_SHARE[priority];
  for (const step of [betterCodec, fewerPixels, fewerFrames]) {
    if (step === betterCodec ? budget >= state.wanted : !starved()) continue;
    state = step(state, resolved, from) ?? state;
  }
  const share = Math.round((budget / state.wanted) * 100);
  const rate = share > 0 && share < 100 ? [`${share} % of the bitrate that the quality asks for`] : [];
  return { values: { ...state.values, targetSize: maxBytes }, said: [...state.said, ...rate] };
}
