import { SgError } from '../model/errors.ts';
import { multiHint } from './multi-findings.ts';
import type { ExportOutcome } from './outcome.ts';

const AGAIN = 'the same command with --skip-existing makes only what is missing; so does `sg-export multi --resume`';

export const isCancelled = ({ result }: ExportOutcome): boolean => result.status === 'cancelled';

/** An error of one export, in the words of `multi`; `hint` where it has none. */
const told = ({ code, message, hint, issues }: SgError, otherwise: string, before = ''): SgError =>
  new SgError(code, `${before}${message}`, { hint: multiHint(hint) || otherwise, issues });

/** `2 of 5 exports failed, 1 cancelled`. */
function partialText(failed: number, cancelled: number, all: number): string {
  if (failed > 0) return `${failed} of ${all} exports failed${cancelled > 0 ? `, ${cancelled} cancelled` : ''}`;
  return `${cancelled} of ${all} exports ${cancelled === 1 ? 'was' : 'were'} cancelled`;
}

/** What ends the whole: undefined where every export was delivered. */
export function errorOfMulti(outcomes: readonly ExportOutcome[], signal: AbortSignal): SgError | undefined {
  const bad = outcomes.filter(({ error }) => error !== undefined);
  if (bad.length === 0) return undefined;
  if (signal.aborted) {
    return told(signal.reason instanceof SgError ? signal.reason : new SgError('SIGINT', 'cancelled'), AGAIN);
  }
  const failed = bad.filter((outcome) => !isCancelled(outcome));
  const cancelled = bad.length - failed.length;
  if (bad.length < outcomes.length) {
    return new SgError('PARTIAL', partialText(failed.length, cancelled, outcomes.length), { hint: AGAIN });
  }
  const first = (failed[0] ?? bad[0])?.error;
  if (!first) return undefined;
  if (outcomes.length === 1) return told(first, '');
  const codes = new Set((failed.length > 0 ? failed : bad).map(({ error }) => error?.code));
  const how =
    cancelled === 0 ? `all ${outcomes.length} exports failed` : `no export was finished, ${cancelled} cancelled`;
  const { code, message } = told(first, AGAIN, `${how}: `);
  return new SgError(codes.size === 1 ? code : 'ENCODE', message, { hint: multiHint(first.hint) || AGAIN });
}
