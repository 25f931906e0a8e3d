import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/model/errors.ts';
import { clip } from '../support/clips.ts';
import { damagingEncoder, fakeEncoder } from '../support/fake-tools.ts';
import * as shapes from '../support/machine-shapes.ts';
import { type CliRun, fresh, jsonLines, listing, ok, resultOf, sg, shown } from '../support/run-cli.ts';
import { longClip, noProc, placeFor, SLOW, startExport, untilEncoding } from '../support/running-export.ts';
import * as is from '../support/shapes.ts';

// What scripts, farms and Makefiles read. A change here breaks them: it belongs into the contract first.

test('every exit code has its name', () => {
  expect(EXIT_CODES.map(({ code, name }) => `${code} ${name}`)).toEqual([
    '0 OK',
    '1 INTERNAL',
    '2 USAGE',
    '3 INPUT',
    '4 RULES',
    '5 TOOLCHAIN',
    '6 ENCODE',
    '7 VERIFY',
    '8 PARTIAL',
    '9 TARGET',
    '124 TIMEOUT',
    '129 SIGHUP',
    '130 SIGINT',
    '143 SIGTERM',
  ]);
});

/** The progress lines of a run, each of which is one, at most ten a second, never falling and below 100. */
function expectProgress(run: CliRun): readonly Readonly<Record<string, unknown>>[] {
  const lines = jsonLines(run).filter(({ type }) => type === 'progress');
  let last = 0;
  for (const line of lines) {
    is.expectShape(line, shapes.PROGRESS);
    expect(Number(line.progress)).toBeGreaterThanOrEqual(last);
    expect(line.progress).toBeLessThan(100);
    last = Number(line.progress);
  }
  expect(lines.length).toBeLessThanOrEqual((10 * run.tookMs) / 1000 + 2);
  return lines;
}

describe('export --json', () => {
  test('of a run that went well', async () => {
    const folder = fresh();
    const output = join(folder, 'o.mp4');
    const run = await ok(['export', clip({ sec: 3 }), '-o', output, '--json', '--preset', 'social_quick']);
    const lines = expectProgress(run);
    expect(lines.length).toBeGreaterThan(1);
    const result = resultOf(run);
    is.expectShape(result, shapes.DONE);
    expect(new Set(lines.map((line) => line.export_id))).toEqual(new Set([result.export_id]));
    expect(lines.map((line) => line.current_stage)).toEqual(expect.arrayContaining(['preparation', 'encoding']));
    const sha256 = createHash('sha256').update(readFileSync(output)).digest('hex');
    expect(result).toMatchObject({
      source: clip({ sec: 3 }),
      output_files: [output],
      file_sizes: { [output]: statSync(output).size },
      checksums: { [output]: `sha256:${sha256}` },
      encoder: 'libx264',
      passes: 1,
      settings: {
        video_codec: 'h264',
        container: 'mp4',
        width: 320,
        height: 180,
        frame_rate: '25',
        preset: 'social_quick',
      },
      settings_from: { preset: 'flag', speed: 'preset' },
      verification: { ok: true },
    });
    expect(Object.keys(result.settings_from ?? {}).sort()).toEqual(Object.keys(result.settings ?? {}).sort());
    expect(jsonLines(run).filter(({ type }) => type === 'result')).toHaveLength(1);
    expect(run.stderr).toBe('');
  });

  const output = () => join(fresh(), 'o.mp4');
  /** How a run fails, by the name of its failure. */
  const FAILURES: Readonly<Record<string, readonly [string, number, () => readonly string[]]>> = {
    'an unknown flag': ['USAGE', 2, () => ['export', clip(), '--no-such-flag', '--json']],
    'a missing input argument': ['USAGE', 2, () => ['export', '--json']],
    'options before the command': ['USAGE', 2, () => ['--db', 'h.db', '--json', 'export', clip(), '--no-such-flag']],
    'a database that is called like a command': ['INPUT', 3, () => ['--db', 'codecs', '--json', 'export', 'no.mov']],
    'the demo': ['USAGE', 2, () => ['demo', '--no-such-flag', '--json']],
    'an unknown codec': ['USAGE', 2, () => ['export', clip(), '-o', output(), '--codec', 'h266', '--json']],
    'a configuration that cannot be read': [
      'USAGE',
      2,
      () => ['export', clip(), '--config', '/no/such.json', '--json'],
    ],
    'a missing source': ['INPUT', 3, () => ['export', '/no/such/film.mov', '-o', output(), '--json']],
    'a broken rule': ['RULES', 4, () => ['export', clip(), '-o', output(), '--crf', '99', '--json']],
    'no ffmpeg': ['TOOLCHAIN', 5, () => ['export', clip(), '-o', output(), '--ffmpeg', '/no/ffmpeg', '--json']],
    'a failing ffmpeg': [
      'ENCODE',
      6,
      () => ['export', clip(), '-o', output(), '--json', '--ffmpeg', fakeEncoder(fresh(), 'exit 1')],
    ],
    'a wrong film': [
      'VERIFY',
      7,
      () => [
        'export',
        clip(),
        '-o',
        output(),
        '--json',
        '--ffmpeg',
        damagingEncoder(fresh(), 'truncate -s -3000 "$last"'),
      ],
    ],
    'no time': ['TIMEOUT', 124, () => ['export', clip(), '-o', output(), '--json', '--timeout', '1ms']],
  };
  test.each(Object.entries(FAILURES))('of %s', async (_name, [errorCode, code, args]) => {
    const run = await sg(args(), { cwd: fresh() });
    expect(run.code, shown(run)).toBe(code);
    expect(EXIT_CODES.find((row) => row.code === code)?.name).toBe(errorCode);
    expectProgress(run);
    const result = resultOf(run);
    is.expectShape(result, shapes.failed(errorCode));
    if (errorCode === 'VERIFY') is.expectShape(result.verification, shapes.VERIFICATION);
    if (['ENCODE', 'VERIFY'].includes(errorCode)) is.expectShape(result.settings, shapes.SETTINGS);
    expect(run.stderr, 'a program reads stdout').toBe('');
  });

  test.skipIf(noProc)('of a run that was stopped', async () => {
    const place = placeFor(longClip(), 'free');
    const started = startExport(place, [...SLOW, '--json']);
    await untilEncoding(place, started);
    started.child.kill('SIGINT');
    const run = await started.ended;
    expect(run.code, shown(run)).toBe(130);
    expectProgress(run);
    is.expectShape(resultOf(run), shapes.failed('SIGINT', 'cancelled'));
  });
});

