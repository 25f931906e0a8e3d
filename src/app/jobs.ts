import { setTimeout as delay } from 'node:timers/promises';
import { SgError } from '../model/errors.ts';
import type { JobStatus } from '../model/events.ts';
import type { JobRecord, MultiRecord } from '../model/history.ts';
import { closest } from '../model/suggest.ts';
import { megabytes } from '../model/units.ts';
import type { Session } from './call.ts';
import { jobLives } from './session.ts';

const OVER: readonly JobStatus[] = ['completed', 'failed', 'cancelled'];
const isOver = (job: JobRecord): boolean => OVER.includes(job.status);

/** What another program may know of an export: the contract's row of `history`. */
export function jobRow({ host: _host, pid: _pid, ...row }: JobRecord) {
  return row;
}
export type JobRow = ReturnType<typeof jobRow>;

/** A listing writes nothing: an export whose process is gone is shown as what the next run will make of it. */
function asItIs(job: JobRecord): JobRecord {
  if (isOver(job) || jobLives(job)) return job;
  const error_message = job.error_message ?? 'the process that ran this export ended without finishing it';
  return { ...job, status: 'failed', output_files: [], error_message };
}

/** Throws SgError USAGE where no history is kept: an empty answer would be a wrong one. */
export function requireHistory(session: Session): void {
  const { problem } = session.history;
  if (problem === undefined) return;
  throw new SgError('USAGE', problem, { hint: '--db FILE names another database; `sg-export doctor` says more' });
}

/** The exports that were made with this history, newest first. Throws SgError USAGE where it cannot be read. */
export function listJobs(
  session: Session,
  wanted: { readonly limit?: number; readonly status?: JobStatus },
): readonly JobRow[] {
  requireHistory(session);
  const { limit, status } = wanted;
  // A dead export still says that it runs: what is wanted by status can only be told apart afterwards.
  const jobs = session.history.listJobs(status === undefined && limit !== undefined ? { limit } : {}).map(asItIs);
  requireHistory(session);
  return jobs
    .filter((job) => status === undefined || job.status === status)
    .slice(0, limit)
    .map(jobRow);
}

/** One export, by its id or a beginning of it that no other has. Throws SgError USAGE for none or several. */
export function findJob(session: Session, id: string): JobRecord {
  requireHistory(session);
  const exact = session.history.getJob(id);
  if (exact) return asItIs(exact);
  const all = session.history.listJobs();
  const wanted = id.toLowerCase();
  const [first, ...more] = id === '' ? [] : all.filter((job) => job.export_id.startsWith(wanted));
  if (first && more.length === 0) return asItIs(first);
  if (first) {
    const shown = [first, ...more].slice(0, 5).map((job) => job.export_id);
    throw new SgError('USAGE', `'${id}' begins the ids of ${more.length + 1} exports`, {
      hint: `say more of it: ${shown.join(', ')}`,
    });
  }
  const near = closest(
    id,
    all.slice(0, 200).map((job) => job.export_id.slice(0, Math.max(8, id.length))),
  );
  throw new SgError('USAGE', `there is no export '${id}' in ${session.historyPath}`, {
    hint: near ? `did you mean '${near}'?` : '`sg-export history` lists them; --db FILE names another database',
  });
}

/** What was said of an export before it was made, and what came; null where it was not delivered. Sizes in MB. */
export function estimateOfJob(session: Session, id: string) {
  const found = session.history.forecastOf(id);
  if (!found) return null;
  const tenth = (sec: number | null): number | null => (sec === null ? null : Math.round(sec * 10) / 10);
  return {
    method: found.method,
    said_mb: megabytes(found.said_bytes),
    was_mb: megabytes(found.came_bytes),
    said_seconds: tenth(found.said_sec),
    took_seconds: tenth(found.came_sec),
  } as const;
}

const CONFIRM_EVERY_MS = 100;

/**
 * Asks a running export to stop and waits up to `waitSec` for its end. Returns the export as it then is.
 * Throws SgError USAGE where it is unknown or already over.
 */
async function cancelJob(session: Session, id: string, waitSec: number): Promise<JobRow> {
  const job = findJob(session, id);
  if (isOver(job) || !session.history.requestCancel(job.export_id)) {
    requireHistory(session);
    const now = session.history.getJob(job.export_id) ?? job;
    throw new SgError('USAGE', `export ${job.export_id} is already over: ${now.status}`, {
      hint: 'only a running export can be cancelled',
    });
  }
  const end = performance.now() + waitSec * 1000;
  for (;;) {
    const now = session.history.getJob(job.export_id) ?? job;
    if (isOver(now) || performance.now() >= end) return jobRow(now);
    await delay(CONFIRM_EVERY_MS);
  }
}

/** A cancelled `multi` and those of its exports that were not over. */
export interface CancelledMulti {
  readonly multi_id: string;
  readonly status: 'running' | 'cancelled';
  readonly exports: readonly JobRow[];
}

async function cancelMulti(session: Session, multi: MultiRecord, waitSec: number): Promise<CancelledMulti> {
  const { history } = session;
  const { multi_id, status } = multi;
  if (status !== 'running' || !jobLives(multi) || !history.cancelMulti(multi_id)) {
    requireHistory(session);
    const how = status === 'running' ? 'its process ended' : status;
    throw new SgError('USAGE', `the run ${multi_id} is already over: ${how}`, {
      hint: 'only a running one can be cancelled; `sg-export multi --resume` takes up what is unfinished',
    });
  }
  const ofIt = (job: JobRecord): boolean => job.export_config.multi_id === multi_id;
  const going = new Set(
    history
      .listJobs()
      .filter((job) => ofIt(job) && !isOver(job))
      .map((job) => job.export_id),
  );
  const end = performance.now() + waitSec * 1000;
  for (;;) {
    const exports = [...going].flatMap((id) => history.getJob(id) ?? []);
    const over = exports.every(isOver);
    if (over || performance.now() >= end)
      return { multi_id, status: over ? 'cancelled' : 'running', exports: exports.map(jobRow) };
    await delay(CONFIRM_EVERY_MS);
  }
}

/** Asks an export to stop, or a `multi` with all that is left of it: whose id begins so. Throws SgError USAGE as `cancelJob` does. */
export async function cancelById(session: Session, id: string, waitSec: number): Promise<JobRow | CancelledMulti> {
  requireHistory(session);
  const wanted = id.toLowerCase();
  const [multi, ...others] =
    id === '' ? [] : session.history.unfinishedMultis().filter(({ multi_id }) => multi_id.startsWith(wanted));
  const isExport = session.history.listJobs().some((job) => job.export_id.startsWith(wanted));
  if (multi && others.length === 0 && !isExport) return cancelMulti(session, multi, waitSec);
  return cancelJob(session, id, waitSec);
}
