import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip, countFrames, streamValue } from '../support/clips.ts';
import { loggingProbe } from '../support/fake-tools.ts';
import * as shapes from '../support/machine-shapes.ts';
import {
  BIN,
  type CliOptions,
  type CliRun,
  cleanEnv,
  expectRefusal,
  fresh,
  jsonLines,
  listing,
  ok,
  resultOf,
  sg,
  shown,
} from '../support/run-cli.ts';
import * as is from '../support/shapes.ts';

interface Place {
  readonly folder: string;
  /** Runs `multi` in the folder, with a history of its own. */
  readonly multi: (args: readonly string[], options?: CliOptions) => Promise<CliRun>;
  readonly write: (name: string, text: string) => void;
}

/** A folder with sources of these names, of one second each. */
function place(...sources: readonly string[]): Place {
  const folder = fresh();
  for (const name of sources) copyFileSync(clip(), join(folder, name));
  const db = ['--db', join(fresh(), 'h.db')];
  return {
    folder,
    multi: (args, options = {}) => sg(['multi', ...args, ...db], { cwd: folder, ...options }),
    write: (name, text) => writeFileSync(join(folder, name), text),
  };
}

const FAST = ['--speed', 'ultrafast'];
const stamp = (path: string) => {
  const { ino, mtimeMs, size } = statSync(path);
  return { ino, mtimeMs, size };
};
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

describe('many sources, many exports', () => {
  test('are made in a folder that is made for them, and only what is missing is made again', async () => {
    const { folder, multi } = place('a.mp4', 'b.mov');
    const request = ['a.mp4', 'b.mov', '--export', 'h264:source:low', '--export', 'h265:160x90:draft', ...FAST];
    const first = await multi([...request, '--output-folder', 'out/here']);
    expect(first.code, shown(first)).toBe(0);
    const names = ['a_180p_h264_low.mp4', 'a_160x90_h265_draft.mp4', 'b_180p_h264_low.mp4', 'b_160x90_h265_draft.mp4'];
    const paths = names.map((name) => join(folder, 'out/here', name));
    expect(lines(first.stdout), 'in the order of the request').toEqual(paths);
    expect(paths.map((path) => streamValue(path, 'video', 'codec_name'))).toEqual(['h264', 'hevc', 'h264', 'hevc']);
    expect(paths.map((path) => streamValue(path, 'video', 'width'))).toEqual(['320', '160', '320', '160']);
    expect(listing(join(folder, 'out/here'))).toEqual([...names].sort());
    for (const name of names)
      expect(first.stderr, 'a line as it ends, and a row of the table').toMatch(
        new RegExp(`^done  ${name} (.|\n)*^${name} `, 'm'),
      );
    expect(first.stderr).toMatch(/^4 outputs, .*\d$/m);

    const refused = await multi([...request, '--output-folder', 'out/here']);
    expectRefusal(refused, 2);
    for (const path of paths) expect(refused.stderr).toContain(`${path} exists`);

    const before = paths.map(stamp);
    const [gone = ''] = paths.splice(2, 1);
    rmSync(gone);
    const again = await multi([...request, '--output-folder', 'out/here', '--skip-existing', '--json']);
    expect(again.code, shown(again)).toBe(0);
    expect(resultOf(again)).toMatchObject({
      exports: [{ skipped: true }, { skipped: true }, { output_files: [gone] }, { skipped: true }],
    });
    expect(paths.map(stamp)).toEqual([before[0], before[1], before[3]]);
    expect(countFrames(gone)).toBe(25);
  });

  test('beside their sources, with the pattern as it is asked for', async () => {
    const { folder, multi } = place('a.mp4');
    const run = await multi([
      'a.mp4',
      '--export',
      'h264',
      '--export',
      '::draft',
      '--name',
      '{codec}-{name}-{quality}',
      ...FAST,
    ]);
    expect(run.code, shown(run)).toBe(0);
    expect(lines(run.stdout)).toEqual(['h264-a-medium.mp4', 'h264-a-draft.mp4'].map((name) => join(folder, name)));
  });

  test('quietly: only the paths', async () => {
    const { multi } = place('a.mp4');
    const run = await multi(['a.mp4', '--export', 'h264', '--export', 'h264:160x90', '-q', ...FAST]);
    expect([run.code, run.stderr, lines(run.stdout).length]).toEqual([0, '', 2]);
  });
});

const EXPORT_RESULT = is.object({
  type: is.exactly('export_result'),
  export_id: is.id,
  output_files: is.listOf(is.path, 1),
});

