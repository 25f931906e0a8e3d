import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip, countFrames, streamValue } from '../support/clips.ts';
import { BIN, cleanEnv, fresh, listing } from '../support/run-cli.ts';

const noMake = spawnSync('make', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU Make')
  ? undefined
  : 'GNU make is not installed';
if (noMake) console.warn(`exports under make: skipped, ${noMake}`);

interface Project {
  readonly folder: string;
  readonly source: string;
  readonly output: string;
  readonly preset: string;
  /** Runs make; how often it called sg-export, and all that was said. */
  readonly make: (...args: readonly string[]) => {
    readonly code: number;
    readonly exports: number;
    readonly said: string;
  };
}

const RULES = `SG = '${process.execPath}' '${BIN}' export
out.mp4: film.mkv
	$(SG) film.mkv -o $@ --preset house --skip-existing --depfile out.d -q
-include out.d
`;

/** A film, a preset file beside a configuration, and a Makefile that names only the film. */
function project(): Project {
  const folder = fresh();
  const preset = join(folder, 'sg-export-presets', 'house.json');
  mkdirSync(join(folder, 'sg-export-presets'));
  writeFileSync(join(folder, '.sg-exportrc.json'), '{"speed": "ultrafast"}');
  writeFileSync(preset, JSON.stringify({ version: 1, preset_id: 'house', resolution: 'source', crf: 30 }));
  writeFileSync(join(folder, 'Makefile'), RULES);
  const source = join(folder, 'film.mkv');
  copyFileSync(clip({ name: 'film.mkv' }), source);
  // All of it is old, as a project is, so that what is changed later is newer by the clock.
  for (const path of [source, preset, join(folder, '.sg-exportrc.json')])
    utimesSync(path, 1_600_000_000, 1_600_000_000);
  const env = cleanEnv({ SG_EXPORT_DB: join(folder, 'h.db') });
  return {
    folder,
    source,
    preset,
    output: join(folder, 'out.mp4'),
    make: (...args) => {
      const run = spawnSync('make', ['-C', folder, ...args], { env, encoding: 'utf8', timeout: 50_000 });
      const said = `${run.stdout}${run.stderr}`;
      return { code: run.status ?? -1, exports: said.match(/ export film/g)?.length ?? 0, said };
    },
  };
}

/** Makes the output and expects that it then stays as it is. */
function expectSettled({ make, output }: Project): void {
  const { ino, mtimeMs } = statSync(output);
  const again = make();
  expect(again.said).toContain('is up to date');
  expect(again).toMatchObject({ code: 0, exports: 0 });
  expect(statSync(output)).toMatchObject({ ino, mtimeMs });
}

function expectMade({ make }: Project, exports = 1): void {
  const run = make();
  expect(run, run.said).toMatchObject({ code: 0, exports });
}

describe.skipIf(noMake)('a Makefile with a depfile', () => {
  test('makes its film once', () => {
    const one = project();
    expectMade(one);
    expect(countFrames(one.output)).toBe(25);
    expectSettled(one);
    const rule = readFileSync(join(one.folder, 'out.d'), 'utf8');
    expect(rule).toMatch(/^out\.mp4: film\.mkv .*\.sg-exportrc\.json .*house\.json\n/);
    expect(rule, 'a rule for each, should it go').toMatch(/^film\.mkv:$/m);
  });

  test('makes it again when the source has other content', () => {
    const one = project();
    expectMade(one);
    copyFileSync(clip({ name: 'film.mkv', sec: 2 }), one.source);
    expectMade(one);
    expect(countFrames(one.output)).toBe(50);
    expectSettled(one);
  });

  test.each([
    ['the source', (one: Project) => one.source],
    ['a preset file', (one: Project) => one.preset],
  ])('looks at %s that was only touched, keeps the film and settles', (_name, file) => {
    const one = project();
    expectMade(one);
    const { ino } = statSync(one.output);
    // With all the digits that a file system keeps.
    expect(spawnSync('touch', [file(one)]).status).toBe(0);
    expectMade(one);
    expect(statSync(one.output).ino).toBe(ino);
    expectSettled(one);
  });

  test('makes it again when a preset file that only the depfile names says something else', () => {
    const one = project();
    expectMade(one);
    writeFileSync(one.preset, JSON.stringify({ version: 1, preset_id: 'house', resolution: '160x90', crf: 30 }));
    expectMade(one);
    expect(streamValue(one.output, 'video', 'width')).toBe('160');
    expectSettled(one);
  });

  test('outlives a source that was renamed', () => {
    const one = project();
    expectMade(one);
    renameSync(one.source, join(one.folder, 'film2.mkv'));
    const missing = one.make();
    expect(missing.code).toBe(2);
    expect(missing.said).toContain('film.mkv: no such file');
    expect(missing.said).not.toContain('No rule to make target');
    writeFileSync(join(one.folder, 'Makefile'), RULES.replaceAll('film.mkv', 'film2.mkv'));
    expectMade(one);
    expectSettled(one);
  });

  test('gets its depfile back where the film is kept', () => {
    const one = project();
    expectMade(one);
    const depfile = join(one.folder, 'out.d');
    const before = readFileSync(depfile, 'utf8');
    rmSync(depfile);
    utimesSync(one.source, new Date(), new Date());
    const { ino } = statSync(one.output);
    expectMade(one);
    expect(statSync(one.output).ino, 'it was skipped').toBe(ino);
    expect(readFileSync(depfile, 'utf8')).toBe(before);
    expect(listing(one.folder).filter((name) => name.startsWith('.sg-export-'))).toEqual([]);
    expectSettled(one);
  });
});
