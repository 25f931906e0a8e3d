import { SgError } from '../model/errors.ts';
import type { Session } from './call.ts';
import { CANCEL_POLL_MS, cancelledElsewhere, plannedJob } from './job-history.ts';
import type { PreparedMulti } from './multi-prepare.ts';
import { standUntil } from './ports.ts';

/** What another terminal may cancel. */
export interface Cancellers {
  readonly one: (index: number, reason: SgError) => void;
  readonly all: (reason: SgError) => void;
}

/** The exports of a run that wait for their turn. */
export interface Queue {
  /** Its turn has come, or it will not come. */
  readonly leave: (index: number) => void;
  readonly close: () => void;
}

/**
 * Writes the exports of a run into the history before their turns come, so that each can be seen and cancelled by its
 * id from the start, and all of them by the run's id. One that is cancelled is over at once in the history; its outcome
 * comes when its turn does.
 */
export function queueInHistory(
  { history }: Session,
  { exports, multiId }: PreparedMulti,
  cancellers: Cancellers,
): Queue {
  const waiting = new Map<number, string>();
  for (const [index, { exportId, call, ready }] of exports.entries()) {
    const { plan, sourcePath } = ready.prepared;
    if (!plan || ready.existing.kind === 'complete') continue;
    waiting.set(index, exportId);
    history.insertJob({ ...plannedJob({ exportId, call }, sourcePath, plan), status: 'queued', started_at: null });
  }
  const end = (index: number, { message }: SgError): void => {
    const exportId = waiting.get(index);
    waiting.delete(index);
    if (exportId === undefined) return;
    const over = { completed_at: new Date().toISOString(), output_files: [], error_message: message };
    history.updateJob(exportId, { status: 'cancelled', ...over });
  };
  const look = (): void => {
    if (history.multiStatus(multiId) === 'cancelled') cancellers.all(cancelledElsewhere());
    for (const [index, exportId] of waiting) {
      if (!history.isCancelRequested(exportId)) continue;
      const reason = cancelledElsewhere();
      end(index, reason);
      cancellers.one(index, reason);
    }
  };
  const timer = setInterval(look, CANCEL_POLL_MS);
  const ended = standUntil({
    removeSync: () => {
      for (const index of [...waiting.keys()]) end(index, new SgError('SIGINT', 'cancelled'));
    },
  });
  return {
    leave: (index) => {
      waiting.delete(index);
    },
    close: () => {
      clearInterval(timer);
      ended();
    },
  };
}
