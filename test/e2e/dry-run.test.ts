import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, ffmpeg, streamDigest } from '../support/clips.ts';
import { cleanEnv, expectRefusal, fresh, listing, ok, sg } from '../support/run-cli.ts';

/** Runs a script as the contract says, from a folder that has nothing to do with it. */
function shell(script: string) {
  const path = join(fresh(), 'dry.sh');
  writeFileSync(path, script);
  return spawnSync('sh', ['-e', path], { cwd: fresh(), env: cleanEnv(), encoding: 'utf8' });
}

describe('the script of --dry-run makes what the export makes, where it makes it', () => {
  const CASES: Readonly<Record<string, readonly [string, ...string[]]>> = {
    'a name that a shell would eat': ['it\'s $HOME `date` "x" \\ *;& #1.mp4', '--speed', 'fast'],
    'H.264': ['out.mp4', '--speed', 'fast'],
    'VP9 in two passes': ['out.webm', '--two-pass', '--bitrate', '200k', '--speed', 'fast'],
    'two passes': ['out.mp4', '--two-pass', '--bitrate', '400k', '--speed', 'fast'],
    'a copy': ['out.mkv', '--codec', 'copy'],
    'VP9 and Opus': ['out.webm', '--speed', 'fast'],
    'another size, rate and part': [
      'out.mp4',
      ...['--resolution', '160x160', '--fps', '30', '--start', '0.2', '--duration', '0.5', '--speed', 'fast'],
    ],
    ProRes: ['out.mov', '--codec', 'prores'],
  };
  test.each(oneOf(2, Object.entries(CASES)))('%s', async (_name, [name, ...flags]) => {
    const folder = fresh();
    const source = join(folder, `source of ${name}.mkv`);
    copyFileSync(clip({ name: 'film.mkv' }), source);
    mkdirSync(join(folder, 'out'));
    const output = join(folder, 'out', name);
    const args = ['export', source, '-o', output, ...flags];
    const script = (await ok([...args, '--dry-run'])).stdout;
    expect(listing(join(folder, 'out')), 'nothing is touched').toEqual([]);
    const run = shell(script);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr, 'nothing that would look like trouble').not.toMatch(/empty|warning/i);
    expect(listing(join(folder, 'out'))).toEqual([name]);
    const made = streamDigest(output);
    await ok([...args, '--overwrite']);
    expect(streamDigest(output)).toBe(made);
  });

  test('subtitles, chapters and titles too', async () => {
    const folder = fresh();
    const source = join(folder, 'film.mkv');
    const text = join(fresh(), 's.srt');
    writeFileSync(text, "1\n00:00:00,100 --> 00:00:00,900\nit's here\n");
    ffmpeg([
      '-i',
      clip({ name: 'film.mkv' }),
      '-i',
      text,
      '-map',
      '0',
      '-map',
      '1',
      '-c',
      'copy',
      '-metadata',
      "title=It's",
      source,
    ]);
    const output = join(folder, 'out.mp4');
    const args = ['export', source, '-o', output, '--speed', 'fast', '--overwrite'];
    const run = shell((await ok([...args, '--dry-run'])).stdout);
    expect(run.status, run.stderr).toBe(0);
    const made = streamDigest(output);
    await ok(args);
    expect(streamDigest(output)).toBe(made);
    expect(listing(folder)).toEqual(['film.mkv', 'out.mp4']);
  });
});

test('the script keeps the promises of a run about what is there', async () => {
  const folder = fresh();
  const output = join(folder, 'out.mp4');
  const args = ['export', clip(), '-o', output, '--speed', 'ultrafast', '--dry-run'];
  const careful = (await ok(args)).stdout;
  const bold = (await ok([...args, '--overwrite'])).stdout;
  writeFileSync(output, 'precious\n');
  expect(shell(careful).status).not.toBe(0);
  expect(readFileSync(output, 'utf8')).toBe('precious\n');
  expect(listing(folder)).toEqual(['out.mp4']);
  expect(shell(bold).status).toBe(0);
  expect(listing(folder)).toEqual(['out.mp4']);
  expect(readFileSync(output).length).toBeGreaterThan(1000);
  // What is there is said before, not when the script runs.
  expectRefusal(await sg(args), 2);
});

test('a script whose ffmpeg fails leaves nothing', async () => {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  const script = (await ok(['export', source, '-o', join(folder, 'out.mp4'), '--dry-run'])).stdout;
  writeFileSync(source, 'no film any more\n');
  expect(shell(script).status).not.toBe(0);
  expect(listing(folder)).toEqual(['film.mp4']);
});

test('with --json it prints the script all the same, and -v says where each setting comes from', async () => {
  const args = ['export', clip(), '-o', join(fresh(), 'out.mp4'), '--crf', '30', '--dry-run'];
  const plain = (await ok(args)).stdout;
  expect(plain).toMatch(/^#!\/bin\/sh\n/);
  expect((await ok([...args, '--json'])).stdout).toBe(plain);
  const verbose = (await ok([...args, '-v'])).stdout;
  expect(verbose).toContain('# crf = 30 (flag)\n');
  expect(shell(verbose).status).toBe(0);
});
