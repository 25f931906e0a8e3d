import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConfigSearch, type LoadedConfig, loadConfig } from '../../../src/config/config-file.ts';
import { SgError } from '../../../src/model/errors.ts';

/** A home with a project below it, and a disk outside; the given files in them. */
function tree(files: Readonly<Record<string, string>>): {
  readonly at: (path: string) => string;
  readonly load: (cwd: string, more?: Partial<ConfigSearch>) => Promise<LoadedConfig>;
} {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'sg-config-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (path: string): string => join(root, path);
  for (const folder of ['home/project/shots', 'disk/job']) mkdirSync(at(folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
  const load = (cwd: string, more: Partial<ConfigSearch> = {}): Promise<LoadedConfig> =>
    loadConfig({ cwd: at(cwd), home: at('home'), env: {}, platform: 'linux', ...more });
  return { at, load };
}

async function refusal(loading: Promise<LoadedConfig>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SgError);
  expect(error instanceof SgError && error.code).toBe('USAGE');
  return error instanceof SgError ? error.message : '';
}

describe('the search for a configuration', () => {
  it('finds nothing where there is none', async () => {
    const { load } = tree({});
    expect(await load('home/project/shots')).toEqual({
      path: undefined,
      chosenBy: undefined,
      values: {},
      warnings: [],
    });
  });

  it.each([
    ['.sg-exportrc', 'codec: h265\nset: {tune: film}', { codec: 'h265', set: { tune: 'film' } }],
    ['.sg-exportrc', '{"codec": "h265"}', { codec: 'h265' }],
    ['.sg-exportrc.json', '\ufeff{\n\t"crf": 20\n}', { crf: 20 }],
    ['.sg-exportrc.yaml', 'two_pass: true', { two_pass: true }],
    ['.sg-exportrc.yml', 'start: "1:30"', { start: '1:30' }],
    ['.config/sg-exportrc.json', '{"a": 1}', { a: 1 }],
    ['sg-export.config.json', '{"a": null}', { a: null }],
    ['sg-export.config.yaml', 'a: [1, 2]', { a: [1, 2] }],
    ['package.json', '{"name": "films", "sg-export": {"speed": "slow"}}', { speed: 'slow' }],
  ])('reads %s in the working folder', async (name, text, values) => {
    const { at, load } = tree({ [`home/project/${name}`]: text });
    expect(await load('home/project')).toEqual({
      path: at(`home/project/${name}`),
      chosenBy: 'project',
      values,
      warnings: [],
    });
  });

  it('goes upwards, and the nearest file is the only one', async () => {
    const { at, load } = tree({ 'home/project/.sg-exportrc': 'crf: 1', 'home/.sg-exportrc': 'crf: 2\nspeed: slow' });
    expect(await load('home/project/shots')).toMatchObject({
      path: at('home/project/.sg-exportrc'),
      values: { crf: 1 },
    });
    expect(await load('home')).toMatchObject({ chosenBy: 'user', values: { crf: 2, speed: 'slow' } });
  });

  it('does not stop at a package.json or a file that says nothing about us', async () => {
    const { load } = tree({
      'home/project/shots/package.json': '{"name": "sg-export", "bin": {"sg-export": "x"}}',
      'home/project/shots/.sg-exportrc': ' \n',
      'home/project/shots/.sg-exportrc.yaml': '# nothing yet\n',
      'home/project/package.json': '{ broken, and about something else',
      'home/.sg-exportrc': 'crf: 2',
    });
    expect(await load('home/project/shots')).toMatchObject({ values: { crf: 2 }, warnings: [] });
  });

  it('does not leave home upwards', async () => {
    const { load } = tree({ '.sg-exportrc': 'crf: 66' });
    expect((await load('home/project')).path).toBeUndefined();
    expect((await load('disk/job')).values).toEqual({ crf: 66 });
  });

  it("ends with home's and the user's own file, from wherever it starts", async () => {
    const own = tree({ 'home/.config/sg-export/config.yaml': 'hw: off' });
    expect(await own.load('disk/job')).toMatchObject({ chosenBy: 'user', values: { hw: 'off' } });
    expect(await own.load('home/project')).toMatchObject({ chosenBy: 'user', values: { hw: 'off' } });
    const moved = own.at('moved');
    mkdirSync(join(moved, 'sg-export'), { recursive: true });
    writeFileSync(join(moved, 'sg-export', 'config'), 'hw: nvenc');
    expect((await own.load('disk/job', { env: { XDG_CONFIG_HOME: moved } })).values).toEqual({ hw: 'nvenc' });
    writeFileSync(own.at('home/.sg-exportrc'), 'hw: auto');
    expect(await own.load('disk/job')).toMatchObject({ chosenBy: 'user', values: { hw: 'auto' } });
  });

  it("looks in the platform's folder of the user", async () => {
    const { load } = tree({
      'home/Library/Preferences/sg-export/config.json': '{"a": "mac"}',
      'home/AppData/Roaming/sg-export/Config/config.json': '{"a": "windows"}',
    });
    expect((await load('disk', { platform: 'darwin' })).values).toEqual({ a: 'mac' });
    expect((await load('disk', { platform: 'win32' })).values).toEqual({ a: 'windows' });
  });

  it('passes by folders, dead links and loops that have the name of a configuration', async () => {
    const { at, load } = tree({ 'home/.sg-exportrc': 'crf: 2' });
    mkdirSync(at('home/project/.sg-exportrc'));
    symlinkSync('nowhere', at('home/project/.sg-exportrc.json'));
    symlinkSync('.sg-exportrc.yaml', at('home/project/.sg-exportrc.yaml'));
    expect((await load('home/project')).values).toEqual({ crf: 2 });
  });
});

describe('a configuration that is a program', () => {
  const CRIME =
    "require('node:fs').writeFileSync(require('node:path').join(__dirname, 'crime'), ''); module.exports = {};";

  it('is told and never run, wherever it lies', async () => {
    const names = ['.sg-exportrc.js', '.sg-exportrc.cjs', 'sg-export.config.ts', 'sg-export.config.cjs'];
    const { at, load } = tree({
      ...Object.fromEntries(names.map((name) => [`home/project/${name}`, CRIME])),
      'home/.sg-exportrc': 'crf: 2',
    });
    const { values, warnings } = await load('home/project');
    expect(values).toEqual({ crf: 2 });
    expect(warnings).toHaveLength(names.length);
    expect(warnings[0]).toBe(
      `${at('home/project/.sg-exportrc.js')} is ignored: sg-export reads its configuration as JSON or YAML and runs no code for it`,
    );
    expect(existsSync(at('home/project/crime'))).toBe(false);
    expect(await refusal(load('home/project', { file: '.sg-exportrc.cjs' }))).toBe(
      `--config: ${at('home/project/.sg-exportrc.cjs')} is neither JSON nor YAML`,
    );
    expect(existsSync(at('home/project/crime'))).toBe(false);
  });

  it("is not run either where it is cosmiconfig's own", async () => {
    const { at } = tree({
      'disk/job/.config/config.cjs': CRIME,
      'disk/job/package.json': '{"cosmiconfig": {"searchPlaces": [".config/config.cjs"]}}',
      'disk/job/.sg-exportrc': 'crf: 2',
    });
    const before = process.cwd();
    process.chdir(at('disk/job'));
    onTestFinished(() => process.chdir(before));
    const { values } = await loadConfig({ cwd: at('disk/job'), home: at('home'), env: {}, platform: 'linux' });
    expect(values).toEqual({ crf: 2 });
    expect(existsSync(at('disk/job/.config/crime'))).toBe(false);
  });

  it('cannot hide in YAML', async () => {
    const { load } = tree({ 'home/project/.sg-exportrc': 'codec: !!js/function "function () {}"' });
    expect(await refusal(load('home/project'))).toContain('.sg-exportrc, line 1: unknown tag');
  });
});

describe('a broken configuration', () => {
  it.each([
    ['.sg-exportrc', 'codec: h264\nset: [1\ncrf: 2\n', ', line 3: missed comma between flow collection entries'],
    ['.sg-exportrc.yaml', 'crf: 1\nspeed: slow\ncrf: 2\n', ', line 3: duplicated mapping key'],
    ['.sg-exportrc.json', '{\n  "crf": 1,\n  "speed" "slow"\n}', ', line 3: : should stand in place of "slow"'],
    ['package.json', '{\n  "sg-export": {"crf": 1,}\n}', ', line 2: key should stand in place of }'],
    ['.sg-exportrc', '- codec\n- h264', ' does not hold keys with values'],
    ['.sg-exportrc', 'just text', ' does not hold keys with values'],
    ['package.json', '{"sg-export": "h264"}', ' does not hold keys with values'],
  ])('is refused with its file and line: %s', async (name, text, words) => {
    const { at, load } = tree({ [`home/project/${name}`]: text });
    expect(await refusal(load('home/project'))).toBe(`${at(`home/project/${name}`)}${words}`);
  });

  it('is refused above 1 MiB, and read up to it', async () => {
    const { at, load } = tree({ 'home/project/.sg-exportrc': `crf: 1\n#${'x'.repeat(1024 ** 2 - 8)}` });
    expect((await load('home/project')).values).toEqual({ crf: 1 });
    writeFileSync(at('home/project/.sg-exportrc'), `crf: 1\n#${'x'.repeat(1024 ** 2 - 7)}`);
    expect(await refusal(load('home/project'))).toMatch(/sg-exportrc is larger than 1 MiB/);
  });

  it('is refused where a few lines stand for billions of values', async () => {
    const lines = Array.from({ length: 40 }, (_, i) =>
      i === 0 ? 'a0: &a0 [x, x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
    );
    const { load } = tree({ 'home/project/.sg-exportrc': lines.join('\n') });
    expect(await refusal(load('home/project'))).toMatch(/sg-exportrc holds more than 10000 values/);
  });

  it('is refused where it is no text', async () => {
    const { at, load } = tree({});
    writeFileSync(at('home/project/.sg-exportrc'), Buffer.from([0xff, 0xfe, 0x63, 0x00]));
    expect(await refusal(load('home/project'))).toMatch(/sg-exportrc is not UTF-8 text/);
  });
});

describe('--config FILE', () => {
  it('is the only file that is read, relative to the working folder', async () => {
    const { at, load } = tree({ 'home/project/.sg-exportrc': 'broken: [', 'home/house.yml': 'crf: 3' });
    expect(await load('home/project', { file: '../house.yml' })).toEqual({
      path: at('home/house.yml'),
      chosenBy: 'flag',
      values: { crf: 3 },
      warnings: [],
    });
  });

  it('may be empty, a file without extension, or a package.json', async () => {
    const { load } = tree({
      'home/empty': '',
      'home/settings': 'crf: 4',
      'home/package.json': '{"sg-export": {"crf": 5}}',
    });
    expect((await load('home', { file: 'empty' })).values).toEqual({});
    expect((await load('home', { file: 'settings' })).values).toEqual({ crf: 4 });
    expect((await load('home', { file: 'package.json' })).values).toEqual({ crf: 5 });
  });

  it('may be a pipe', async () => {
    const { at, load } = tree({});
    expect(spawnSync('mkfifo', [at('home/pipe')]).status).toBe(0);
    spawnSync('sh', ['-c', `(echo 'crf: 6' > '${at('home/pipe')}') >/dev/null 2>&1 &`]);
    expect((await load('home', { file: 'pipe' })).values).toEqual({ crf: 6 });
  });

  it('must exist and be a readable file', async () => {
    const { at, load } = tree({});
    expect(await refusal(load('home', { file: 'none.json' }))).toBe(
      `--config: ${at('home/none.json')} cannot be read (there is no such file)`,
    );
    expect(await refusal(load('home', { file: 'project' }))).toBe(
      `--config: ${at('home/project')} cannot be read (it is a folder)`,
    );
    expect(await refusal(load('home', { file: 'a.toml' }))).toContain('neither JSON nor YAML');
  });
});

it('passes by, with a warning, a file that may not be read', async (context) => {
  const { at, load } = tree({ 'home/project/.sg-exportrc': 'crf: 1', 'home/.sg-exportrc': 'crf: 2' });
  chmodSync(at('home/project/.sg-exportrc'), 0);
  context.skip(process.getuid?.() === 0, 'root may read every file');
  const { values, warnings } = await load('home/project');
  expect(values).toEqual({ crf: 2 });
  expect(warnings).toEqual([`${at('home/project/.sg-exportrc')} is ignored: it cannot be read (permission denied)`]);
});
