import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FileStamp, JobRecord, OutputRecord } from '../../../src/model/history.ts';

/** A folder of this test alone, removed after it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sg-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function job(exportId: string, more: Partial<JobRecord> = {}): JobRecord {
  return {
    export_id: exportId,
    status: 'encoding',
    progress: 12.5,
    current_stage: 'encoding',
    source: '/films/ä "film".mov',
    export_config: { codec: 'h265', set: { 'x265-params': "a='b'" } },
    output_files: ['/out/a.mp4'],
    file_sizes: { '/out/a.mp4': 5_000_000_000 },
    error_message: null,
    created_at: '2026-01-02T03:04:05.678Z',
    started_at: '2026-01-02T03:04:06.000Z',
    completed_at: null,
    host: 'farm-7',
    pid: 4711,
    ...more,
  };
}

export function stamp(path: string, sha256 = 'sha256:aa'): FileStamp {
  return { path, bytes: 9_007_199_254_740_991, mtimeNs: '1767323045678901234', inode: '18446744073709551615', sha256 };
}

export function outputRecord(path: string, exportId = 'e1'): OutputRecord {
  return { export_id: exportId, output: stamp(path), source: stamp('/films/a.mov', 'sha256:bb'), requestHash: 'h1' };
}