test('--json: what is begun, how far each and all are, the end of each, and the result last', async () => {
  const { folder, multi } = place('a.mp4');
  const run = await multi([
    'a.mp4',
    '--export',
    'h264',
    '--export',
    'h265:160x90',
    '--json',
    '--output-folder',
    'o',
    ...FAST,
  ]);
  expect(run.code, shown(run)).toBe(0);
  expect(run.stderr).toBe('');
  const all = jsonLines(run);
  const result = resultOf(run);
  const outputs = ['a_180p_h264_medium.mp4', 'a_160x90_h265_medium.mp4'].map((name) => join(folder, 'o', name));
  const source = join(folder, 'a.mp4');
  expect(all[0]).toMatchObject({
    type: 'multi_started',
    multi_id: result.multi_id,
    exports: [
      { label: 'h264', source, output_file: outputs[0] },
      { label: 'h265:160x90', source, output_file: outputs[1] },
    ],
  });
  const ofType = (type: string) => all.filter((line) => line.type === type);
  expect(ofType('result')).toHaveLength(1);
  for (const line of ofType('progress')) is.expectShape(line, shapes.PROGRESS);
  expect(ofType('progress').length).toBeLessThanOrEqual((10 * run.tookMs) / 1000 + 4);
  expect(ofType('export_result')).toHaveLength(2);
  for (const line of ofType('export_result')) is.expectShape(line, EXPORT_RESULT);
  const totals = ofType('multi_progress').map(({ progress }) => Number(progress));
  expect(totals).toEqual([...totals].sort((a, b) => a - b));
  expect(result).toMatchObject({ status: 'completed', packages: [], error_code: null, error_message: null });
  const exports = Array.isArray(result.exports) ? result.exports : [];
  expect(exports.map((one) => one.output_files)).toEqual(outputs.map((path) => [path]));
  for (const one of exports) is.expectShape(one, shapes.DONE);
  const announced = Array.isArray(all[0]?.exports) ? all[0].exports : [];
  expect(exports.map((one) => one.export_id)).toEqual(announced.map((one: { export_id: string }) => one.export_id));
});

