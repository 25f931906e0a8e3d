import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OptionKind, OptionRow } from '../../src/model/option-row.ts';
import { keyOf, OPTIONS } from '../../src/model/options.ts';
import { oneOf } from '../support/choice.ts';
import { clip, complaints } from '../support/clips.ts';
import { loggingEncoder } from '../support/fake-tools.ts';
import { BIN, cleanEnv, expectRefusal, fresh, listing, resultOf, sg, shown } from '../support/run-cli.ts';

/**
 * Values that cannot be read, by kind of option: the table decides which flags get which, so that a new flag is
 * tried without a word here.
 */
const NUMBERS = [
  '-1',
  '99999999999999999999',
  '1e5',
  '1e30',
  'Infinity',
  'NaN',
  '1e999',
  '1,5',
  '12abc',
  '0x',
  '--',
  '٣',
  '½',
  '1 2',
  '$(id)',
  '',
  ' ',
];
const UNREADABLE: Readonly<Record<Exclude<OptionKind, 'flag' | 'text' | 'path'>, readonly string[]>> = {
  int: [...NUMBERS, '1.5', '-0.1', 'one'],
  number: [...NUMBERS, 'much', '1/2'],
  size: [...NUMBERS, '0', '0MB', '5XB', 'MB', '1.2.3MB', '-5MB'],
  bitrate: [...NUMBERS, '0', '0k', 'fast', '4Q', '4MB', '1.2.3', '-4M'],
  rate: [...NUMBERS, '0', '0/1', '30/0', '30/', '/30', '-30/1', 'ntsc'],
  time: [...NUMBERS, '1:60', '1:2:3:4:5', '90m', '1:-5', '00:99:00', 'soon', ':30', '500 m s'],
  resolution: ['0x0', '0x720', '1280x', 'x720', '999q', '-1x-1', '1280x720x3', '720', '', ' ', 'NaNxNaN', '1e3x1e3'],
  assignment: ['nonsense', '=1', '', ' =1', 'a b=c'],
  enum: ['nonsense', '', ' ', '-1', 'toString', '__proto__', 'constructor'],
  crop: [...NUMBERS, '1:2:3', '0:0:0:0', '1:2:3:x', '-1:2:3:4'],
  // A file that is not there is found where files are looked at, after all words were read.
  subtitles: ['nonsense', '', ' ', '-1', 'toString', 'film.txt'],
  'frame-sizes': ['320', '320x', 'x180', '0x180', '320x0', '320x180,', '320x180,big', '-1x-1', '1e3x1e3', '', ' '],
  'quality-target': [...NUMBERS, 'ssim', 'ssim=', 'ssim=x', 'beauty=1', 'ssim=-1'],
};

const rows = OPTIONS.filter((row) => row.kind in UNREADABLE);
/** Some numbers, such as a loudness, are negative. */
const readable = ({ atLeast = 0 }: OptionRow, value: string): boolean => value === '-1' && atLeast <= -1;
const valuesOf = (row: OptionRow): readonly string[] =>
  row.kind === 'flag' || row.kind === 'text' || row.kind === 'path'
    ? []
    : UNREADABLE[row.kind].filter((value) => !readable(row, value));
const rounds = Math.max(...rows.map((row) => valuesOf(row).length));

let folder = '';
let source = '';
let encoder: ReturnType<typeof loggingEncoder>;
beforeAll(() => {
  folder = fresh();
  source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  encoder = loggingEncoder(fresh());
});

const args = (...more: readonly string[]): readonly string[] => {
  return ['export', source, '-o', join(folder, 'o.mp4'), '--ffmpeg', encoder.path, ...more];
};

/** `--flag=value`, so that a value may begin with a dash. */
const given = (row: OptionRow, value: string): string => `--${row.name}=${value}`;

describe('a value that cannot be read is exit 2, with the flag and the value named', () => {
  test.each(
    oneOf(
      3,
      rows.map((row) => [row.name, row] as const),
    ),
  )('--%s', async (name, row) => {
    const value = valuesOf(row)[0] ?? '';
    const run = await sg(args(given(row, value)));
    expectRefusal(run, 2);
    expect(run.stderr, shown(run)).toContain(`--${name}`);
    expect(run.stderr, shown(run)).toContain(value);
    expect(listing(folder)).toEqual(['film.mp4']);
  });
});

test.each(Array.from({ length: rounds }, (_, i) => i))('all of them at once are all reported (round %i)', async (i) => {
  const round = rows.map((row) => {
    const values = valuesOf(row);
    return [row, values[i % values.length] ?? ''] as const;
  });
  const run = await sg(args('--json', ...round.map(([row, value]) => given(row, value))));
  expect(run.code, shown(run)).toBe(2);
  const { error_code, error_message } = resultOf(run);
  expect(error_code).toBe('USAGE');
  const lines = String(error_message).split('\n');
  for (const [row, value] of round) {
    const line = lines.find((one) => one.includes(`--${row.name}:`) || one.includes(`--${row.name} `));
    expect(line, `--${row.name}=${JSON.stringify(value)} was taken`).toBeDefined();
  }
  expect(listing(folder)).toEqual(['film.mp4']);
});

