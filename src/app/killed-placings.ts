import { readFile } from 'node:fs/promises';
import { sameContent } from '../files/stamp.ts';
import type { History, JobRecord, PlacingRecord } from '../model/history.ts';
import { readReceipt } from './receipt.ts';

/** Whether the receipt that was to follow the film did; one of another export says nothing of it. */
async function isReceipted({ export_id, receipt }: PlacingRecord): Promise<boolean> {
  if (receipt === undefined) return true;
  const text = await readFile(receipt, 'utf8').catch(() => '');
  return readReceipt(text)[0]?.export_id === export_id;
}

/** A request that no request equals: the file is ours, and not all that was asked for. */
const UNFINISHED = '';

/**
 * Exports that were killed after their film had gone into place left it without a word in the history. What was kept of it
 * before says whether the file that stands there now is that very film: then it is ours, and its pictures with it.
 */
export async function adoptKilledPlacings(history: History, lives: (job: JobRecord) => boolean): Promise<void> {
  for (const placing of history.listPlacings()) {
    const job = history.getJob(placing.export_id);
    if (job && lives(job) && job.completed_at === null) continue;
    const [film, ...pictures] = placing.outputs;
    const stands = film && (await sameContent(film.output, film.output.path).catch(() => false));
    if (stands) {
      const requestHash = (await isReceipted(placing)) ? film.requestHash : UNFINISHED;
      history.rememberOutput({ ...film, requestHash });
      for (const one of pictures) {
        if (await sameContent(one.output, one.output.path).catch(() => false)) history.rememberOutput(one);
      }
    }
    history.forgetPlacing(placing.export_id);
  }
}
