import type { ForecastKey, ForecastRecord } from '../model/history.ts';
import { isRow, numberOf, numberOrNull, type Row, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

/** Rows beyond these are forgotten, the oldest first: what an old version came to says little of today's. */
const MOST_ROWS = 5000;

const COLUMNS = [
  'export_id',
  'machine',
  'encoder',
  'speed',
  'mode',
  'method',
  'forecast_bytes',
  'said_bytes',
  'came_bytes',
  'forecast_sec',
  'said_sec',
  'came_sec',
  'megapixels',
] as const satisfies readonly (keyof ForecastRecord)[];

export function rememberForecast({ statement, now }: Connection, record: ForecastRecord): void {
  statement(
    `INSERT OR REPLACE INTO forecasts (${COLUMNS.join(', ')}, recorded_at)
     VALUES (${COLUMNS.map((name) => `@${name}`).join(', ')}, @now)`,
  ).run({ ...record, now: now() });
  statement('DELETE FROM forecasts WHERE rowid <= (SELECT max(rowid) FROM forecasts) - ?').run(MOST_ROWS);
}

/** What was said of an export: samples tell more than arithmetic. */
export function forecastOf({ statement }: Connection, exportId: string): ForecastRecord | undefined {
  const row = statement(`SELECT * FROM forecasts WHERE export_id = ? ORDER BY method = 'arithmetic' LIMIT 1`).get(
    exportId,
  );
  return isRow(row) ? recordOf(row) : undefined;
}

/** The last ones of this kind, newest first. */
export function listForecasts({ statement }: Connection, key: ForecastKey, limit: number): readonly ForecastRecord[] {
  const rows = statement(
    `SELECT * FROM forecasts WHERE machine = @machine AND encoder = @encoder AND speed = @speed AND mode = @mode
       AND method = @method ORDER BY rowid DESC LIMIT @limit`,
  ).all({ ...key, limit });
  return rows.filter(isRow).map(recordOf);
}

function recordOf(row: Row): ForecastRecord {
  return {
    export_id: textOf(row.export_id),
    machine: textOf(row.machine),
    encoder: textOf(row.encoder),
    speed: textOf(row.speed),
    mode: textOf(row.mode),
    method: textOf(row.method),
    forecast_bytes: numberOf(row.forecast_bytes),
    said_bytes: numberOf(row.said_bytes),
    came_bytes: numberOf(row.came_bytes),
    forecast_sec: numberOrNull(row.forecast_sec),
    said_sec: numberOrNull(row.said_sec),
    came_sec: numberOrNull(row.came_sec),
    megapixels: numberOf(row.megapixels),
  };
}
