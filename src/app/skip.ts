import { readFile, stat, utimes } from 'node:fs/promises';
import { sameContent, stampFile } from '../files/stamp.ts';
import { SgError } from '../model/errors.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { Prepared, Session } from './call.ts';
import { readReceipt } from './receipt.ts';
import { requestHash } from './request-hash.ts';

/** What `--skip-existing` decides: nothing is there; it is complete and ours; or ours, but stale or damaged. */
export type SkipDecision =
  | { readonly kind: 'absent' }
  | { readonly kind: 'complete'; readonly record: OutputRecord }
  | { readonly kind: 'remake'; readonly there: Pick<FileStamp, 'bytes' | 'mtimeNs' | 'inode'> };

async function recordOf(
  session: Session,
  destination: string,
  receipt: string | undefined,
): Promise<OutputRecord | undefined> {
  const remembered = session.history.findOutput(destination);
  if (remembered) return remembered;
  const text = receipt === undefined ? undefined : await readFile(receipt, 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : readReceipt(text);
  return found && found.output.path === destination ? found : undefined;
}

/**
 * Judges an existing destination for `--skip-existing`. Throws SgError USAGE where a file stands there that neither
 * history nor its receipt says sg-export wrote: such a file is never touched.
 */
export async function judgeExisting(
  session: Session,
  prepared: Prepared,
  receipt: string | undefined,
  signal: AbortSignal,
): Promise<SkipDecision> {
  const { resolved } = prepared;
  if (!resolved) return { kind: 'absent' };
  const { destination, source } = resolved;
  const there = await stampFile(destination).catch(() => undefined);
  if (!there) return { kind: 'absent' };
  const record = await recordOf(session, destination, receipt);
  if (!record) {
    const why = session.history.problem ? ` (${session.history.problem})` : '';
    throw new SgError('USAGE', `${destination} exists, and nothing says that sg-export wrote it${why}`, {
      hint: '--overwrite replaces it; -o writes elsewhere',
    });
  }
  const sameRequest = record.requestHash === requestHash(resolved);
  const whole = sameRequest && (await sameContent(record.output, destination, { signal }));
  const sameSource = whole && (await sameContent(record.source, source, { signal }));
  if (!sameSource) return { kind: 'remake', there };
  await settle(source, destination);
  return { kind: 'complete', record };
}

/** Outside make, a source touched within this of its output leaves the output's time alone: whoever looks at it sees that nothing was made. */
const SAME_AGE_MS = 60_000;

/** make compares times: a source that was only touched must not look newer than what was made of it. */
async function settle(source: string, destination: string): Promise<void> {
  const [from, to] = [await stat(source), await stat(destination)];
  const underMake = process.env.MAKELEVEL !== undefined;
  if (from.mtimeMs > to.mtimeMs + (underMake ? 0 : SAME_AGE_MS)) await utimes(destination, to.atime, from.mtime);
}
