import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { REAL_FFMPEG } from '../support/fake-tools.ts';
import { BIN, expectRefusal, fresh, listing, ok, sg, shown, startSg, until } from '../support/run-cli.ts';

type Job = Readonly<Record<string, unknown>>;

async function jobsOf(db: string, ...more: readonly string[]): Promise<readonly Job[]> {
  const run = await ok(['history', '--json', '--db', db, ...more]);
  return (JSON.parse(run.stdout) as { readonly jobs: readonly Job[] }).jobs;
}

function clip(folder: string, sec: number): string {
  const path = join(folder, 'film.mp4');
  const source = `testsrc2=s=320x180:r=25:d=${sec}`;
  const made = spawnSync(REAL_FFMPEG, ['-v', 'error', '-f', 'lavfi', '-i', source, '-c:v', 'mpeg4', path]);
  expect(made.status, String(made.stderr)).toBe(0);
  return path;
}

describe('history', () => {
  const folder = fresh();
  const db = join(folder, 'h.db');
  beforeAll(async () => {
    const source = clip(folder, 1);
    for (const name of ['one.mp4', 'two.mkv']) await ok(['export', source, '-o', join(folder, name), '--db', db]);
    await sg(['export', source, '-o', join(folder, 'three.mp4'), '--timeout', '1ms', '--db', db]);
  });

  it('lists newest first, with the documented keys', async () => {
    const jobs = await jobsOf(db);
    expect(jobs.map((job) => job.status)).toEqual(['failed', 'completed', 'completed']);
    expect(jobs[1]?.output_files).toEqual([join(folder, 'two.mkv')]);
    const keys =
      'export_id status progress current_stage source export_config output_files file_sizes error_message created_at started_at completed_at';
    expect(Object.keys(jobs[0] ?? {})).toEqual(expect.arrayContaining(keys.split(' ')));
  });

  it('shows fewer, and by status', async () => {
    expect(await jobsOf(db, '--limit', '1')).toHaveLength(1);
    expect(await jobsOf(db, '--status', 'completed', '--limit', '1')).toMatchObject([{ status: 'completed' }]);
    expect(await jobsOf(db, '--status', 'cancelled')).toEqual([]);
    const wrong = await sg(['history', '--status', 'complted', '--db', db]);
    expectRefusal(wrong, 2);
    expect(wrong.stderr).toContain('completed');
    expectRefusal(await sg(['history', '--limit', '-1', '--db', db]), 2);
  });

  it('is a table for people, and a page for one export by the beginning of its id', async () => {
    const { stdout } = await ok(['history', '--db', db]);
    expect(stdout).toMatch(/^Id +Status +Source +Output +Size +When\n/);
    expect(stdout).toMatch(/completed +film\.mp4 +two\.mkv/);
    const id = String((await jobsOf(db))[1]?.export_id);
    const page = (await ok(['history', id.slice(0, 8), '--db', db])).stdout;
    expect(page).toContain(id);
    expect(page).toContain(join(folder, 'two.mkv'));
    const row = JSON.parse((await ok(['history', id.slice(0, 8), '--json', '--db', db])).stdout) as Job;
    expect(row.export_id).toBe(id);
  });

  it('an unknown id, or one that several begin with, is refused', async () => {
    expectRefusal(await sg(['history', 'zzzz', '--db', db]), 2);
    expectRefusal(await sg(['history', '', '--db', db]), 2);
  });

  it('a database that cannot be read is an error, not an empty list', async () => {
    const broken = join(fresh(), 'h.db');
    writeFileSync(broken, 'not a database'.repeat(100));
    const run = await sg(['history', '--json', '--db', broken]);
    expect(run.code, shown(run)).toBe(2);
    expect(JSON.parse(run.stdout)).toMatchObject({ error_code: 'USAGE' });
  });
});

/** The id of the export that encodes now, once there is one. */
async function runningId(db: string): Promise<string> {
  let id = '';
  await until(() => {
    const asked = spawnSync(process.execPath, [BIN, 'history', '--ids', '--status', 'encoding', '--db', db]);
    id = String(asked.stdout).trim();
    return id !== '';
  }, 30_000);
  expect(id, 'the export runs').not.toBe('');
  return id;
}

// Slow enough to be still at it whenever it is stopped.
const SLOW = ['--speed', 'veryslow', '--resolution', '2160p', '--upscale'];

describe('cancel', () => {
  it('stops a running export from another terminal, and nothing is left', async () => {
    const folder = fresh();
    const db = join(folder, 'h.db');
    const source = clip(folder, 60);
    const target = join(folder, 'out', 'film.mkv');
    mkdirSync(join(folder, 'out'));
    const run = startSg(['export', source, '-o', target, ...SLOW, '--json', '--db', db]);
    const id = await runningId(db);
    const asked = await ok(['cancel', id.slice(0, 10), '--db', db]);
    expect(asked.stdout).toContain(id);
    const ended = await run.ended;
    expect(ended.code, shown(ended)).toBe(130);
    expect(await jobsOf(db)).toMatchObject([{ export_id: id, status: 'cancelled' }]);
    expect(listing(join(folder, 'out'))).toEqual([]);
    const again = await sg(['cancel', id, '--db', db]);
    expectRefusal(again, 2);
    expect(again.stderr).toContain('already over: cancelled');
  }, 90_000);

  it('an unknown export is refused', async () => {
    const run = await sg(['cancel', 'nope', '--json', '--db', join(fresh(), 'h.db')]);
    expect(run.code, shown(run)).toBe(2);
    expect(JSON.parse(run.stdout)).toMatchObject({ error_code: 'USAGE' });
  });

  it('one that was killed is over: it is shown as failed and cannot be cancelled', async () => {
    const folder = fresh();
    const db = join(folder, 'h.db');
    const source = clip(folder, 60);
    const run = startSg(['export', source, '-o', join(folder, 'film.mkv'), ...SLOW, '--db', db]);
    const id = await runningId(db);
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await jobsOf(db)).toMatchObject([{ export_id: id, status: 'failed' }]);
    expectRefusal(await sg(['cancel', id, '--db', db]), 2);
  }, 90_000);
});
