import type { JobStatus } from '../model/events.ts';
import type { JobRecord } from '../model/history.ts';
import type { Stage } from '../model/plan.ts';
import { isRow, numberOf, numbersOf, objectOf, type Row, textOf, textOrNull, textsOf } from './columns.ts';
import type { Connection } from './connection.ts';

export type JobChange = Partial<Omit<JobRecord, 'export_id'>>;

type Value = string | number | null;

/** Named one by one: a field that the table does not know must not reach a statement. */
const FIELDS = [
  'export_id',
  'status',
  'progress',
  'current_stage',
  'source',
  'export_config',
  'output_files',
  'file_sizes',
  'error_message',
  'created_at',
  'started_at',
  'completed_at',
  'host',
  'pid',
] as const satisfies readonly (keyof JobRecord)[];

/** The fields that were given, by column. */
function columnsOf(change: Partial<JobRecord>): Record<string, Value> {
  const written: Record<string, Value> = {};
  for (const field of FIELDS) {
    const value = change[field];
    if (value === undefined) continue;
    // For now a source is known by its path.
    const column = field === 'source' ? 'source_id' : field;
    written[column] = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  }
  return written;
}

const RUNNING = `('queued', 'preparing', 'encoding', 'optimizing', 'finalizing')`;

export function insertJob({ statement, user, now }: Connection, job: JobRecord): void {
  const row: Record<string, Value> = { ...columnsOf(job), user_id: user, updated_at: now() };
  const names = Object.keys(row);
  const changed = names.filter((name) => name !== 'created_at').map((name) => `${name} = excluded.${name}`);
  // The same id again is the same export, tried again; one that waited begins, and was perhaps cancelled just now.
  const sql = `INSERT INTO export_jobs (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})
    ON CONFLICT (export_id) DO UPDATE SET ${changed.join(', ')},
      created_at = CASE export_jobs.status WHEN 'queued' THEN export_jobs.created_at ELSE excluded.created_at END,
      cancel_requested_at = CASE export_jobs.status WHEN 'queued' THEN cancel_requested_at END,
      attempt = attempt + (export_jobs.status <> 'queued')`;
  statement(sql).run(row);
}

export function updateJob({ statement, now }: Connection, exportId: string, change: JobChange): void {
  const row = columnsOf({ ...change, export_id: undefined });
  const names = Object.keys(row);
  if (names.length === 0) return;
  const sets = [...names, 'updated_at'].map((name) => `${name} = @${name}`).join(', ');
  statement(`UPDATE export_jobs SET ${sets} WHERE export_id = @export_id`).run({
    ...row,
    updated_at: now(),
    export_id: exportId,
  });
}

export function listJobs(
  { statement }: Connection,
  { limit, status }: { readonly limit?: number; readonly status?: JobStatus },
): readonly JobRecord[] {
  const where = status === undefined ? '' : 'WHERE status = @status';
  const rows = statement(`SELECT * FROM export_jobs ${where} ORDER BY created_at DESC, rowid DESC LIMIT @limit`).all(
    status === undefined ? { limit: limit ?? -1 } : { status, limit: limit ?? -1 },
  );
  return rows.filter(isRow).map(jobOf);
}

export function getJob({ statement }: Connection, exportId: string): JobRecord | undefined {
  const row = statement('SELECT * FROM export_jobs WHERE export_id = ?').get(exportId);
  return isRow(row) ? jobOf(row) : undefined;
}

export function requestCancel({ statement, now }: Connection, exportId: string): boolean {
  const sql = `UPDATE export_jobs SET cancel_requested_at = coalesce(cancel_requested_at, @now), updated_at = @now
    WHERE export_id = @exportId AND status IN ${RUNNING}`;
  return statement(sql).run({ exportId, now: now() }).changes > 0;
}

export function isCancelRequested({ statement }: Connection, exportId: string): boolean {
  const sql = 'SELECT 1 FROM export_jobs WHERE export_id = ? AND cancel_requested_at IS NOT NULL';
  return statement(sql).get(exportId) !== undefined;
}

export function sweepDead({ statement, now }: Connection, isAlive: (job: JobRecord) => boolean): number {
  const running = statement(`SELECT * FROM export_jobs WHERE status IN ${RUNNING}`).all().filter(isRow).map(jobOf);
  // The status is asked for once more: the job may have come to its end while it was looked at.
  const bury = statement(
    `UPDATE export_jobs SET status = 'failed', output_files = '[]', error_message = coalesce(error_message, @reason),
       completed_at = @now, updated_at = @now
     WHERE export_id = @exportId AND status IN ${RUNNING}`,
  );
  let swept = 0;
  for (const job of running) {
    if (isAlive(job)) continue;
    const reason = `the process that ran this export (${job.pid} on ${job.host}) ended without finishing it`;
    swept += bury.run({ exportId: job.export_id, reason, now: now() }).changes;
  }
  return swept;
}

function jobOf(row: Row): JobRecord {
  return {
    export_id: textOf(row.export_id),
    status: textOf(row.status) as JobStatus,
    progress: numberOf(row.progress),
    current_stage: textOf(row.current_stage) as Stage,
    source: textOf(row.source_id),
    export_config: objectOf(row.export_config),
    output_files: textsOf(row.output_files),
    file_sizes: numbersOf(row.file_sizes),
    error_message: textOrNull(row.error_message),
    created_at: textOf(row.created_at),
    started_at: textOrNull(row.started_at),
    completed_at: textOrNull(row.completed_at),
    host: textOf(row.host),
    pid: numberOf(row.pid),
  };
}
