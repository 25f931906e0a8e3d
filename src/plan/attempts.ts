import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Plan } from '../model/plan.ts';
import { buildPlan } from './build.ts';
import { filteredInSoftware } from './device-chain.ts';
import type { ResolvedExport } from './resolved.ts';

/** One way to make a delivery, with what is to be said of it. */
export interface Attempt {
  readonly resolved: ResolvedExport;
  readonly issues: readonly Issue[];
}

const howOf = ({ resolved }: Attempt): string =>
  resolved.video.hardware ? 'with its pictures decoded and filtered in software' : 'in software';

/**
 * The ways in which a decision is tried, first to last: all on the device, then its encoder alone, then `software`, where
 * that may stand in.
 */
export function attemptsOf(decided: Attempt, software: Attempt | undefined): readonly Attempt[] {
  const { resolved, issues } = decided;
  if (!resolved.video.hardware) return [decided];
  const encoderOnly = { resolved: { ...resolved, video: filteredInSoftware(resolved.video) }, issues };
  const onDevice = resolved.video.hardware.chain === undefined ? [] : [decided];
  return [...onDevice, encoderOnly, ...(software ? [software] : [])];
}

/** The plan of the first attempt, which carries those that take over from it. */
export function planAttempts(attempts: readonly Attempt[], media: MediaInfo): Plan {
  const [first, ...rest] = attempts;
  if (!first) throw new Error('a delivery has at least one attempt');
  const plan = buildPlan(first.resolved, media, first.issues);
  const [next] = rest;
  if (!next) return plan;
  const after = first.resolved.video.hardware?.chain === undefined ? 'encoder' : 'chain';
  return { ...plan, instead: { after, how: howOf(next), plan: planAttempts(rest, media) } };
}