describe('refused before anything is made, with all findings', () => {
  const job = (text: string) => (made: Place) => made.write('job.yaml', text);
  const CASES: Readonly<Record<string, readonly [number, readonly string[], RegExp, ((made: Place) => void)?]>> = {
    'nothing to make': [2, ['a.mp4'], /there is nothing to make/],
    'no source': [2, ['--export', 'h264'], /there is no source/],
    'an empty job': [2, ['a.mp4', '--job', 'job.yaml'], /the job file job\.yaml is empty/, job('')],
    'a job without exports': [
      2,
      ['a.mp4', '--job', 'job.yaml'],
      /nothing to make: job\.yaml holds none/,
      job('speed: slow\n'),
    ],
    'an unknown field': [
      2,
      ['a.mp4', '--job', 'job.yaml'],
      /unknown key 'codek' in job\.yaml, line 2/,
      job('exports:\n - codek: h264\n'),
    ],
    'two jobs': [
      2,
      ['a.mp4', '--job', 'job.yaml', '--export', 'vp9'],
      /are two different jobs/,
      job('exports: [h264]\n'),
    ],
    duplicates: [
      2,
      ['a.mp4', '--export', 'h264:720p', '--export', 'h264:720p'],
      /export 1 \(h264:720p\) and export 2 \(h264:720p\) are the same export/,
    ],
    'duplicates in other words': [
      2,
      ['a.mp4', '--export', 'hevc::standard', '--export', 'h265::medium'],
      /are the same export/,
    ],
    'a source twice': [2, ['a.mp4', './a.mp4', '--export', 'h264'], /a\.mp4 and \.\/a\.mp4 are the same file/],
    'a source by a link': [
      2,
      ['a.mp4', 'link.mp4', '--export', 'h264'],
      /a\.mp4 and link\.mp4 are the same file/,
      ({ folder }) => symlinkSync('a.mp4', join(folder, 'link.mp4')),
    ],
    'one name for two exports': [
      2,
      ['a.mp4', '--export', 'h264', '--export', 'h265', '--name', 'x'],
      /h264 and h265 would both be .*x\.mp4/,
    ],
    'one name for two sources': [
      2,
      ['a.mp4', 'sub/a.mp4', '--export', 'h264', '--output-folder', 'o'],
      /a\.mp4 h264 and sub\/a\.mp4 h264 would both be/,
      ({ folder }) => {
        mkdirSync(join(folder, 'sub'));
        copyFileSync(join(folder, 'a.mp4'), join(folder, 'sub/a.mp4'));
      },
    ],
    'an output that is a source': [
      2,
      ['a.mp4', 'b.mp4', '--export', 'h264', '--name', 'b', '--overwrite'],
      /is the input/,
    ],
    '-o': [2, ['a.mp4', '--export', 'h264', '-o', 'o.mp4'], /--output-folder FOLDER says where/],
    'a folder that cannot be made': [
      2,
      ['a.mp4', '--export', 'h264', '--output-folder', 'a.mp4/x'],
      /^error: --output-folder .*a\.mp4\/x: cannot use .*: a part of its path is not a folder\n {2}try: choose another --output-folder\n/,
    ],
    'a folder that is a link to nothing': [
      2,
      ['a.mp4', '--export', 'h264', '--output-folder', 'link'],
      /--output-folder .*link: .* is a symbolic link to nothing/,
      ({ folder }) => symlinkSync('/no/such/folder', join(folder, 'link')),
    ],
    'a folder where none can be made': [
      2,
      ['a.mp4', '--export', 'h264', '--output-folder', '/proc/x/y'],
      /cannot make the folder \/proc\/x: \/proc takes no new folders|--output-folder \/proc/,
    ],
    'names with an unknown field, which are not held against each other': [
      2,
      ['a.mp4', 'b.mp4', '--export', 'h264', '--name', '{nmae}'],
      /^error: --name: there is no field \{nmae\}\n {2}try: fields: .*\n$/,
    ],
    'a wrong name and a missing source together': [
      2,
      ['no.mov', 'a.mp4', '--export', 'h264', '--export', 'h266'],
      /'h266' is not one of(.|\n)*no\.mov: no such file/,
    ],
    'a wrong value': [
      2,
      ['a.mp4', '--export', 'h264::hgh', '--parallel', '0'],
      /--parallel: '0'(.|\n)*'hgh' is not one of/,
    ],
    'an unknown resolution': [2, ['a.mp4', '--export', 'h264:999q'], /there is no resolution '999q'/],
    'too many parts': [2, ['a.mp4', '--export', 'h264:1280:720:low'], /is no export/],
    'a list that is missing': [2, ['--from', 'none.txt', '--export', 'h264'], /none\.txt cannot be read/],
    'an empty list': [
      2,
      ['--from', 'list.txt', '--export', 'h264'],
      /names no source/,
      (made) => made.write('list.txt', '\n\n'),
    ],
    'a missing source': [3, ['no.mov', 'a.mp4', '--export', 'h264', '--export', 'h265'], /no\.mov: no such file/],
    'a folder without films': [
      3,
      ['sub', '--export', 'h264'],
      /there is no film in sub/,
      ({ folder }) => mkdirSync(join(folder, 'sub')),
    ],
    'a pattern that matches nothing': [3, ['*.mxf', '--export', 'h264'], /no file matches \*\.mxf/],
    'a pattern that cannot be read': [2, ['a[[:foo:]].mp4', '--export', 'h264'], /\[:foo:\], which is no class/],
    'a film in place of a list': [
      2,
      ['--from', 'a.mp4', '--export', 'h264'],
      /^error: --from: a\.mp4 is no list of paths/,
    ],
    'a list in UTF-16': [
      2,
      ['--from', 'list.txt', '--export', 'h264'],
      /list in UTF-16\n {2}try: save it as UTF-8/,
      ({ folder }) => writeFileSync(join(folder, 'list.txt'), Buffer.from('\ufeffa.mp4\n', 'utf16le')),
    ],
    'rules, each with its exports': [
      4,
      ['a.mp4', '--export', 'prores', '--export', 'h264', '--export', 'vp9', '--container', 'webm'],
      /prores: Apple ProRes(.|\n)*h264: H\.264/,
    ],
    'no ffmpeg': [5, ['a.mp4', '--export', 'h264', '--ffmpeg', '/no/ffmpeg'], /\/no\/ffmpeg/],
    'a receipt that is a file': [2, ['a.mp4', '--export', 'h264', '--receipt', 'a.mp4'], /--receipt .*a\.mp4/],
    'a receipt for all': [
      2,
      ['a.mp4', '--export', 'h264', '--receipt', 'r.json'],
      /it names one file, and each export has/,
    ],
    'a depfile on the source': [2, ['a.mp4', '--export', 'h264', '--depfile', 'a.mp4'], /--depfile: .* is an input/],
    'no name that make can read': [
      2,
      ['a.mp4', '--export', 'h264', '--depfile', 'o.d', '--name', 'a\tb'],
      /make cannot read/,
    ],
    '--resume with something to make': [2, ['--resume', '--export', 'h264'], /--export would change it/],
    'nothing to resume': [2, ['--resume'], /there is no unfinished run/],
  };
  test.each(Object.entries(CASES))('%s', async (_name, [code, args, said, make]) => {
    const made = place('a.mp4', 'b.mp4');
    make?.(made);
    const before = listing(made.folder);
    const run = await made.multi(args);
    expectRefusal(run, code);
    expect(run.stderr).toMatch(said);
    expect(listing(made.folder)).toEqual(before);
    const json = await made.multi([...args, '--json']);
    expect(json.code).toBe(code);
    expect(resultOf(json)).toMatchObject({
      status: 'failed',
      exports: [],
      packages: [],
      error_code: expect.any(String),
    });
    expect(json.stderr).toBe('');
  });

  test('an unknown flag, with a result line', async () => {
    const { multi } = place('a.mp4');
    const run = await multi(['a.mp4', '--export', 'h264', '--frob', '--json']);
    expect(run.code).toBe(2);
    expect(resultOf(run)).toMatchObject({ multi_id: null, exports: [], error_code: 'USAGE' });
  });
});

