import { encoderRow } from '../codecs/video.ts';
import { SgError } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Observation, Plan, Revision } from '../model/plan.ts';
import { formatBytes } from '../model/units.ts';
import { sizedEncode } from './build.ts';
import { sizeResult } from './max-size.ts';
import type { ResolvedExport } from './resolved.ts';
import { atKbps, besideThePicture, goalBytes, kbpsOf, type SizeFlag, sizeTolerance } from './size-budget.ts';

/** With a first-pass log the second pass alone is run again, at most three times; an encoder without one is quick, and needs luck. */
const MOST_TRIES = { withLog: 4, without: 12 } as const;
/** SVT-AV1 spends a per cent or two more or less at the same bitrate (1.4.1): one that was tried is tried a little beside it, ever further. */
const NUDGE = 0.006;
/** Within this, bytes follow the bitrate in proportion. */
const CLOSE = 0.15;
/**
 * A picture that got this much more and grew by less than that has all it can use. Without a log sizes scatter by a per
 * cent and stand still between steps, so that only a larger step says so.
 */
const SATURATED = { withLog: 1.05, without: 1.25, grown: 1.01 } as const;
/** Near the goal two tries lie too close together to tell how bytes follow the bitrate: libvpx moves in steps. */
const NEAR = { off: 0.05, least: 0.7, most: 1.4 } as const;
const FAR = { least: 0.25, most: 2 } as const;
/** One step goes no further than this: far from the goal, sizes do not follow bitrates in proportion. */
const STEP = { least: 0.25, most: 4 } as const;

interface Try {
  readonly kbps: number;
  /** Bytes of the picture. */
  readonly picture: number;
  readonly bytes: number;
  readonly product: string;
}

/** Between two tries, or beyond the nearest: bytes follow the bitrate by a power near one. */
function nextKbps(tries: readonly Try[], goal: number): number {
  const byNearness = [...tries].sort(
    (a, b) => Math.abs(Math.log(a.picture / goal)) - Math.abs(Math.log(b.picture / goal)),
  );
  const nearest = byNearness[0] as Try;
  const other =
    byNearness.find((one) => one.picture > goal !== nearest.picture > goal) ??
    byNearness.find((one) => one.kbps !== nearest.kbps);
  const power = other ? Math.log(other.picture / nearest.picture) / Math.log(other.kbps / nearest.kbps) : 1;
  const bounds = Math.abs(nearest.picture / goal - 1) < NEAR.off ? NEAR : FAR;
  const slope = Number.isFinite(power) ? Math.min(bounds.most, Math.max(bounds.least, power)) : 1;
  const factor = (goal / nearest.picture) ** (1 / slope);
  return nearest.kbps * Math.min(STEP.most, Math.max(STEP.least, factor));
}

