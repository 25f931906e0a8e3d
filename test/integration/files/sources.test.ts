import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { checkDestination } from '../../../src/files/destination.ts';
import { freeBytes } from '../../../src/files/disk.ts';
import { openSource } from '../../../src/files/source-file.ts';
import { sameContent, sha256File, stampFile } from '../../../src/files/stamp.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-sources-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
if (isRoot) console.warn('permission tests: skipped, root may read and write everything');

describe('openSource', () => {
  const refused = (argument: string) =>
    openSource(argument, folder).then(
      () => 'taken',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );

  test.each(['film.mov', 'http:film.mov', '-', 'pipe:0', 'concat:a|b', '%d.png', "it's", 'a\nb', 'subfile,,x:y'])(
    'an existing file is that file, even when it is called %j',
    async (name) => {
      writeFileSync(join(folder, name), 'x');
      expect(await openSource(name, folder)).toBe(join(folder, name));
    },
  );

  test.skipIf(!existsSync('/proc/self/fd'))('a file behind a descriptor is called by its own name', async () => {
    writeFileSync(join(folder, 'behind.mov'), 'x');
    const own = openSync(join(folder, 'behind.mov'), 'r');
    onTestFinished(() => closeSync(own));
    const real = realpathSync(join(folder, 'behind.mov'));
    expect(await openSource(`/dev/fd/${own}`)).toBe(real);
    rmSync(real);
    expect(await refused(`/dev/fd/${own}`)).toMatch(/INPUT: \/dev\/fd\/\d+ has no name of its own: it does not exist/);
  });

  test('a link to a file is a file', async () => {
    writeFileSync(join(folder, 'film.mov'), 'x');
    symlinkSync('film.mov', join(folder, 'link'));
    expect(await openSource('link', folder)).toBe(join(folder, 'link'));
  });

  test.each([
    ['-', /standard input/],
    ['pipe:0', /pipe/],
    ['http://example.com/a.mp4', /URL/],
    ['HTTPS://example.com/a.mp4', /URL/],
    ['file:///etc/passwd', /URL/],
    ['rtsp://x', /URL/],
    ['concat:a.ts|b.ts', /protocol \(concat:\)/],
    ['subfile,,start,0,end,9,,:a.mp4', /no such file/],
    ['crypto:x.mp4', /protocol/],
    ['data:video/mp4;base64,AAAA', /protocol/],
    ['nowhere.mov', /no such file/],
    ['', /no name/],
    ['a\0b', /no name/],
    ['x'.repeat(5000), /name is too long/],
  ])('%j is refused', async (argument, message) => {
    const said = await refused(argument);
    expect(said).toMatch(/^INPUT: /);
    expect(said).toMatch(message);
  });

  test('what is no regular file is refused without being opened', async () => {
    mkdirSync(join(folder, 'dir'));
    writeFileSync(join(folder, 'empty.mov'), '');
    symlinkSync('loop', join(folder, 'loop'));
    expect(await refused('dir')).toMatch(/INPUT: .*a folder/);
    expect(await refused('empty.mov')).toMatch(/INPUT: .*empty/);
    expect(await refused('loop')).toMatch(/INPUT: .*circle/);
    expect(await refused('/dev/zero')).toMatch(/INPUT: .*a device/);
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await refused('socket')).toMatch(/INPUT: .*a socket/);
    server.close();
  });

  test.skipIf(process.platform === 'win32')('a named pipe is refused at once', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'fifo')]);
    expect(await refused('fifo')).toMatch(/INPUT: .*named pipe/);
  });

  test.skipIf(isRoot)('a file that may not be read is refused', async () => {
    writeFileSync(join(folder, 'secret.mov'), 'x', { mode: 0 });
    expect(await refused('secret.mov')).toMatch(/INPUT: .*not allowed/);
  });
});