describe('a job file', () => {
  test('says everything, relative to itself; flags win over it', async () => {
    const { folder, multi, write } = place('a.mp4');
    mkdirSync(join(folder, 'jobs'));
    write(
      'jobs/deliver.yaml',
      `$schema: ../presets/schema/job.schema.json
source: ../a.mp4
naming_pattern: '{name}-{codec}'
output_folder: ../delivery
parallel: 1
crf: 40
speed: veryslow
exports:
  - {codec: h264, quality_preset: low, filename_suffix: _web}
  - {codec: h264, resolution: 160x90, custom_settings: {tune: film}, output_folder: small}
`,
    );
    const run = await multi(['--job', 'jobs/deliver.yaml', '--bitrate', '300k', '--json', ...FAST]);
    expect(run.code, shown(run)).toBe(0);
    const settings = { encoder: 'libx264', mode: 'abr', video_bitrate_kbps: 300, crf: null, speed: 'ultrafast' };
    expect(resultOf(run)).toMatchObject({
      exports: [
        { output_files: [join(folder, 'delivery/a-h264_web.mp4')], settings: { ...settings, width: 320 } },
        { output_files: [join(folder, 'jobs/small/a-h264.mp4')], settings: { ...settings, width: 160 } },
      ],
    });
  });

  test('takes the sources of the command line in place of its own, and all flags of an export', async () => {
    const { folder, multi, write } = place('a.mp4', 'b.mp4');
    write(
      'job.json',
      JSON.stringify({ source: 'no.mov', verify: 'full', exports: [{ codec: 'h264', overwrite: true }] }),
    );
    write('b_180p_h264_medium.mp4', 'old');
    const run = await multi(['b.mp4', '--job', 'job.json', '--json', ...FAST]);
    expect(run.code, shown(run)).toBe(0);
    const output = join(folder, 'b_180p_h264_medium.mp4');
    expect(resultOf(run)).toMatchObject({
      exports: [{ output_files: [output], verification: { ssim: expect.any(Number) } }],
    });
    expect(countFrames(output)).toBe(25);
  });
});

