import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { Plan, SizeLimit } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { type Attempt, attemptsOf, planAttempts } from '../plan/attempts.ts';
import { buildPlan } from '../plan/build.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Session } from './call.ts';
import type { Decision, DecisionInput } from './decide.ts';
import type { Deciding } from './decide-again.ts';
import { chooseHardware } from './hardware.ts';
import { belowMaximum } from './max-size.ts';
import type { Sampling } from './sampled.ts';
import { atTargetQuality } from './target-quality.ts';
import { toolchainIssues } from './toolchain-issues.ts';

/** What encodes, then what a measured quality and a maximum size ask of it; and the same in software, where that may take over. */
export async function decideWhole(
  session: Session,
  depends: DecisionInput,
  decideAgain: Deciding,
  sampling: Sampling,
): Promise<{ readonly decision: Decision; readonly software: Decision | undefined }> {
  const { cache, toolchain, signal } = sampling;
  const asked = await decideAgain(depends);
  const choice = await chooseHardware({ session, depends, software: asked, decideAgain, toolchain, signal });
  const near = await atTargetQuality(cache, choice.depends, choice.decision, decideAgain, toolchain, signal);
  const decision = await belowMaximum(choice.depends, near, decideAgain, sampling);
  if (!choice.software || !choice.mayFallBack) return { decision, software: undefined };
  return { decision, software: await belowMaximum(depends, choice.software, decideAgain, sampling) };
}

/** The ways to make a delivery; what this ffmpeg lacks something for is none that may take over. */
function waysOf(
  decided: Attempt,
  software: Decision | undefined,
  media: MediaInfo,
  toolchain: Toolchain,
): readonly Attempt[] {
  const other = software?.resolved && { resolved: software.resolved, issues: software.issues };
  const isPlannable = other && toolchainIssues(buildPlan(other.resolved, media, []), toolchain).length === 0;
  return attemptsOf(decided, isPlannable ? other : undefined);
}

/** The plan, with what takes over from it; none where a finding stops the request. */
export function planOf(
  resolved: ResolvedExport | undefined,
  issues: readonly Issue[],
  software: Decision | undefined,
  media: MediaInfo,
  toolchain: Toolchain,
  sizeLimits: readonly SizeLimit[],
): { readonly attempts: readonly Attempt[]; readonly plan: Plan | undefined } {
  if (!resolved || issues.some(({ severity }) => severity === 'error')) return { attempts: [], plan: undefined };
  const attempts = waysOf({ resolved, issues }, software, media, toolchain);
  return { attempts, plan: { ...planAttempts(attempts, media), sizeLimits } };
}

/** Nobody named the hardware, so a skip compares what software would make. */
export const isAutomatic = ({ hw }: OptionValues): boolean => hw === undefined || hw === 'auto';
