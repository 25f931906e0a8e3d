import { thisProcess } from '../files/owner.ts';
import { SgError } from '../model/errors.ts';
import type { ExportResult, RunEvent } from '../model/events.ts';
import type { JobRecord } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { Prepared } from './call.ts';
import type { Attempt } from './outcome.ts';

export const CANCEL_POLL_MS = 400;
const HISTORY_EVERY_MS = 1000;

type Named = Pick<Attempt, 'exportId' | 'call'>;

/** The history's row of a try that begins. */
export function newJob(attempt: Named, source: string): JobRecord {
  const owner = thisProcess();
  const now = new Date().toISOString();
  return {
    export_id: attempt.exportId,
    status: 'preparing',
    progress: 0,
    current_stage: 'preparation',
    source,
    export_config: configOf(attempt),
    output_files: [],
    file_sizes: {},
    error_message: null,
    created_at: now,
    started_at: now,
    completed_at: null,
    // A pid is used again: the process's start time tells the two apart.
    host: `${owner.host}/${owner.startTicks}`,
    pid: owner.pid,
  };
}

const configOf = ({ call }: Named): JobRecord['export_config'] =>
  call.multi ? { ...call.flags, multi_id: call.multi.id } : call.flags;

/** The row of one whose plan is known. */
export const plannedJob = (attempt: Named, source: string, plan: Plan): JobRecord => ({
  ...newJob(attempt, source),
  export_config: { ...configOf(attempt), settings: plan.settings },
  output_files: [plan.destination],
});

/** Opens the job in the history and returns what keeps it up to date, at most once a second. */
export function keepHistory(attempt: Attempt, prepared: Prepared, plan: Plan): (event: RunEvent) => void {
  const { history } = attempt.session;
  history.insertJob(plannedJob(attempt, prepared.sourcePath, plan));
  let lastMs = 0;
  return (event) => {
    if (event.type !== 'progress' || performance.now() - lastMs < HISTORY_EVERY_MS) return;
    lastMs = performance.now();
    history.updateJob(attempt.exportId, {
      status: event.status,
      progress: event.progress,
      current_stage: event.current_stage,
    });
  };
}

export function finishHistory(attempt: Attempt, result: ExportResult): void {
  attempt.session.history.updateJob(attempt.exportId, {
    status: result.status,
    progress: result.progress,
    current_stage: result.current_stage,
    output_files: result.status === 'completed' ? result.output_files : [],
    file_sizes: result.file_sizes,
    error_message: result.error_message,
    completed_at: new Date().toISOString(),
  });
}

export const cancelledElsewhere = (): SgError => new SgError('SIGINT', 'cancelled by `sg-export cancel`');

/** Another terminal's `cancel ID` reaches this run through the history. */
export function watchForCancel(attempt: Attempt): () => void {
  const timer = setInterval(() => {
    if (attempt.session.history.isCancelRequested(attempt.exportId)) {
      attempt.controller.abort(cancelledElsewhere());
    }
  }, CANCEL_POLL_MS);
  return () => clearInterval(timer);
}
