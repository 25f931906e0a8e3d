import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LocateOptions, locateToolchain } from '../../../src/ffmpeg/locate.ts';
import { fakeFfmpeg } from './fake-ffmpeg.ts';

// Whatever is installed here must not be found.
vi.mock('ffmpeg-static', () => ({ default: null }));
vi.mock('ffprobe-static', () => ({ default: { path: '/nowhere/ffprobe' } }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-locate-'));
  setPath();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function setPath(...folders: string[]): void {
  vi.stubEnv('PATH', folders.map((name) => join(folder, name)).join(delimiter));
}

/** A folder with a program that answers as ffmpeg or ffprobe does, and writes down that it was asked. */
function install(
  where: string,
  program: 'ffmpeg' | 'ffprobe',
  version: string,
  encoders: readonly string[] = [],
): string {
  mkdirSync(join(folder, where), { recursive: true });
  const rows = encoders.map((name) => ` V....D ${name} text`).join('\n');
  return fakeFfmpeg(
    join(folder, where),
    `fs.appendFileSync(${JSON.stringify(join(folder, 'asked'))}, args.join(' ') + '\\n');
    if (args.includes('-version')) console.log('${program} version ${version} Copyright');
    if (args.includes('-encoders')) console.log(${JSON.stringify(` ------\n${rows}`)});
    if (args.includes('-filters')) console.log(' ... scale V->V Scale');`,
    program,
  );
}

function both(where: string, version: string, encoders: readonly string[] = []): void {
  install(where, 'ffmpeg', version, encoders);
  install(where, 'ffprobe', version);
}

const asked = () => {
  try {
    return readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

function locate(more: Partial<LocateOptions> = {}) {
  return locateToolchain({ cache: { get: () => undefined, put: () => {} }, ...more });
}

describe('where', () => {
  test('the PATH, ffprobe beside the chosen ffmpeg', async () => {
    install('a', 'ffprobe', '7.0');
    both('b', '6.1', ['libx264']);
    setPath('a', 'b');
    expect(await locate()).toEqual({
      ffmpeg: { path: join(folder, 'b/ffmpeg'), version: '6.1', release: [6, 1], origin: 'path' },
      ffprobe: { path: join(folder, 'b/ffprobe'), version: '6.1', release: [6, 1], origin: 'beside-ffmpeg' },
      encoders: ['libx264'],
      filters: ['scale'],
    });
  });

  test('ffmpeg-static comes before the PATH, ffprobe-static after it', async () => {
    vi.doMock('ffmpeg-static', () => ({ default: join(folder, 'static/ffmpeg') }));
    vi.doMock('ffprobe-static', () => ({ default: { path: join(folder, 'static/ffprobe') } }));
    vi.resetModules();
    const { locateToolchain: fresh } = await import('../../../src/ffmpeg/locate.ts');
    install('static', 'ffmpeg', '6.0');
    both('a', '7.0');
    setPath('a');
    const cache = { get: () => undefined, put: () => {} };
    const found = await fresh({ cache });
    expect([found.ffmpeg.origin, found.ffprobe.path]).toEqual(['ffmpeg-static', join(folder, 'a/ffprobe')]);
    setPath();
    const given = { path: join(folder, 'a/ffmpeg'), origin: 'flag' } as const;
    rmSync(join(folder, 'a/ffprobe'));
    install('static', 'ffprobe', '5.1');
    expect((await fresh({ cache, ffmpeg: given })).ffprobe.origin).toBe('ffprobe-static');
  });

  test('of several the first that lists the encoder; without one that does, the first', async () => {
    both('a', '6.1', ['libx264']);
    both('b', '6.0', ['libx264', 'libsvtav1']);
    setPath('a', 'b');
    expect((await locate({ requiredEncoder: 'libsvtav1' })).ffmpeg.path).toBe(join(folder, 'b/ffmpeg'));
    expect((await locate({ requiredEncoder: ['libx264'] })).ffmpeg.path).toBe(join(folder, 'a/ffmpeg'));
    expect((await locate({ requiredEncoder: 'h264_nvenc' })).ffmpeg.path).toBe(join(folder, 'a/ffmpeg'));
  });

  test('a path that is given is the only one used', async () => {
    both('a', '6.1');
    both('b', '7.0');
    setPath('a');
    const given = { path: join(folder, 'b/ffmpeg'), origin: 'env' } as const;
    const found = await locate({ ffmpeg: given, ffprobe: { path: join(folder, 'a/ffprobe'), origin: 'flag' } });
    expect([found.ffmpeg.origin, found.ffmpeg.version]).toEqual(['env', '7.0']);
    expect([found.ffprobe.origin, found.ffprobe.version]).toEqual(['flag', '6.1']);
  });

  test('one that is too old or broken is passed over', async () => {
    both('old', '4.4.2');
    mkdirSync(join(folder, 'broken'));
    fakeFfmpeg(
      join(folder, 'broken'),
      "console.error('libx264.so.164: cannot open shared object file'); process.exit(127);",
    );
    both('good', '5.1');
    setPath('old', 'broken', 'good');
    expect((await locate()).ffmpeg.path).toBe(join(folder, 'good/ffmpeg'));
  });
});

describe('refusals', () => {
  const problem = (more: Partial<LocateOptions> = {}) =>
    locate(more).then(
      () => 'found',
      (error: { code: string; message: string; hint: string }) => `${error.code}: ${error.message} | ${error.hint}`,
    );

  test('nothing there says how to get it', async () => {
    setPath('empty');
    expect(await problem()).toMatch(/^TOOLCHAIN: ffmpeg was not found.*\|.*(apt-get|brew|winget)/);
  });

  test('ffprobe alone may be missing', async () => {
    install('a', 'ffmpeg', '6.1');
    setPath('a');
    expect(await problem()).toMatch(/^TOOLCHAIN: ffprobe was not found/);
  });

  test('too old names the version found and what would work', async () => {
    both('a', '4.4.2-0ubuntu');
    setPath('a');
    expect(await problem()).toMatch(/^TOOLCHAIN: .*4\.4\.2-0ubuntu.*older than 5\.1 \|.*5\.1 or newer/);
  });

  test('an old ffprobe beside a new ffmpeg is refused too', async () => {
    install('a', 'ffmpeg', '6.1');
    install('a', 'ffprobe', '4.0.2');
    setPath('a');
    expect(await problem()).toMatch(/^TOOLCHAIN: no usable ffprobe: .*4\.0\.2/);
  });

  test('a given path is never replaced by another', async () => {
    both('a', '6.1');
    setPath('a');
    const given = (path: string) => problem({ ffmpeg: { path: join(folder, path), origin: 'flag' } });
    writeFileSync(join(folder, 'plain'), 'x');
    fakeFfmpeg(folder, "console.log('hello');", 'stranger');
    fakeFfmpeg(folder, "console.error('cannot open shared object file'); process.exit(1);", 'broken');
    expect(await given('none')).toMatch(/^TOOLCHAIN: --ffmpeg: .*none does not exist/);
    expect(await given('a')).toMatch(/TOOLCHAIN: .*is not a file/);
    expect(await given('plain')).toMatch(/TOOLCHAIN: .*may not be executed/);
    expect(await given('stranger')).toMatch(/TOOLCHAIN: .*does not answer/);
    expect(await given('broken')).toMatch(/TOOLCHAIN: .*shared object/);
    const old = install('old', 'ffmpeg', '4.2');
    expect(await problem({ ffmpeg: { path: old, origin: 'env' } })).toMatch(/SG_EXPORT_FFMPEG: .*4\.2/);
  });
});

describe('the cache', () => {
  function memory() {
    const facts = new Map<string, unknown>();
    return { get: (key: string) => facts.get(key), put: (key: string, value: unknown) => void facts.set(key, value) };
  }

  test('a hit runs nothing; another size or mtime is a miss', async () => {
    both('a', '6.1', ['libx264']);
    setPath('a');
    const cache = memory();
    const first = await locate({ cache });
    expect(asked()).toEqual(expect.arrayContaining(['-version', '-hide_banner -encoders', '-hide_banner -filters']));
    const count = asked().length;
    expect(await locate({ cache })).toEqual(first);
    expect(asked()).toHaveLength(count);
    utimesSync(join(folder, 'a/ffmpeg'), 1000, 1000);
    await locate({ cache });
    expect(asked().length).toBe(count + 3);
  });

  test('nonsense in it is a miss', async () => {
    both('a', '6.1', ['libx264']);
    setPath('a');
    for (const nonsense of [null, 7, { version: 1 }, { version: '6', release: 'x', encoders: [], filters: [] }]) {
      expect((await locate({ cache: { get: () => nonsense, put: () => {} } })).ffmpeg.version).toBe('6.1');
    }
  });

  test('a copy at another path is asked itself', async () => {
    both('a', '6.1');
    const cache = memory();
    setPath('a');
    await locate({ cache });
    mkdirSync(join(folder, 'b'));
    for (const name of ['ffmpeg', 'ffprobe']) copyFileSync(join(folder, 'a', name), join(folder, 'b', name));
    const count = asked().length;
    setPath('b');
    await locate({ cache });
    expect(asked().length).toBe(count + 4);
  });
});
