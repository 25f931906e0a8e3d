import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip, complaints, countFrames } from '../support/clips.ts';
import { fakeEncoder } from '../support/fake-tools.ts';
import { BIN, cleanEnv, fresh, jsonLines, listing, resultOf, shown, startSg } from '../support/run-cli.ts';

const FARM = resolve('test/farm');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const noMake = has('make') ? undefined : 'make is not installed';
const noJq = has('jq') && has('bash') ? undefined : 'bash and jq are not installed';
for (const [what, why] of [
  ['the Makefile of test/farm', noMake],
  ['the script of test/farm', noJq],
] as const)
  if (why) console.warn(`${what}: skipped, ${why}`);

const FILMS = ['one', 'two'];
const SG = `'${process.execPath}' '${BIN}'`;

/** A folder with `rushes/`, as the examples expect it. */
function farm(...names: readonly string[]): string {
  const folder = fresh();
  mkdirSync(join(folder, 'rushes'));
  for (const name of names) copyFileSync(clip({ name: 'film.mov' }), join(folder, 'rushes', name));
  return folder;
}

const inodes = (folder: string) =>
  Object.fromEntries(
    listing(folder)
      .filter((name) => /\.(mp4|mov|webm)$/.test(name))
      .map((name) => [name, statSync(join(folder, name)).ino]),
  );

test.skipIf(noMake)(
  'the Makefile: make -j delivers all, then nothing, then what a changed film needs',
  () => {
    const folder = farm(...FILMS.map((name) => `${name}.mov`));
    copyFileSync(join(FARM, 'Makefile'), join(folder, 'Makefile'));
    const out = join(folder, 'delivery');
    const make = () => {
      const flags = [`SG=${SG}`, 'FLAGS=--speed ultrafast', '-j2'];
      const env = cleanEnv({ SG_EXPORT_DB: join(folder, 'h.db') });
      const run = spawnSync('make', ['-C', folder, ...flags], { env, encoding: 'utf8', timeout: 170_000 });
      expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
      return (run.stdout.match(/ export rushes/g) ?? []).length;
    };
    const outputs = FILMS.flatMap((film) =>
      ['_web.mp4', '_proxy.mp4', '_master.mov', '.webm'].map((end) => film + end),
    );
    expect(make()).toBe(4 * FILMS.length);
    const first = inodes(out);
    expect(Object.keys(first).sort()).toEqual([...outputs].sort());
    for (const name of outputs) {
      expect(countFrames(join(out, name)), name).toBe(25);
      expect(complaints(join(out, name)), name).toBe('');
    }
    expect(listing(out).filter((name) => name.startsWith('.'))).toEqual([]);

    expect(make()).toBe(0);
    expect(inodes(out)).toEqual(first);

    copyFileSync(clip({ name: 'film.mov', sec: 2 }), join(folder, 'rushes/two.mov'));
    expect(make(), 'four formats of one film').toBe(4);
    const then = inodes(out);
    const changed = outputs.filter((name) => then[name] !== first[name]);
    expect([...changed].sort()).toEqual(outputs.filter((name) => name.startsWith('two')).sort());
    for (const name of changed) expect(countFrames(join(out, name))).toBe(50);
    expect(make()).toBe(0);
  },
  180_000,
);