describe('checkDestination', () => {
  const input = () => join(folder, 'in.mov');
  const codes = async (output: string, options = {}) =>
    (await checkDestination(output, input(), options)).map((issue) => issue.code);
  beforeEach(() => writeFileSync(input(), 'film'));

  test('a free name in a folder that can be written is all right', async () => {
    expect(await codes(join(folder, 'out.mp4'))).toEqual([]);
  });

  test('the input is found by path, symbolic link and hard link, with and without overwrite', async () => {
    symlinkSync('in.mov', join(folder, 'soft.mp4'));
    linkSync(input(), join(folder, 'hard.mp4'));
    mkdirSync(join(folder, 'sub'));
    symlinkSync('..', join(folder, 'sub', 'up'));
    for (const name of ['in.mov', 'soft.mp4', 'hard.mp4', 'sub/up/in.mov']) {
      expect(await codes(join(folder, name))).toEqual(['output_is_input']);
      expect(await codes(join(folder, name), { overwrite: true })).toEqual(['output_is_input']);
    }
  });

  test('every input counts', async () => {
    writeFileSync(join(folder, 'subs.srt'), '1');
    const issues = await checkDestination(join(folder, 'subs.srt'), [input(), join(folder, 'subs.srt')], {
      overwrite: true,
    });
    expect(issues).toMatchObject([{ code: 'output_is_input', exit: 'USAGE', severity: 'error' }]);
  });

  test('an existing file needs overwrite', async () => {
    writeFileSync(join(folder, 'out.mp4'), 'old');
    expect(await codes(join(folder, 'out.mp4'))).toEqual(['output_exists']);
    expect(await codes(join(folder, 'out.mp4'), { overwrite: true })).toEqual([]);
    symlinkSync('nowhere', join(folder, 'dangling.mp4'));
    expect(await codes(join(folder, 'dangling.mp4'))).toEqual(['output_exists']);
  });

  test('folders and devices are never replaced', async () => {
    mkdirSync(join(folder, 'out.mp4'));
    expect(await codes(join(folder, 'out.mp4'), { overwrite: true })).toEqual(['output_not_a_file']);
    expect(await codes('/dev/null', { overwrite: true })).toContain('output_not_a_file');
  });

  test('a missing folder says how to make it; a file is no folder; a name may be too long', async () => {
    const [missing] = await checkDestination(join(folder, "it's", 'out.mp4'), input());
    expect(missing).toMatchObject({ code: 'output_folder_missing', hint: expect.stringContaining("it'\\''s") });
    expect(await codes(join(input(), 'out.mp4'))).toEqual(['output_folder_unusable']);
    expect(await codes(join(folder, `${'x'.repeat(300)}.mp4`))).toEqual(['output_not_usable']);
  });

  test.skipIf(isRoot)('a folder that is closed and a file that exists are reported together', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'out.mp4'), 'old');
    chmodSync(closed, 0o555);
    expect(await codes(join(closed, 'out.mp4'))).toEqual(['output_folder_not_writable', 'output_exists']);
    chmodSync(closed, 0o755);
  });
});

describe('stamps', () => {
  const file = () => join(folder, 'film');
  const record = async () => ({ path: file(), ...(await stampFile(file())), sha256: await sha256File(file()) });

  test('the digest is that of the whole content', async () => {
    const content = Buffer.alloc(3_500_000, 'film');
    writeFileSync(file(), content);
    const seen: number[] = [];
    const digest = await sha256File(file(), { onBytes: (bytes) => seen.push(bytes) });
    expect(digest).toBe(`sha256:${createHash('sha256').update(content).digest('hex')}`);
    expect(seen.at(-1)).toBe(content.length);
    await expect(sha256File(file(), { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  test('same content: untouched, or touched and copied but equal', async () => {
    writeFileSync(file(), 'film');
    const stamp = await record();
    expect(await sameContent(stamp, file())).toBe(true);
    expect(await sameContent({ ...stamp, sha256: 'sha256:unread' }, file())).toBe(true);
    utimesSync(file(), 1000, 1000);
    expect(await sameContent(stamp, file())).toBe(true);
    writeFileSync(join(folder, 'copy'), 'film');
    renameSync(join(folder, 'copy'), file());
    expect(await sameContent(stamp, file())).toBe(true);
  });

  test('other content: changed in place, another size, gone', async () => {
    writeFileSync(file(), 'film');
    const stamp = await record();
    writeFileSync(file(), 'mlif');
    utimesSync(file(), 1000, 1000);
    expect(await sameContent(stamp, file())).toBe(false);
    writeFileSync(file(), 'films');
    expect(await sameContent(stamp, file())).toBe(false);
    rmSync(file());
    expect(await sameContent(stamp, file())).toBe(false);
  });

  test('nanoseconds survive', async () => {
    writeFileSync(file(), 'film');
    expect((await stampFile(file())).mtimeNs).toMatch(/^\d{19}$/);
  });
});

test('free space is a number, and unknown where there is no folder', async () => {
  expect(await freeBytes(folder)).toBeGreaterThan(0);
  expect(await freeBytes(join(folder, 'none'))).toBeUndefined();
});
