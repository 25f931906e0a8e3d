import { readFile } from 'node:fs/promises';
import type { OutputRecord } from '../model/history.ts';
import type { Session } from './call.ts';
import { readReceipt } from './receipt.ts';

/** What is known to be sg-export's own: by the history, else by the receipt of the delivery in question. */
export interface KnownOutputs {
  readonly find: (path: string) => OutputRecord | undefined;
  /** Why the history knows nothing, in brackets; empty where nothing is wrong with it. */
  readonly why: string;
}

/** `receipt`: absolute path of the delivery's, if it has one; one of another destination says nothing. */
export async function knownOutputs(
  { history }: Pick<Session, 'history'>,
  destination: string,
  receipt: string | undefined,
): Promise<KnownOutputs> {
  const text = receipt === undefined ? '' : await readFile(receipt, 'utf8').catch(() => '');
  const told = readReceipt(text).filter((_, __, [film]) => film?.output.path === destination);
  return {
    find: (path) => history.findOutput(path) ?? told.find(({ output }) => output.path === path),
    why: history.problem ? ` (${history.problem})` : '',
  };
}