describe('one document', () => {
  test('of history, for all exports and for one', async () => {
    const folder = fresh();
    const db = ['--db', join(folder, 'h.db')];
    await ok(['export', clip(), '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', ...db]);
    await sg(['export', clip(), '-o', join(folder, 'p.mp4'), '--timeout', '1ms', ...db]);
    const { jobs } = JSON.parse((await ok(['history', '--json', ...db])).stdout);
    is.expectShape(jobs, is.listOf(shapes.JOB, 2));
    expect(jobs.map(({ status }: { readonly status: string }) => status)).toEqual(['failed', 'completed']);
    const one = JSON.parse((await ok(['history', jobs[1].export_id, '--json', ...db])).stdout);
    expect(one).toMatchObject(jobs[1]);
    const cancelled = await sg(['cancel', jobs[1].export_id, '--json', ...db]);
    expect(cancelled.code).toBe(2);
    is.expectShape(JSON.parse(cancelled.stdout), shapes.REFUSED);
  });

  test.each([
    ['a good request', 0, [clip()]],
    ['an unknown name', 2, [clip(), '--codec', 'h266']],
    ['an unknown flag', 2, [clip(), '--no-such-flag']],
    ['a missing source', 3, ['/no/such/film.mov']],
    ['a broken rule', 4, [clip(), '--crf', '99']],
  ])('of validate, for %s', async (_name, code, args) => {
    const folder = fresh();
    const run = await sg(['validate', ...args, '-o', join(folder, 'o.mp4'), '--json']);
    expect(run.code, shown(run)).toBe(code);
    const findings = JSON.parse(run.stdout);
    is.expectShape(findings, shapes.FINDINGS);
    expect(findings.valid).toBe(code === 0);
    if (code !== 0) expect(findings.issues.length).toBeGreaterThan(0);
    expect(listing(folder)).toEqual([]);
  });

  test('of doctor', async () => {
    const run = await ok(['doctor', '--json']);
    const found = JSON.parse(run.stdout);
    is.expectShape(found, shapes.DOCTOR);
    expect(found.ok).toBe(true);
    for (const { usable, reason } of found.encoders)
      expect(usable ? reason : typeof reason).toBe(usable ? null : 'string');
  });

  test.each([
    ['codecs', shapes.CODECS],
    ['presets', is.object({ presets: is.listOf(shapes.PRESET, 5) })],
    ['platforms', is.object({ platforms: is.listOf(shapes.PLATFORM, 7) })],
    ['resolutions', is.object({ resolutions: is.listOf(shapes.RESOLUTION, 13) })],
  ])('of %s', async (command, shape) => {
    const run = await ok([command, '--json']);
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
    is.expectShape(JSON.parse(run.stdout), shape);
    expect(run.stderr).toBe('');
  });

  test.each([
    [['codecs', 'h266']],
    [['platforms', 'myspace']],
    [['presets', 'show', 'nope']],
    [['history', 'zzz']],
    [['codecs', '--no-such-flag']],
  ])('of what went wrong, for %j', async (args) => {
    const run = await sg(['--db', join(fresh(), 'h.db'), ...args, '--json']);
    expect(run.code, shown(run)).toBe(2);
    is.expectShape(JSON.parse(run.stdout), shapes.REFUSED);
    expect(JSON.parse(run.stdout).error_code).toBe('USAGE');
    expect(run.stderr).toBe('');
  });
});
