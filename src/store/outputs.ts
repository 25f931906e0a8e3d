import type { FileStamp, OutputRecord } from '../model/history.ts';
import { isRow, numberOf, type Row, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

/** One row for each path: what was written there last. */
export function rememberOutput({ statement, now }: Connection, record: OutputRecord): void {
  const { output, source } = record;
  statement(
    `INSERT OR REPLACE INTO outputs (path, export_id, bytes, mtime_ns, inode, sha256, source_path, source_bytes,
       source_mtime_ns, source_inode, source_sha256, request_hash, recorded_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    output.path,
    record.export_id,
    output.bytes,
    output.mtimeNs,
    output.inode,
    output.sha256,
    source.path,
    source.bytes,
    source.mtimeNs,
    source.inode,
    source.sha256,
    record.requestHash,
    now(),
  );
}

export function findOutput({ statement }: Connection, path: string): OutputRecord | undefined {
  const row = statement('SELECT * FROM outputs WHERE path = ?').get(path);
  if (!isRow(row)) return undefined;
  return {
    export_id: textOf(row.export_id),
    output: stampOf(row, { path: 'path', prefix: '' }),
    source: stampOf(row, { path: 'source_path', prefix: 'source_' }),
    requestHash: textOf(row.request_hash),
  };
}

function stampOf(row: Row, { path, prefix }: { readonly path: string; readonly prefix: string }): FileStamp {
  return {
    path: textOf(row[path]),
    bytes: numberOf(row[`${prefix}bytes`]),
    mtimeNs: textOf(row[`${prefix}mtime_ns`]),
    inode: textOf(row[`${prefix}inode`]),
    sha256: textOf(row[`${prefix}sha256`]),
  };
}