/** Where sizes scatter any two tries mislead: all that came close are heard (size-target.test.ts plays a scatter of 2 %). */
function kbpsOfAll(tries: readonly Try[], goal: number): number {
  const close = tries.filter(({ picture }) => Math.abs(picture / goal - 1) < CLOSE);
  if (close.length < 2) return nextKbps(tries, goal);
  const logs = close.map(({ kbps, picture }) => Math.log((kbps * goal) / picture));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** A bitrate, or the nearest beside it that was not tried yet. */
function untried(wanted: number, tries: readonly Try[]): number {
  const isTried = (rate: number): boolean => tries.some((one) => Math.abs(one.kbps - rate) < 0.05);
  const steps = tries.flatMap((_, n) => [n, -n]);
  return steps.map((n) => kbpsOf(wanted * (1 + n * NUDGE) * 125, 1)).find((rate) => !isTried(rate)) ?? wanted;
}

/** The picture uses no more, however much it is granted. */
function isSaturated(tries: readonly Try[], granted: number): boolean {
  const [less, more] = [...tries].sort((a, b) => a.kbps - b.kbps).slice(-2);
  if (!less || !more) return false;
  return more.kbps >= less.kbps * granted && more.picture <= less.picture * SATURATED.grown;
}

type Verdict =
  | { readonly kind: 'again'; readonly kbps: number }
  | { readonly kind: 'take'; readonly best: Try; readonly saturated: boolean };

/** Where the size came from, for messages. */
const flagOf = ({ maxBytes, sizeSteps }: ResolvedExport): SizeFlag =>
  maxBytes === undefined && sizeSteps === undefined ? '--target-size' : '--max-size';

function judge(resolved: ResolvedExport, target: number, beside: number, tries: readonly Try[]): Verdict {
  const { video, timeline } = resolved;
  const tolerance = sizeTolerance(resolved);
  const best = tries.filter(({ bytes }) => bytes <= target).sort((a, b) => b.bytes - a.bytes)[0];
  if (best && best.bytes >= target * (1 - tolerance)) return { kind: 'take', best, saturated: false };
  const kind = video.twoPass ? 'withLog' : 'without';
  const saturated = best !== undefined && isSaturated(tries, SATURATED[kind]);
  if (best && saturated) return { kind: 'take', best, saturated };
  const most = MOST_TRIES[kind];
  const capKbps = video.rate.mode === 'vbr' ? video.rate.vbv.maxKbps : Number.POSITIVE_INFINITY;
  const goal = goalBytes(target, tolerance) - beside;
  const next = video.twoPass ? nextKbps(tries, goal) : kbpsOfAll(tries, goal);
  const wanted = Math.min(capKbps, kbpsOf(next * timeline.durationSec * 125, timeline.durationSec));
  const kbps = video.twoPass ? wanted : Math.min(capKbps, untried(wanted, tries));
  const tried = tries.some((one) => Math.abs(one.kbps - kbps) < 0.05);
  if (tries.length < most && kbps > 0 && !tried) return { kind: 'again', kbps };
  if (best) return { kind: 'take', best, saturated: best.kbps >= capKbps };
  const least = Math.min(...tries.map(({ bytes }) => bytes));
  throw new SgError(
    'TARGET',
    `${flagOf(resolved)} ${formatBytes(target)} was not reached in ${tries.length} tries: the smallest came to ${formatBytes(least)}`,
    { hint: `${flagOf(resolved)} ${formatBytes(Math.ceil(least * 1.05))}, a lower --resolution, or a shorter part` },
  );
}

/** What the target's first observation says: how much everything but the picture takes. */
function besideOf(resolved: ResolvedExport, media: MediaInfo, observations: readonly Observation[]): number {
  return observations.find(({ kbps }) => kbps === 0)?.bytes ?? besideThePicture({ ...resolved, audio: [] }, media);
}

interface Taken {
  readonly resolved: ResolvedExport;
  readonly target: number;
  readonly tries: readonly Try[];
}

function taken(plan: Plan, { resolved, target, tries }: Taken, best: Try, saturated: boolean): Plan {
  const steps = resolved.sizeSteps && sizeResult(resolved.sizeSteps, best.bytes);
  const percent = ((1 - best.bytes / target) * 100).toFixed(1);
  const settings = {
    ...plan.settings,
    video_bitrate_kbps: best.kbps,
    target_size_bytes: target,
    target_saturated: saturated,
    target_tries: tries.length,
    ...steps?.settings,
  };
  const less = saturated
    ? `the picture needs no more than ${formatBytes(best.bytes)}: ${percent} % below the target`
    : `the file is ${percent} % below the target: nearer was not found in ${tries.length} tries`;
  const near = best.bytes >= target * 0.98;
  return {
    ...plan,
    steps: [],
    product: best.product,
    settings,
    warnings: [...plan.warnings, ...(near ? [] : [less]), ...(steps ? [steps.said] : [])],
  };
}

/**
 * What to do after each thing that was weighed: the sound first, then each encode of the picture, until one fits. Throws
 * SgError TARGET where none does. Pure: the same observations give the same plan.
 */
export function reviseForSize(
  resolved: ResolvedExport,
  media: MediaInfo,
  plan: Plan,
  observations: readonly Observation[],
): Revision {
  const target = resolved.targetBytes ?? 0;
  const { durationSec } = resolved.timeline;
  const beside = besideOf(resolved, media, observations);
  const encode = (kbps: number, n: number): Plan => {
    const steps = sizedEncode({ ...resolved, video: atKbps(resolved.video, kbps) }, media, n);
    return { ...plan, steps, product: steps.at(-1)?.writes[0] ?? plan.product };
  };
  const tries = observations
    .filter(({ kbps }) => kbps > 0)
    .map(({ kbps, bytes, product }) => ({ kbps, bytes, product, picture: Math.max(1, bytes - beside) }));
  if (tries.length === 0) {
    const kbps = kbpsOf(goalBytes(target, sizeTolerance(resolved)) - beside, durationSec);
    if (kbps <= 0)
      throw new SgError(
        'TARGET',
        `${flagOf(resolved)} ${formatBytes(target)}: the sound alone takes ${formatBytes(beside)}`,
        {
          hint: 'a larger target, or a lower --audio-bitrate',
        },
      );
    return { plan: encode(kbps, 1), discard: [] };
  }
  const verdict = judge(resolved, target, beside, tries);
  const keep = verdict.kind === 'take' ? [verdict.best] : tries.filter(({ bytes }) => bytes <= target).slice(-1);
  const discard = tries.map(({ product }) => product).filter((name) => !keep.some(({ product }) => product === name));
  if (verdict.kind === 'again') return { plan: encode(verdict.kbps, tries.length + 1), discard };
  return { plan: taken(plan, { resolved, target, tries }, verdict.best, verdict.saturated), discard };
}

/**
 * A film that was encoded by quality and came out above its maximum is made again for that size; one that is below stands.
 * Throws SgError TARGET where no try fits. Pure.
 */
export function reviseForMaximum(
  resolved: ResolvedExport,
  media: MediaInfo,
  plan: Plan,
  observations: readonly Observation[],
): Revision {
  const maximum = resolved.maxBytes ?? Number.POSITIVE_INFINITY;
  const [first, ...tries] = observations;
  // What has no scale of qualities comes out as it is: its size is judged at the end.
  const isFixed = !encoderRow(resolved.video.encoder)?.crf;
  if (!first || first.bytes <= maximum || isFixed) return { plan: { ...plan, steps: [] }, discard: [] };
  const beside = besideThePicture(resolved, media);
  const picture = first.bytes - beside;
  const { durationSec } = resolved.timeline;
  const wanted = kbpsOf(Math.min(picture * 0.98, goalBytes(maximum, sizeTolerance(resolved)) - beside), durationSec);
  const two = encoderRow(resolved.video.encoder)?.twoPass !== null;
  const byQuality = { bytes: first.bytes, from: 'encode' } as const;
  const what = 'a lower bitrate than the quality asks for';
  const rate = { step: 'bitrate', what, gain_bytes: first.bytes - maximum, gain_from: 'forecast' } as const;
  const sized: ResolvedExport = {
    ...resolved,
    targetBytes: maximum,
    video: { ...atKbps(resolved.video, wanted), twoPass: two },
    sizeSteps: { steps: [rate], byQuality },
  };
  // Arithmetic stands for the sound: it was not weighed.
  const weighed: Observation = { stepId: 'beside', kbps: 0, bytes: beside, product: first.product };
  const revision = reviseForSize(sized, media, plan, [weighed, ...tries]);
  const said = `by quality the file came to ${formatBytes(first.bytes)}: made again for ${formatBytes(maximum)}`;
  const warnings = tries.length === 0 ? [...revision.plan.warnings, said] : revision.plan.warnings;
  return { plan: { ...revision.plan, warnings }, discard: [...revision.discard, first.product] };
}