describe.skipIf(noJq)('the script for a farm', () => {
  /** Runs it in the folder; `ffmpeg` in place of the real one. */
  const deliver = (folder: string, ffmpeg?: string) =>
    spawnSync(join(FARM, 'deliver.sh'), ['rushes', 'out', join(FARM, 'deliver.yaml')], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 170_000,
      env: cleanEnv({
        SG: `${process.execPath} ${BIN}`,
        SG_EXPORT_SPEED: 'ultrafast',
        SG_EXPORT_DB: undefined,
        SG_EXPORT_FFMPEG: ffmpeg,
      }),
    });
  const outputsOf = (film: string) =>
    ['180p_h264.mp4', '360p_h264.mp4', '480p_vp9.webm'].map((end) => `${film}_${end}`);

  test('puts aside what cannot be read, tries again what failed, and has nothing to do the second time', () => {
    const folder = farm('one.mov');
    writeFileSync(join(folder, 'rushes/notes.mov'), 'no film at all\n');
    // VP9 fails for as long as there is a mark.
    const mark = join(fresh(), 'mark');
    writeFileSync(mark, '');
    const failing = fakeEncoder(
      fresh(),
      `case "$*" in *libvpx*) if [ -e '${mark}' ]; then rm '${mark}'; exit 1; fi;; esac\nexec "$real" "$@"`,
    );
    const run = deliver(folder, failing);
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(1);
    expect(listing(join(folder, 'rushes/aside'))).toEqual(['notes.mov', 'notes.mov.txt']);
    expect(readFileSync(join(folder, 'rushes/aside/notes.mov.txt'), 'utf8')).toMatch(/notes\.mov is a text file/);
    const outputs = outputsOf('one');
    expect(Object.keys(inodes(join(folder, 'out')))).toEqual(outputs);
    expect(run.stdout).toMatch(/^completed .*one_360p_h264\.mp4 $/m);
    expect(run.stdout).toMatch(/^3 of 3 done/m);

    rmSync(join(folder, 'rushes/aside'), { recursive: true });
    const before = inodes(join(folder, 'out'));
    const again = deliver(folder);
    expect(again.status, `${again.stdout}${again.stderr}`).toBe(0);
    expect(inodes(join(folder, 'out'))).toEqual(before);
  }, 180_000);

  test('says what failed twice, and tells a wrong request from a film that failed', () => {
    const folder = farm('one.mov');
    const failing = fakeEncoder(fresh(), 'case "$*" in *libvpx*) exit 1;; esac\nexec "$real" "$@"');
    const run = deliver(folder, failing);
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(1);
    expect(run.stderr).toMatch(/^ENCODE .*one\.mov: ffmpeg failed \(exit 1\)/m);
    expect(Object.keys(inodes(join(folder, 'out')))).toHaveLength(2);
    const wrong = deliver(folder, '/no/ffmpeg');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('/no/ffmpeg');
  }, 180_000);
});

test('two processes on one folder: no output is made twice or by both, and both end clearly', async () => {
  const folder = farm('one.mov', 'two.mov');
  const ffmpeg = fakeEncoder(fresh(), 'sleep 0.3\nexec "$real" "$@"');
  const words = ['multi', 'rushes', '--export', 'h264:160x90', '--export', 'h264', '--output-folder', 'out'];
  const flags = ['--speed', 'ultrafast', '--skip-existing', '--parallel', '1', '--json', '--ffmpeg', ffmpeg];
  const start = () => startSg([...words, ...flags, '--db', join(folder, 'h.db')], { cwd: folder });
  const runs = await Promise.all([start(), start()].map((one) => one.ended));
  const made: unknown[] = [];
  for (const run of runs) {
    expect([0, 2, 8], shown(run)).toContain(run.code);
    expect(jsonLines(run)[0]?.type).toBe('multi_started');
    for (const one of resultOf(run).exports as readonly Readonly<Record<string, unknown>>[]) {
      if (one.status === 'completed') {
        if (!one.skipped) made.push(...(one.output_files as readonly unknown[]));
      } else expect(one.error_message).toMatch(/is being written by process \d+|exists/);
    }
  }
  const outputs = listing(join(folder, 'out')).map((name) => join(folder, 'out', name));
  expect(outputs).toHaveLength(4);
  expect([...made].sort(), 'each by one of them').toEqual(outputs);
  for (const path of outputs) expect(complaints(path)).toBe('');
  const again = await start().ended;
  expect(again.code, shown(again)).toBe(0);
}, 180_000);