test('the same in the environment and in the configuration, under their own spelling', async () => {
  const settable = rows.filter((one) => one.scope !== 'local');
  for (const row of oneOf(3, settable)) {
    const value = valuesOf(row).find((one) => one.trim() !== '') ?? '';
    const variable = `SG_EXPORT_${keyOf(row.name).toUpperCase()}`;
    const run = await sg(args(), { env: { [variable]: value } });
    expectRefusal(run, 2);
    expect(run.stderr, shown(run)).toContain(variable);
  }
  expect(listing(folder)).toEqual(['film.mp4']);
}, 120_000);

/** Readable, but no film can be like this: a finding before anything starts, never a bug or a failed encode. */
const ABSURD: Readonly<Partial<Record<OptionKind, readonly string[]>>> = {
  int: ['0', '999999999', '1000000'],
  number: ['0', '1000000000', '0.0000001'],
  bitrate: ['0.000001', '999999999M', '0.1k'],
  rate: ['0.0001', '1000000', '1/1000', '999999999/1'],
  resolution: ['1x1', '99999x99999', '2x99999', '3x3'],
  size: ['1b', '999TB'],
  time: ['0.0000001', '99999999'],
};

describe('a value that no film can have is refused before anything starts', () => {
  const cases = OPTIONS.flatMap((row) => (ABSURD[row.kind] ?? []).map((value) => [given(row, value)] as const));
  test.each(oneOf(2, cases))('%s', async (flag) => {
    const out = fresh();
    const before = encoder.calls().length;
    const run = await sg(['export', source, '-o', join(out, 'output.mp4'), '--ffmpeg', encoder.path, flag]);
    if (run.code === 0) {
      expect(complaints(join(out, 'output.mp4'))).toBe('');
      return;
    }
    // A size that nothing fits into has a code of its own.
    expectRefusal(run, run.code === 2 ? 2 : flag.endsWith('-size=1b') ? 9 : 4);
    expect(run.stderr, shown(run)).toContain(flag.slice(0, flag.indexOf('=')));
    expect(run.stderr, 'numbers as people write them').not.toMatch(/\de[+-]?\d/);
    const encodes = encoder.calls().slice(before);
    expect(
      encodes.filter((call) => call.includes('output.mp4')),
      shown(run),
    ).toEqual([]);
    expect(listing(out)).toEqual([]);
  });
});

test.each([
  ['--start=0.999', 4, '--start 0:01 leaves no picture: the source is 0:01 long'],
  ['--duration=0.01', 4, 'a picture lasts 40ms here'],
  ['--bitrate=99999999999999999999M', 2, "'99999999999999999999M' is not a bitrate of at most 1000000M"],
  ['--target-size=99999999999999999999TB', 2, 'is not a size of at most 1000 TB'],
  ['--target-size=999TB', 4, '--target-size 999.00 TB would be '],
  ['--target-size=2kB', 9, 'of which the container takes '],
])('%s is refused in plain words and numbers', async (flag, code, said) => {
  const out = fresh();
  const short = clip({ sec: 1 });
  const run = await sg(['export', short, '-o', join(out, 'o.mp4'), '--audio-codec', 'none', flag]);
  expectRefusal(run, code);
  expect(run.stderr).toContain(said);
  expect(run.stderr).not.toMatch(/\de[+-]?\d/);
  expect(listing(out)).toEqual([]);
});

describe('flags themselves', () => {
  test.each([
    ['an unknown one', ['--frobnicate'], '--frobnicate'],
    ['a misspelt one', ['--bitrat', '300k'], '--bitrate'],
    ['one without its value', ['--crf'], '--crf'],
    ['a switch with a value', ['--overwrite=yes'], '--overwrite'],
    ['a second input', ['another.mp4'], 'argument'],
    ['an output without extension', ['-o', 'film'], 'the name has no extension'],
  ])('%s', async (_name, more, word) => {
    const run = await sg(args(...more));
    expectRefusal(run, 2);
    expect(run.stderr, shown(run)).toContain(word);
  });
  test('no input at all', async () => {
    expectRefusal(await sg(['export']), 2);
  });
  test('an unknown command', async () => {
    expectRefusal(await sg(['exprot', 'x.mp4']), 2);
  });
  test('each of them ends with a result line where --json is asked for', async () => {
    for (const more of [['--frobnicate'], ['--crf'], ['another.mp4'], ['--crf', 'abc']]) {
      const run = await sg(args(...more, '--json'));
      expect(run.code, shown(run)).toBe(2);
      expect(resultOf(run)).toMatchObject({ status: 'failed', error_code: 'USAGE', output_files: [] });
    }
  });
});

test.skipIf(process.platform === 'win32')(
  'a working folder that is gone is one clear sentence, and no hindrance to --version',
  () => {
    const run = (words: string) => {
      const gone = join(fresh(), 'gone');
      const body = `mkdir '${gone}' && cd '${gone}' && rmdir '${gone}' && exec '${process.execPath}' '${BIN}' ${words}`;
      return spawnSync('sh', ['-c', body], { encoding: 'utf8', env: cleanEnv() });
    };
    const refused = run(`export ${clip()} -o /nowhere/o.mp4`);
    expect([refused.status, refused.stdout, refused.stderr]).toEqual([
      2,
      '',
      'error: the working folder does not exist any more\n  try: cd to one that does\n',
    ]);
    expect(JSON.parse(run('multi a.mov --export h264 --json').stdout)).toMatchObject({
      type: 'result',
      error_code: 'USAGE',
    });
    expect([run('--version').status, run('multi --help').status]).toEqual([0, 0]);
  },
);
