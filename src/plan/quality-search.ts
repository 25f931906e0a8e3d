import type { EncoderRow } from '../codecs/encoder-row.ts';
import type { QualityTarget } from '../model/option-values.ts';

/** What a constant quality came to. */
export interface QualityProbe {
  readonly crf: number;
  /** In the target's own figure. */
  readonly figure: number;
}

export type SearchStep =
  | { readonly kind: 'probe'; readonly crf: number }
  /** The nearest that was found; `reached` where it is within what is promised. */
  | { readonly kind: 'found'; readonly probe: QualityProbe; readonly reached: boolean };

/** How near a figure must come. */
export const QUALITY_TOLERANCE: Readonly<Record<QualityTarget['metric'], number>> = { ssim: 0.003, psnr: 0.3, vmaf: 1 };
/** A probe this near ends the search, by how many there were: nothing finer survives the step from samples to the film. */
const NEAR_ENOUGH = { early: 0.25, late: 0.75, lateFrom: 4 } as const;
const MOST_PROBES = 8;

/** SSIM as dB of its distance from 1: in it, as in PSNR, a step of CRF counts the same everywhere. */
const scaled = ({ metric }: QualityTarget, figure: number): number =>
  metric === 'ssim' ? -10 * Math.log10(Math.max(1e-6, 1 - figure)) : figure;

/**
 * What a figure of samples is on the whole film, where at one constant quality both are known: nearly as far from it in dB, or in
 * VMAF, at its neighbours. Pure.
 */
export function onWhole(target: QualityTarget, ofSamples: number, ofWhole: number): (figure: number) => number {
  const by = scaled(target, ofWhole) - scaled(target, ofSamples);
  if (!Number.isFinite(by)) return (figure) => figure;
  return (figure) => (target.metric === 'ssim' ? 1 - 10 ** (-(scaled(target, figure) + by) / 10) : figure + by);
}

const rounded = (crf: number, whole: boolean): number => (whole ? Math.round(crf) : Math.round(crf * 10) / 10);

/** Falls by about this for each step of CRF, before two probes tell. */
const FIRST_SLOPE: Readonly<Record<QualityTarget['metric'], number>> = { ssim: 0.3, psnr: 0.45, vmaf: 1.2 };

/** By how much a probe is better than what is wanted. */
const offBy =
  (target: QualityTarget) =>
  ({ figure }: QualityProbe): number =>
    scaled(target, figure) - scaled(target, target.value);

/** The two between which the target lies: the last that is good enough, and the first behind it that is not. */
function bracketOf(probes: readonly QualityProbe[], target: QualityTarget) {
  const off = offBy(target);
  const above = probes.filter((probe) => off(probe) >= 0).sort((a, b) => b.crf - a.crf)[0];
  const lower = probes.filter((probe) => off(probe) < 0 && probe.crf > (above?.crf ?? 0));
  const below = lower.sort((a, b) => a.crf - b.crf)[0];
  return above && below ? { above, below } : undefined;
}

/** Interpolation that comes to the same side of the target time and again creeps up to it: half the bracket is quicker. */
function creeps(probes: readonly QualityProbe[], target: QualityTarget): boolean {
  const offs = probes.slice(-3).map(offBy(target));
  return offs.length === 3 && (offs.every((off) => off >= 0) || offs.every((off) => off < 0));
}

function guess(probes: readonly QualityProbe[], target: QualityTarget): number {
  const off = offBy(target);
  const [nearest, second] = [...probes].sort((a, b) => Math.abs(off(a)) - Math.abs(off(b)));
  if (!nearest) return Number.NaN;
  const bracket = bracketOf(probes, target);
  if (bracket) {
    const { above, below } = bracket;
    const share = creeps(probes, target) ? 0.5 : off(above) / (off(above) - off(below));
    return above.crf + (below.crf - above.crf) * share;
  }
  const measured = second && (off(second) - off(nearest)) / (second.crf - nearest.crf);
  const slope = measured && measured < 0 ? -measured : FIRST_SLOPE[target.metric];
  return nearest.crf + off(nearest) / slope;
}

/**
 * The next constant quality to try, by interpolation between what was tried, or the end of the search: near enough, no
 * step between two neighbours left, or the end of the encoder's scale. Pure.
 */
export function searchQuality(row: EncoderRow, probes: readonly QualityProbe[], target: QualityTarget): SearchStep {
  const scale = row.crf;
  const min = Math.max(scale?.min ?? 0, scale?.losslessBelow ?? 0);
  const max = scale?.max ?? 51;
  const whole = scale?.whole ?? true;
  if (probes.length === 0) return { kind: 'probe', crf: Number(row.levels.medium) };
  const distance = ({ figure }: QualityProbe): number => Math.abs(figure - target.value);
  const [best] = [...probes].sort((a, b) => distance(a) - distance(b));
  if (!best) return { kind: 'probe', crf: Number(row.levels.medium) };
  const tolerance = QUALITY_TOLERANCE[target.metric];
  const found: SearchStep = { kind: 'found', probe: best, reached: distance(best) <= tolerance };
  const enough = probes.length < NEAR_ENOUGH.lateFrom ? NEAR_ENOUGH.early : NEAR_ENOUGH.late;
  if (distance(best) <= tolerance * enough || probes.length >= MOST_PROBES) return found;
  const crf = rounded(Math.min(max, Math.max(min, guess(probes, target))), whole);
  return probes.some((probe) => probe.crf === crf) ? found : { kind: 'probe', crf };
}
