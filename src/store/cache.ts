import { isRow, jsonOf, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

export interface CacheBounds {
  readonly entries: number;
  readonly bytes: number;
  /** Days without use after which an entry goes. */
  readonly days: number;
}

export const CACHE_BOUNDS: CacheBounds = { entries: 2000, bytes: 32 * 1024 ** 2, days: 90 };

const DAY_MS = 86_400_000;

export function getCached({ db, statement, now }: Connection, kind: string, key: string): unknown {
  const row = statement('SELECT value, last_used_at FROM cache WHERE kind = ? AND key = ?').get(kind, key);
  if (!isRow(row)) return undefined;
  // Once a day is exact enough to know what is unused, and spares a write for most reads.
  if (!db.readonly && Date.parse(now()) - Date.parse(textOf(row.last_used_at)) > DAY_MS)
    statement('UPDATE cache SET last_used_at = ? WHERE kind = ? AND key = ?').run(now(), kind, key);
  return jsonOf(row.value);
}

/** A value that JSON cannot hold, or that alone would fill the cache, is not kept. */
export function putCached(
  connection: Connection,
  kind: string,
  key: string,
  value: unknown,
  bounds: CacheBounds,
): void {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined || Buffer.byteLength(text) > bounds.bytes / 4) return;
  const time = connection.now();
  connection
    .statement('INSERT OR REPLACE INTO cache (kind, key, value, created_at, last_used_at) VALUES (?, ?, ?, ?, ?)')
    .run(kind, key, text, time, time);
}

/** Removes what was not used for long, then the least recently used until the rest is within bounds. */
export function sweepCache({ statement, now }: Connection, bounds: CacheBounds): void {
  const oldest = new Date(Date.parse(now()) - bounds.days * DAY_MS).toISOString();
  statement('DELETE FROM cache WHERE last_used_at < ?').run(oldest);
  const newestFirst = 'ORDER BY last_used_at DESC, rowid DESC';
  statement(
    `DELETE FROM cache WHERE rowid IN (
       SELECT rowid FROM (
         SELECT rowid, row_number() OVER (${newestFirst}) AS place,
           sum(octet_length(value)) OVER (${newestFirst} ROWS UNBOUNDED PRECEDING) AS bytes
         FROM cache)
       WHERE place > @entries OR bytes > @bytes)`,
  ).run({ entries: bounds.entries, bytes: bounds.bytes });
}
