import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadJobFile } from '../../../src/config/job-file.ts';
import { readJob } from '../../../src/presets/job.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-job-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a text as a job file of this name. */
async function read(text: string, name = 'job.yaml') {
  writeFileSync(join(folder, name), text);
  const { values, placeOf } = await loadJobFile(name, folder);
  return readJob(values, name, placeOf);
}

const messages = async (text: string, name?: string) => (await read(text, name)).issues.map(({ message }) => message);

describe('a job file', () => {
  test('says the same in YAML and JSON, with the data model names as aliases', async () => {
    const yaml = `
$schema: job.schema.json
sources: [a.mov, /films/b.mov]
naming_pattern: '{name}_{codec}'
output_folder: out
parallel: 2
memory: 4GB
fail_fast: true
speed: fast
exports:
  - codec: h264
    resolution: 1080p
    quality_preset: standard
    custom_settings: {tune: film}
    filename_suffix: _web
    output_folder: web
  - prores::high
`;
    const exports = [
      {
        codec: 'h264',
        resolution: '1080p',
        quality_preset: 'standard',
        custom_settings: { tune: 'film' },
        filename_suffix: '_web',
        output_folder: 'web',
      },
      'prores::high',
    ];
    const json = JSON.stringify({
      $schema: 'job.schema.json',
      sources: ['a.mov', '/films/b.mov'],
      naming_pattern: '{name}_{codec}',
      output_folder: 'out',
      parallel: 2,
      memory: '4GB',
      fail_fast: true,
      speed: 'fast',
      exports,
    });
    const one = await read(yaml);
    expect(one.issues).toEqual([]);
    expect(one).toEqual(await read(json, 'job.json'));
    expect(one.job).toEqual({
      sources: ['a.mov', '/films/b.mov'],
      settings: { name: '{name}_{codec}', speed: 'fast' },
      multi: { outputFolder: 'out', parallel: 2, memory: 4_000_000_000, failFast: true },
      exports: [
        {
          label: 'export 1 (h264:1080p:standard)',
          settings: { codec: 'h264', resolution: '1080p', quality: 'standard', set: { tune: 'film' } },
          suffix: '_web',
          folder: 'web',
        },
        { label: 'prores::high', settings: { codec: 'prores', quality: 'high' }, suffix: '', folder: undefined },
      ],
    });
  });

  test('has its paths relative to itself', async () => {
    writeFileSync(join(folder, 'sub.yaml'), '');
    const { job } = await readJob(
      {
        source: '../a.mov',
        output_folder: 'out',
        exports: [
          { codec: 'h264', subtitles: 'de.srt' },
          { codec: 'vp9', subtitles: 'burn', output_folder: '/web' },
        ],
      },
      'jobs/deliver.yaml',
      async () => 'jobs/deliver.yaml',
    );
    expect(job.sources).toEqual(['a.mov']);
    expect(job.multi.outputFolder).toBe('jobs/out');
    expect(job.exports?.map(({ settings, folder: own }) => [settings.subtitles, own])).toEqual([
      ['jobs/de.srt', undefined],
      ['burn', '/web'],
    ]);
  });
});

test('what is said to be nothing is nothing', async () => {
  const { job, issues } = await read(
    "exports:\n  - {codec: h264, filename_suffix: '', custom_settings: {}, resolution: null}\n",
  );
  expect(issues).toEqual([]);
  expect(job.exports?.[0]).toMatchObject({ settings: { codec: 'h264' }, suffix: '' });
});

test('a job that comes through a pipe has its paths from the working folder', async () => {
  const { job } = await readJob({ source: 'a.mov', exports: ['h264'] }, '/dev/fd/63', async () => '/dev/fd/63');
  expect(job.sources).toEqual(['a.mov']);
});

