import type { MultiRecord, RunOwner } from '../model/history.ts';
import { isRow, jsonOf, numberOf, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

export function insertMulti({ statement, user, now }: Connection, multi: MultiRecord): void {
  const { multi_id, request, status, created_at, host, pid } = multi;
  statement(
    `INSERT INTO multi_runs (multi_id, user_id, request, status, created_at, updated_at, host, pid)
     VALUES (@multi_id, @user, @request, @status, @created_at, @now, @host, @pid)
     ON CONFLICT (multi_id) DO UPDATE SET status = excluded.status, updated_at = excluded.updated_at,
       host = excluded.host, pid = excluded.pid`,
  ).run({ multi_id, user, request: JSON.stringify(request), status, created_at, now: now(), host, pid });
}

/** One statement, so that of two processes that found the same run only one takes it up. */
export function takeUpMulti(
  { statement, now }: Connection,
  { multi_id, host, pid }: RunOwner & Pick<MultiRecord, 'multi_id'>,
  by: RunOwner,
): boolean {
  const sql = `UPDATE multi_runs SET status = 'running', updated_at = @now, host = @byHost, pid = @byPid
     WHERE multi_id = @multi_id AND host = @host AND pid = @pid AND status <> 'completed'`;
  return statement(sql).run({ multi_id, host, pid, byHost: by.host, byPid: by.pid, now: now() }).changes > 0;
}

export function finishMulti({ statement, now }: Connection, multiId: string, status: MultiRecord['status']): void {
  // Nobody takes up what is complete: its request, which may be long, is not kept.
  statement(
    `UPDATE multi_runs SET status = @status, updated_at = @now,
       request = CASE @status WHEN 'completed' THEN 'null' ELSE request END
     WHERE multi_id = @multiId`,
  ).run({ status, now: now(), multiId });
}

export function unfinishedMultis({ statement, user }: Connection): readonly MultiRecord[] {
  const rows = statement(
    `SELECT * FROM multi_runs WHERE user_id = ? AND status IN ('running', 'failed', 'cancelled')
     ORDER BY created_at DESC, rowid DESC`,
  ).all(user);
  return rows.filter(isRow).map((row) => ({
    multi_id: textOf(row.multi_id),
    request: jsonOf(row.request),
    status: textOf(row.status) as MultiRecord['status'],
    created_at: textOf(row.created_at),
    host: textOf(row.host),
    pid: numberOf(row.pid),
  }));
}

/** Asks a run to stop: it looks for this. False where it does not run. */
export function cancelMulti({ statement, now }: Connection, multiId: string): boolean {
  const sql = `UPDATE multi_runs SET status = 'cancelled', updated_at = @now WHERE multi_id = @multiId AND status = 'running'`;
  return statement(sql).run({ now: now(), multiId }).changes > 0;
}

export function multiStatus({ statement }: Connection, multiId: string): MultiRecord['status'] | undefined {
  const row = statement('SELECT status FROM multi_runs WHERE multi_id = ?').get(multiId);
  return isRow(row) ? (textOf(row.status) as MultiRecord['status']) : undefined;
}
