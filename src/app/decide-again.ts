import type { Issue } from '../model/errors.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Decision, DecisionInput } from './decide.ts';

/** Decides, with whatever must be looked at for it. */
export type Deciding = (input: DecisionInput) => Promise<Decision>;

/** What a decision says of why it was made once more. */
interface Said {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly issues: readonly Issue[];
  readonly sizeSteps?: ResolvedExport['sizeSteps'];
}

/** Decides once more, as if these flags had been given. */
export async function decideWithFlags(
  depends: DecisionInput,
  flags: OptionValues,
  decideAgain: Deciding,
  said: Said,
): Promise<Decision> {
  const again = await decideAgain({ ...depends, layers: { ...depends.layers, flags } });
  const { resolved, issues } = again;
  if (!resolved) return again;
  return {
    ...again,
    resolved: {
      ...resolved,
      settings: { ...resolved.settings, ...said.settings },
      ...(said.sizeSteps ? { sizeSteps: said.sizeSteps } : {}),
    },
    issues: [...issues, ...said.issues],
  };
}
