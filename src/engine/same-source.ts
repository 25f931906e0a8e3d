import { SgError } from '../model/errors.ts';
import type { SourceStamp } from './ports.ts';
import type { Run } from './run.ts';

/** From the first look at it to the last frame read: a plan made for one film must not be run on another. */
export async function expectSameSource({ plan, ports, options: { source: before } }: Run): Promise<void> {
  const after = await ports.sourceStamp(plan.source).catch(() => undefined);
  if (!sameStamp(before, after)) throw sourceChanged(plan.source);
}

/** Whether a file is as it was, as far as a look at its folder tells; undefined is one that is gone. */
export function sameStamp(before: SourceStamp, after: SourceStamp | undefined): boolean {
  return before.bytes === after?.bytes && before.mtimeNs === after.mtimeNs && before.inode === after.inode;
}

export function sourceChanged(path: string): SgError {
  return new SgError('ENCODE', `the source changed while it was read: ${path}`, {
    hint: 'wait until it is complete, then run again',
  });
}
