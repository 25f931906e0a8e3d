import { stat, utimes } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sameContent, stampFile } from '../files/stamp.ts';
import { SgError } from '../model/errors.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { type KnownOutputs, knownOutputs } from './known-outputs.ts';
import { requestHash } from './request-hash.ts';
import { outputNames, prerequisitesOf } from './side-files.ts';
import { refuseForeignThumbnails } from './thumbnails.ts';

/** What `--skip-existing` decides: nothing is there; it is complete and ours; or ours, but stale or damaged. `known` where that was asked. */
export type SkipDecision =
  | { readonly kind: 'absent'; readonly known?: KnownOutputs }
  | { readonly kind: 'complete'; readonly known: KnownOutputs; readonly record: OutputRecord }
  | {
      readonly kind: 'remake';
      readonly known: KnownOutputs;
      readonly there: Pick<FileStamp, 'bytes' | 'mtimeNs' | 'inode'>;
    };

/**
 * Judges an existing destination for `--skip-existing`. Throws SgError USAGE where a file stands there that neither
 * history nor its receipt says sg-export wrote: such a file is never touched.
 */
export async function judgeExisting(session: Session, prepared: Prepared, signal: AbortSignal): Promise<SkipDecision> {
  const { resolved, values } = prepared;
  if (!resolved) return { kind: 'absent' };
  const { destination, source } = resolved;
  const receipt = values.receipt && resolve(session.cwd, values.receipt);
  const known = await knownOutputs(session, destination, receipt);
  await refuseForeignThumbnails(known, destination, resolved.thumbnails);
  const there = await stampFile(destination).catch(() => undefined);
  if (!there) return { kind: 'absent', known };
  const record = known.find(destination);
  if (!record) {
    throw new SgError('USAGE', `${destination} exists, and nothing says that sg-export wrote it${known.why}`, {
      hint: '--overwrite replaces it; -o writes elsewhere',
    });
  }
  const sameRequest = record.requestHash === requestHash(prepared.asked ?? resolved);
  const whole = sameRequest && (await sameContent(record.output, destination, { signal }));
  const sameSource = whole && (await sameContent(record.source, source, { signal }));
  if (!sameSource) return { kind: 'remake', known, there };
  return { kind: 'complete', known, record };
}

/** What a skip does to an output that is complete: make must find it no older than what it was made of. */
export async function renewTime(session: Session, call: ExportCall, prepared: Prepared): Promise<void> {
  const { resolved, values } = prepared;
  if (!resolved) return;
  const hasDepfile = values.depfile !== undefined || call.multi?.hasDepfile === true;
  const named = hasDepfile ? prerequisitesOf({ session, call, values }) : [];
  const made = outputNames(resolved.destination, resolved.thumbnails);
  for (const path of made)
    await renewAfter([resolved.source, ...named.map((name) => resolve(session.cwd, name))], path);
}

/** Outside make, a source touched within this of its output leaves the output's time alone: whoever looks at it sees that nothing was made. */
const SAME_AGE_NS = 60_000_000_000n;

/** make compares times: what was only touched must not look newer than what was made of it. Absolute paths. */
export async function renewAfter(prerequisites: readonly string[], destination: string): Promise<void> {
  const looks = prerequisites.map((path) => stat(path, { bigint: true }).catch(() => undefined));
  const newestNs = (await Promise.all(looks)).reduce((most, at) => (at && at.mtimeNs > most ? at.mtimeNs : most), 0n);
  const to = await stat(destination, { bigint: true }).catch(() => undefined);
  if (!to) return;
  const underMake = process.env.MAKELEVEL !== undefined;
  if (newestNs <= to.mtimeNs + (underMake ? 0n : SAME_AGE_NS)) return;
  // The next whole millisecond: make sees all digits of a time, and fewer can be set.
  await utimes(destination, to.atime, new Date(Number(newestNs / 1_000_000n) + 1));
}
