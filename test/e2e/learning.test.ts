import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ffmpeg } from '../support/clips.ts';
import { fresh, ok, resultOf } from '../support/run-cli.ts';

const folder = fresh();
const db = join(folder, 'h.db');
/** Some that need much and some that need little; the same each time. */
const FILMS = ['testsrc2', 'cellauto', 'sierpinski', 'testsrc', 'mandelbrot'] as const;
const SEEDS: Readonly<Record<string, string>> = { cellauto: ':random_seed=1', sierpinski: ':seed=1' };
const path = (film: string) => join(folder, `${film}.mkv`);

beforeAll(() => {
  for (const film of FILMS) {
    const picture = ['-f', 'lavfi', '-i', `${film}=s=192x108:r=25${SEEDS[film] ?? ''}`, '-t', '2'];
    ffmpeg([...picture, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10', '-pix_fmt', 'yuv420p', path(film)]);
  }
});

const estimate = async (film: string) =>
  JSON.parse((await ok(['estimate', path(film), '--speed', 'fast', '--json', '--db', db])).stdout);

async function made(film: string, ...flags: readonly string[]) {
  const out = join(folder, `${film}-${flags.length}.mp4`);
  const run = await ok(['export', path(film), '-o', out, '--speed', 'fast', '--json', '--db', db, ...flags]);
  return { bytes: statSync(out).size, id: String(resultOf(run).export_id) };
}

describe('estimates learn from exports', () => {
  it('what arithmetic says of a film is nearer to what comes after others were made, and seconds are known too', async () => {
    const before = await estimate('testsrc2');
    expect(before).toMatchObject({ learned_from: null, estimated_time_seconds: null });
    for (const film of FILMS.slice(1)) await made(film);
    const after = await estimate('testsrc2');
    const { bytes, id } = await made('testsrc2');
    const off = (said: { readonly estimated_size_mb: number }) =>
      Math.abs(Math.log((said.estimated_size_mb * 1e6) / bytes));
    expect(off(after)).toBeLessThan(off(before));
    expect(after.learned_from).toMatchObject({ exports: FILMS.length - 1 });
    expect(after.estimated_time_seconds).toBeGreaterThan(0);
    const job = JSON.parse((await ok(['history', id, '--json', '--db', db])).stdout);
    expect(job.estimate).toMatchObject({ method: 'arithmetic', said_mb: after.estimated_size_mb });
    expect(job.estimate.was_mb).toBeCloseTo(bytes / 1e6, 1);
    expect((await ok(['history', id, '--db', db])).stdout).toMatch(
      /Estimate +said .+, was .+ \(arithmetic\); said .+ s, took/,
    );
  });

  it('another speed, and a size that was asked for, learn nothing from them', async () => {
    const other = JSON.parse((await ok(['estimate', path('testsrc'), '--speed', 'slow', '--json', '--db', db])).stdout);
    expect(other.learned_from).toBeNull();
    const { id } = await made('testsrc', '--target-size', '60kB');
    const job = JSON.parse((await ok(['history', id, '--json', '--db', db])).stdout);
    expect(job.estimate.said_mb).toBeCloseTo(0.06, 2);
    const sized = ['estimate', path('testsrc2'), '--speed', 'fast', '--target-size', '60kB', '--json', '--db', db];
    expect(JSON.parse((await ok(sized)).stdout).learned_from).toBeNull();
  });

  it('an export says what the samples said where some were encoded before it', async () => {
    const sampled = [
      'estimate',
      path('mandelbrot'),
      '--speed',
      'ultrafast',
      '--container',
      'mp4',
      '--sample',
      '--json',
    ];
    const said = JSON.parse((await ok([...sampled, '--db', db])).stdout);
    const out = join(folder, 'sampled.mp4');
    const args = ['export', path('mandelbrot'), '-o', out, '--speed', 'ultrafast', '--json', '--db', db];
    const id = String(resultOf(await ok(args)).export_id);
    const job = JSON.parse((await ok(['history', id, '--json', '--db', db])).stdout);
    expect(job.estimate).toMatchObject({ method: 'whole', said_mb: said.estimated_size_mb });
    expect(Math.abs(job.estimate.was_mb / said.estimated_size_mb - 1)).toBeLessThan(0.1);
  });
});