describe('what is wrong with a job file is told with its line', () => {
  test.each([
    ['an unknown key', 'exports:\n  - codec: h264\n    codek: h264\n', "unknown key 'codek' in job.yaml, line 3"],
    [
      'an unknown key at the top',
      'speed: fast\nexportz: []\nexports: [h264]\n',
      "unknown key 'exportz' in job.yaml, line 2",
    ],
    [
      'the one of several that is wrong',
      'exports:\n  - {codec: h264, crf: 20}\n  - codec: h265\n    crf: high\n  - {codec: vp9, crf: 30}\n',
      "crf in job.yaml, line 4: 'high' is not a number of 0 or more",
    ],
    [
      'in a flow mapping',
      'exports: [\n  {codec: h264},\n  {codec: h264, "qualitty": low}\n]',
      "unknown key 'qualitty' in job.yaml, line 3",
    ],
    [
      'a key by two names',
      'exports:\n  - codec: h264\n    video_codec: vp9\n',
      "'codec' is said twice in job.yaml, line 3",
    ],
    [
      'a value of parallel',
      'exports: [h264]\nparallel: 0\n',
      "parallel in job.yaml, line 2: '0' is not a whole number of 1 or more",
    ],
    ['no exports', 'speed: fast\nexports: []\n', 'exports in job.yaml, line 2 is empty'],
    ['exports that are none', 'exports: 4\n', 'exports in job.yaml, line 1 is not a list of exports'],
    ['an export that is none', 'exports: [h264, [vp9]]\n', 'export 2 in job.yaml, line 1 is no export'],
    ['an export that is a number', 'exports:\n  - h264\n  - 12\n', 'export 2 in job.yaml, line 3 is no export'],
    ['a spec', 'exports: [h264:1280:720:high]\n', "job.yaml, line 1, export 1: 'h264:1280:720:high' is no export"],
    [
      'the spec of several that is wrong, which stands elsewhere too',
      '# h264::hgh\nspeed: fast\nexports:\n  - h264::high\n  - "h264::hgh"\n',
      "quality in job.yaml, line 5, export 2: 'hgh' is not one of draft, low, medium, high, ultra",
    ],
    [
      'a codec in a spec',
      'exports: [h266]\n',
      "codec in job.yaml, line 1, export 1: 'h266' is not one of h264, h265, vp9, av1, prores, dnxhr, copy",
    ],
    [
      'source and sources',
      'source: a\nsources: [b]\nexports: [h264]\n',
      'source and sources both stand in job.yaml, line 2',
    ],
    [
      'sources that are none',
      'exports: [h264]\nsources: [4]\n',
      'sources in job.yaml, line 2 is not a path or a list of paths',
    ],
    [
      'a flag of the command line',
      'exports:\n- codec: h264\n  output: a.mp4\n',
      "'output' cannot be set in job.yaml, line 3",
    ],
  ])('%s', async (_name, text, message) => {
    expect(await messages(text)).toEqual([message]);
  });

  test('in JSON too', async () => {
    const text = '{\n  "exports": [\n    { "codec": "h264" },\n    { "codec": "h264", "codek": 1 }\n  ]\n}';
    expect(await messages(text, 'job.json')).toEqual(["unknown key 'codek' in job.json, line 4"]);
    const spec = '{\n  "exports": [\n    "h264",\n    "h266:720p"\n  ]\n}';
    expect(await messages(spec, 'job.json')).toEqual([
      "codec in job.json, line 4, export 2: 'h266' is not one of h264, h265, vp9, av1, prores, dnxhr, copy",
    ]);
  });

  test('all at once', async () => {
    expect(await messages('parallel: x\nfoo: 1\nexports:\n  - crf: y\n')).toHaveLength(3);
  });

  test.each([
    ['broken YAML', 'job.yaml', 'exports:\n  - codec: [h264\n', /^job\.yaml, line \d: /],
    ['broken JSON', 'job.json', '{\n "exports": [}', /^job\.json, line 2: value or \] should stand in place of \}/],
    [
      'a key twice in JSON',
      'job.json',
      '{\n"exports": [\n{"codec": "h264",\n "codec": "vp9"}]}',
      /, line 4: duplicated key "codec"$/,
    ],
    ['an empty file', 'job.yaml', '\n', /^the job file job\.yaml is empty$/],
    ['a list', 'job.yaml', '- h264\n', /does not hold keys with values/],
  ])('%s', async (_name, name, text, message) => {
    writeFileSync(join(folder, name), text);
    await expect(loadJobFile(name, folder)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['a file that is missing', 'none.yaml', /none\.yaml cannot be read \(there is no such file\)/],
    ['a program', 'job.js', /is neither JSON nor YAML/],
  ])('%s', async (_name, name, message) => {
    await expect(loadJobFile(name, folder)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
  });

  test('a thousand exports with the same mistake, each with its line', async () => {
    const text = `exports:\n${Array.from({ length: 1000 }, () => '  - {codec: h264, codek: 1}\n').join('')}`;
    const found = await messages(text);
    expect(found).toHaveLength(1000);
    expect(found[999]).toBe("unknown key 'codek' in job.yaml, line 1001");
  });
});