describe('sources', () => {
  test('of a folder: its films, but no hidden ones, no links to others, and none that sg-export wrote there', async () => {
    const { folder, multi, write } = place('take 10.mp4', 'take 2.MP4', '.part.mp4', 'c.mkv.part');
    write('notes.txt', 'no film');
    mkdirSync(join(folder, 'below.mp4'));
    symlinkSync('take 10.mp4', join(folder, 'latest.mp4'));
    const args = ['.', '--export', 'h264:160x90', ...FAST];
    const run = await multi(args);
    expect(run.code, shown(run)).toBe(0);
    const outputs = ['take 2', 'take 10'].map((name) => join(folder, `${name}_160x90_h264_medium.mp4`));
    expect(lines(run.stdout)).toEqual(outputs);
    const again = await multi([...args, '--skip-existing']);
    expect(again.code, shown(again)).toBe(0);
    expect(again.stderr).toContain('.: 2 files that sg-export wrote there left out');
    expect(lines(again.stdout)).toEqual(outputs);
  });

  test('of a pattern that no shell expanded; a file of that name comes first', async () => {
    const { folder, multi } = place('a1.mp4', 'a2.mp4', 'b.mp4', '[x].mp4');
    const paths = async (...sources: readonly string[]) => {
      const run = await multi([...sources, '--export', 'h264', '--dry-run']);
      expect(run.code, shown(run)).toBe(0);
      return [...run.stdout.matchAll(/ -i (?:'file:([^']*)'|file:(\S+))/g)].map((found) => found[1] ?? found[2]);
    };
    const at = (name: string) => join(folder, name);
    expect(await paths('a?.mp4')).toEqual([at('a1.mp4'), at('a2.mp4')]);
    expect(await paths(`${folder}/[!a]*.mp4`)).toEqual([at('[x].mp4'), at('b.mp4')]);
    expect(await paths('[x].mp4')).toEqual([at('[x].mp4')]);
  });

  test('of a list, and of standard input', async () => {
    const { folder, multi, write } = place('a.mp4', "b's film.mp4", 'two\nlines.mp4');
    write('list.txt', "a.mp4\r\n\r\nb's film.mp4");
    const args = ['--export', 'h264', '--dry-run'];
    const fromFile = await multi(['--from', 'list.txt', ...args]);
    expect(fromFile.code, shown(fromFile)).toBe(0);
    expect(fromFile.stdout.match(/^mv|^ln/gm)).toHaveLength(2);
    const piped = (input: string) =>
      spawnSync(process.execPath, [BIN, 'multi', '--from', '-', ...args], {
        cwd: folder,
        env: cleanEnv(),
        input,
        encoding: 'utf8',
      });
    expect(piped("a.mp4\nb's film.mp4\n").stdout).toBe(fromFile.stdout);
    expect(piped("a.mp4\0b's film.mp4\0").stdout, 'as find -print0 writes it').toBe(fromFile.stdout);
    expect(piped('two\nlines.mp4\0').stdout.match(/^ln/gm), 'a name of two lines').toHaveLength(1);
  });
});

test('--dry-run is one script that makes the same files, and touches nothing itself', async () => {
  const { folder, multi } = place("it's.mp4");
  const request = [
    "it's.mp4",
    '--export',
    'h264::low',
    '--export',
    'vp9:160x90:draft',
    '--output-folder',
    'my out',
    ...FAST,
  ];
  const dry = await multi([...request, '--dry-run', '--json']);
  expect(dry.code, shown(dry)).toBe(0);
  expect(listing(folder)).toEqual(["it's.mp4"]);
  const ran = spawnSync('sh', ['-e'], { input: dry.stdout, cwd: fresh(), encoding: 'utf8' });
  expect(ran.status, ran.stderr).toBe(0);
  const names = ["it's_160x90_vp9_draft.webm", "it's_180p_h264_low.mp4"];
  expect(listing(join(folder, 'my out'))).toEqual(names);
  const pictures = (name: string) => {
    const args = [
      '-v',
      'error',
      '-i',
      `file:${join(folder, 'my out', name)}`,
      '-map',
      '0:v',
      '-c',
      'copy',
      '-f',
      'md5',
      '-',
    ];
    return spawnSync('ffmpeg', args, { encoding: 'utf8' }).stdout;
  };
  const scripted = names.map(pictures);
  const run = await multi([...request, '--overwrite']);
  expect(run.code, shown(run)).toBe(0);
  expect(names.map(pictures)).toEqual(scripted);
  rmSync(join(folder, 'my out', "it's_180p_h264_low.mp4"));
  const rest = await multi([...request, '--skip-existing', '--dry-run']);
  expect(rest.stdout).toContain(`# is complete, and stays: ${join(folder, 'my out', names[0] ?? '')}`);
  expect(rest.stdout).toContain('libx264');
  expect(rest.stdout).not.toContain('libvpx');
});

test('side files may lie in the folder that the run makes, but not on an output there', async () => {
  const { folder, multi } = place('a.mp4');
  const request = ['a.mp4', '--export', 'h264:160x90', '--name', 'x', '--output-folder', 'o', ...FAST];
  const onOutput = await multi([...request, '--depfile', 'o/x.mp4']);
  expectRefusal(onOutput, 2);
  expect(onOutput.stderr).toMatch(/--depfile: .*o\/x\.mp4 is an output/);
  const elsewhere = await multi([...request, '--depfile', 'other/x.d']);
  expectRefusal(elsewhere, 2);
  const run = await multi([...request, '--depfile', 'o/all.d', '--report', 'o/page.html', '--receipt', 'o/r']);
  expect(run.code, shown(run)).toBe(0);
  expect(listing(folder)).toEqual(['a.mp4', 'o', 'o/all.d', 'o/page.html', 'o/r', 'o/r/x.mp4.json', 'o/x.mp4']);
});

test('--receipt names a folder, --depfile one file with a rule for each output', async () => {
  const { folder, multi, write } = place('a.mp4', 'b.mp4');
  write('job.yaml', 'exports: [h264, h265]\n');
  const request = [
    'a.mp4',
    'b.mp4',
    '--job',
    'job.yaml',
    '--output-folder',
    'o',
    '--receipt',
    'r',
    '--depfile',
    'o.d',
    ...FAST,
  ];
  const run = await multi(request);
  expect(run.code, shown(run)).toBe(0);
  const outputs = listing(join(folder, 'o'));
  expect(listing(join(folder, 'r'))).toEqual(outputs.map((name) => `${name}.json`));
  for (const name of outputs) {
    const receipt = JSON.parse(readFileSync(join(folder, 'r', `${name}.json`), 'utf8'));
    expect(receipt.output.path).toBe(join(folder, 'o', name));
  }
  const rules = readFileSync(join(folder, 'o.d'), 'utf8');
  for (const name of outputs) expect(rules).toContain(`o/${name}: ${name[0]}.mp4 job.yaml\n`);
  write('Makefile', `all: ${outputs.map((name) => `o/${name}`).join(' ')}\n-include o.d\n`);
  const make = spawnSync('make', ['-q', 'all'], { cwd: folder, encoding: 'utf8' });
  expect(make.status, make.stderr).toBe(0);
});

test('each source is looked at once, however many exports there are', async () => {
  const probesOf = async (...exports: readonly string[]) => {
    const { multi } = place('a.mp4', 'b.mp4');
    const probe = loggingProbe(fresh());
    const args = ['a.mp4', 'b.mp4', ...exports.flatMap((spec) => ['--export', spec]), '--ffprobe', probe.path];
    const run = await multi([...args, '--dry-run']);
    expect(run.code, shown(run)).toBe(0);
    return probe.calls().filter((call) => call.includes('.mp4')).length;
  };
  const once = await probesOf('h264');
  expect(once).toBeGreaterThan(0);
  expect(await probesOf('h264', 'h265', 'vp9', 'prores', 'h264:160x90', 'h265:160x90')).toBe(once);
});

test('a thousand exports are all planned', async () => {
  const { multi, write } = place('a.mp4');
  const exports = Array.from({ length: 1000 }, (_, n) => ({
    codec: 'h264',
    crf: 1 + n / 20,
    filename_suffix: `_${n}`,
  }));
  write('job.json', JSON.stringify({ exports }));
  const run = await multi(['a.mp4', '--job', 'job.json', '--output-folder', 'o', '--dry-run']);
  expect(run.code, shown(run)).toBe(0);
  expect(run.stdout.match(/^ln /gm)).toHaveLength(1000);
});

test('how many run at once may stand in configuration and environment, where a single export has no use for it', async () => {
  const { folder, multi, write } = place('a.mp4');
  const args = ['a.mp4', '--export', 'h264', '--dry-run'];
  write('.sg-exportrc.json', JSON.stringify({ parallel: 'many' }));
  const configured = await multi(args);
  expect([configured.code, configured.stderr]).toEqual([
    2,
    expect.stringMatching(/parallel in .*rc\.json: 'many' is not/),
  ]);
  write('.sg-exportrc.json', JSON.stringify({ parallel: 2, share: false, memory: '4GB' }));
  expect((await multi(args)).code).toBe(0);
  const env = { SG_EXPORT_PARALLEL: '0' };
  const set = await multi(args, { env });
  expect([set.code, set.stderr]).toEqual([2, expect.stringMatching(/SG_EXPORT_PARALLEL: '0' is not/)]);
  await ok(['export', 'a.mp4', '--dry-run'], { cwd: folder, env: { SG_EXPORT_PARALLEL: '2' } });
});

test('help, with examples', async () => {
  const { stdout } = await ok(['multi', '--help']);
  expect(stdout).toContain('Usage: sg-export multi');
  expect(stdout).toMatch(/Examples:\n {2}sg-export multi/);
  expect(stdout).not.toContain('-o, --output');
});
