import { appendFileSync, copyFileSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { expectRefusal, fresh, jsonLines, listing, sg, shown } from '../support/run-cli.ts';

const SMALL = ['--ladder', 'cmaf', '--rungs', '90p:150k', '--speed', 'ultrafast'];

const objects = (list: unknown) => (list ?? []) as readonly Readonly<Record<string, unknown>>[];

/** A package with a history of its own, made once. */
async function made() {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  const db = ['--db', join(fresh(), 'h.db')];
  const out = join(folder, 'out');
  const again = (more: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
    sg(['multi', source, ...SMALL, '--output-folder', out, '--skip-existing', ...db, ...more], { env });
  const first = await again(['--json']);
  expect(first.code, shown(first)).toBe(0);
  expect(jsonLines(first).at(-1)?.packages).toEqual([expect.not.objectContaining({ skipped: true })]);
  const at = (path = '') => join(out, 'film_cmaf', path);
  /** What says whether it was made again. */
  const state = () => [statSync(at()).ino, ...listing(at()).map((name) => `${name} ${statSync(at(name)).ino}`)];
  return { source, out, at, again, state, first };
}

describe('--skip-existing of a package', () => {
  test('does nothing where it is complete, and says so', async () => {
    const { source, at, again, state, first } = await made();
    const before = state();
    const run = await again(['--json']);
    expect(run.code, shown(run)).toBe(0);
    const [told, now] = [first, run].map((one) => jsonLines(one).at(-1));
    expect(now).toMatchObject({ status: 'completed', sharing: null });
    expect(now?.packages).toEqual([{ ...objects(told?.packages)[0], skipped: true }]);
    const { file_sizes } = objects(told?.exports)[0] ?? {};
    expect(now?.exports).toMatchObject([{ skipped: true, status: 'completed', file_sizes }]);

    const shownRun = await again();
    expect(shownRun.stderr).toMatch(/video_90p_h264 .*already there/);
    expect(shownRun.stderr).toMatch(/^film_cmaf: 1 rung, 1 audio track; \d+ files, [\d.]+ kB; already there$/m);
    expect(shownRun.stdout).toBe(`${at('master.m3u8')}\n${at('manifest.mpd')}\n`);

    const script = (await again(['--dry-run'])).stdout;
    expect(script).toContain(`# is complete, and stays: ${at()}`);
    expect(script).not.toContain('libx264');

    // A source that is newer, and the same: make must settle.
    utimesSync(source, new Date(), new Date(Date.now() + 3_600_000));
    const touched = await again([], { MAKELEVEL: '1' });
    expect(touched.code, shown(touched)).toBe(0);
    for (const name of ['master.m3u8', 'manifest.mpd'])
      expect(statSync(at(name)).mtimeMs).toBeGreaterThanOrEqual(statSync(source).mtimeMs);
    // Files of others make no difference.
    writeFileSync(at('index.html'), 'mine');
    expect((await again()).stderr).toContain('already there');
    rmSync(at('index.html'));
    expect(state()).toEqual(before);
  });

  test('makes it again where a file was changed, where one is gone, or for another request, and nothing else', async () => {
    const { at, again, state } = await made();
    const segment = 'video_90p_h264/00001.m4s';
    const harms = [() => appendFileSync(at(segment), 'x'), () => rmSync(at('audio_1_2ch/00001.m4s'))];
    for (const harm of harms) {
      harm();
      const harmed = state();
      const run = await again();
      expect(run.code, shown(run)).toBe(0);
      expect(run.stderr).not.toContain('already there');
      expect(state()).not.toEqual(harmed);
      const judged = await sg(['validate', '--package', at()]);
      expect(judged.code, shown(judged)).toBe(0);
    }
    const before = state();
    const other = await again(['--no-thumbnail-track', '--segment', '2']);
    expect(other.code, shown(other)).toBe(0);
    expect(state()).not.toEqual(before);
    expect(listing(at())).not.toContain('thumbnails.vtt');
  });

  test('replaces no files of others, and no folder that the history does not know', async () => {
    const { out, at, again } = await made();
    writeFileSync(at('index.html'), 'mine');
    const other = await again(['--segment', '2']);
    expectRefusal(other, 2);
    expect(other.stderr).toMatch(/film_cmaf is to be made again, and holds index\.html, which sg-export did not write/);
    expect(readFileSync(at('index.html'), 'utf8')).toBe('mine');
    const unknown = await again(['--db', join(fresh(), 'other.db')]);
    expectRefusal(unknown, 2);
    expect(unknown.stderr).toMatch(/film_cmaf exists, and nothing says that sg-export wrote it/);
    rmSync(out, { recursive: true });
    writeFileSync(out, 'a file');
    expectRefusal(await again(), 2);
  });

  test('makes only what is missing of several', async () => {
    const { source, out, at, again, state } = await made();
    const before = state();
    const second = join(fresh(), 'second.mp4');
    copyFileSync(source, second);
    const run = await again([second, '--json']);
    expect(run.code, shown(run)).toBe(0);
    const result = jsonLines(run).at(-1);
    expect(result?.packages).toMatchObject([{ folder: at(), skipped: true }, { folder: join(out, 'second_cmaf') }]);
    expect(objects(result?.packages)[1]).not.toHaveProperty('skipped');
    expect(result?.exports).toMatchObject([{ skipped: true }, { status: 'completed' }]);
    expect(state()).toEqual(before);
    const both = await again([second]);
    expect(both.stderr).toMatch(/^2 packages, [\d.]+ kB; 0:0/m);
    const dry = await again([second, '--dry-run']);
    expect(dry.code, shown(dry)).toBe(0);
    expect(dry.stdout).not.toContain('ffmpeg');
  });
});
