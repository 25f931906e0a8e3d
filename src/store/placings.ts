import type { FileStamp, OutputRecord, PlacingRecord } from '../model/history.ts';
import { isRow, jsonOf, textOf, textOrNull } from './columns.ts';
import type { Connection } from './connection.ts';

const isStamp = (value: unknown): value is FileStamp =>
  isRow(value) &&
  typeof value.bytes === 'number' &&
  [value.path, value.mtimeNs, value.inode, value.sha256].every((text) => typeof text === 'string');

const isOutput = (value: unknown): value is OutputRecord =>
  isRow(value) &&
  isStamp(value.output) &&
  isStamp(value.source) &&
  typeof value.export_id === 'string' &&
  typeof value.requestHash === 'string';

/** One row for each export whose files are about to go into place. */
export function announcePlacing({ statement, now }: Connection, placing: PlacingRecord): void {
  const { export_id, outputs, receipt } = placing;
  statement('INSERT OR REPLACE INTO placings (export_id, outputs, receipt, recorded_at) VALUES (?, ?, ?, ?)').run(
    export_id,
    JSON.stringify(outputs),
    receipt ?? null,
    now(),
  );
}

export function forgetPlacing({ statement }: Connection, exportId: string): void {
  statement('DELETE FROM placings WHERE export_id = ?').run(exportId);
}

export function listPlacings({ statement }: Connection): readonly PlacingRecord[] {
  const rows = statement('SELECT * FROM placings').all().filter(isRow);
  return rows.map((row) => {
    const outputs = jsonOf(row.outputs);
    return {
      export_id: textOf(row.export_id),
      outputs: Array.isArray(outputs) && outputs.every(isOutput) ? outputs : [],
      receipt: textOrNull(row.receipt) ?? undefined,
    };
  });
}
