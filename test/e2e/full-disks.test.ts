import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, complaints, countFrames } from '../support/clips.ts';
import { fakeEncoder } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg, shown } from '../support/run-cli.ts';
import { fill, noMount, type SmallDisk, smallDisk } from '../support/small-disk.ts';

const disks: SmallDisk[] = [];
function disk(bytes: number, ...options: readonly string[]): string {
  const one = smallDisk(bytes, ...options);
  disks.push(one);
  return one.path;
}
afterEach(() => {
  for (const one of disks.splice(0)) one.remove();
});

const PAGE = 4096;
const FAST = ['--speed', 'ultrafast'];

/** An ffmpeg that finds the disk filled but for so many bytes when it starts. */
function filling(path: string, leaveBytes: number): string {
  return fakeEncoder(
    fresh(),
    `free=$(stat -f -c '%a' '${path}'); left=$((${Math.floor(leaveBytes / PAGE)}))
[ "$free" -gt "$left" ] && head -c $(( (free - left) * ${PAGE} )) /dev/zero > '${path}/filler'
"$real" "$@"`,
  );
}

describe.skipIf(noMount)('a disk that fills up', () => {
  test('is found too small before anything is encoded, with both figures', async () => {
    const path = disk(64 * PAGE);
    const run = await sg(['export', clip({ sec: 3 }), '-o', join(path, 'o.mp4'), '--bitrate', '8M']);
    expectRefusal(run, 6);
    expect(run.stderr, shown(run)).toMatch(/\d+\.\d MB free.*\d+\.\d MB needed/);
    expect(listing(path)).toEqual([]);
  });

  test('with no room for a scratch folder', async () => {
    const path = disk(1 << 20, 'nr_inodes=1');
    const run = await sg(['export', clip(), '-o', join(path, 'o.mp4'), ...FAST]);
    expectRefusal(run, 6);
    expect(run.stderr, shown(run)).toMatch(/space|full|inode/i);
    expect(listing(path)).toEqual([]);
  });

  const kinds = [
    ['mp4', []],
    ['mkv', []],
    ['webm', []],
    ['mov', ['--codec', 'prores']],
  ] as const;
  describe.each(oneOf(2, kinds))('%s', (extension, flags) => {
    /** Bytes that the film needs, measured once without a limit. */
    let needed = 0;
    async function bytesNeeded(): Promise<number> {
      if (needed > 0) return needed;
      const folder = fresh();
      await ok(['export', clip(), '-o', join(folder, `o.${extension}`), ...FAST, ...flags]);
      needed = statSync(join(folder, `o.${extension}`)).size;
      return needed;
    }
    test.each([
      ['at once', () => 0],
      ['after the first page', () => PAGE],
      ['half way', (bytes: number) => bytes / 2],
      ['at the trailer', (bytes: number) => bytes - PAGE],
    ])('%s', async (_when, leave) => {
      const path = disk(64 << 20);
      const left = leave(await bytesNeeded());
      const fake = filling(path, left);
      const args = ['export', clip(), '-o', join(path, `o.${extension}`), ...FAST, ...flags, '--ffmpeg', fake];
      const run = await sg([...args, '--json']);
      expect(run.code, shown(run)).toBe(6);
      expect(resultOf(run)).toMatchObject({ error_code: 'ENCODE', output_files: [] });
      expect(String(resultOf(run).error_message)).toMatch(/space|full/i);
      expect(listing(path)).toEqual(['filler']);
    });
    test('with just enough room: a right file', async () => {
      const path = disk(64 << 20);
      const fake = filling(path, (await bytesNeeded()) * 2 + 16 * PAGE);
      const output = join(path, `o.${extension}`);
      await ok(['export', clip(), '-o', output, ...FAST, ...flags, '--ffmpeg', fake]);
      expect(complaints(output)).toBe('');
      expect(countFrames(output)).toBe(25);
      expect(listing(path)).toEqual(['filler', `o.${extension}`]);
    });
  });

  test('between the passes', async () => {
    const path = disk(64 << 20);
    const fake = filling(path, PAGE);
    const args = ['export', clip(), '-o', join(path, 'o.mp4'), '--two-pass', '--bitrate', '800k', '--ffmpeg', fake];
    expectRefusal(await sg(args), 6);
    expect(listing(path)).toEqual(['filler']);
  });

  test('under the receipt: the output is not put into place', async () => {
    const path = disk(1 << 20);
    const folder = fresh();
    fill(path, 0);
    const args = ['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, '--receipt', join(path, 'r.json')];
    expectRefusal(await sg(args), 6);
    expect(listing(folder)).toEqual([]);
    expect(listing(path)).toEqual(['filler']);
  });

  test('under the history: a warning, and the export is done', async () => {
    const path = disk(1 << 20);
    const folder = fresh();
    fill(path, 0);
    const run = await ok(['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, '--db', join(path, 'h.db')]);
    expect(run.stderr, shown(run)).toMatch(/warning:.*(history|database)/i);
    expect(listing(folder)).toEqual(['o.mp4']);
  });

  test('keeps what stood at the destination, with --overwrite', async () => {
    const path = disk(64 << 20);
    await ok(['export', clip(), '-o', join(path, 'o.mp4'), ...FAST]);
    const before = statSync(join(path, 'o.mp4'));
    const fake = filling(path, PAGE);
    expectRefusal(await sg(['export', clip(), '-o', join(path, 'o.mp4'), ...FAST, '--overwrite', '--ffmpeg', fake]), 6);
    const now = statSync(join(path, 'o.mp4'));
    expect([now.ino, now.size, now.mtimeMs]).toEqual([before.ino, before.size, before.mtimeMs]);
    expect(listing(path)).toEqual(['filler', 'o.mp4']);
  });
});

describe('a folder that cannot be written', () => {
  test.skipIf(noMount)('on a read-only disk is exit 2, and a source there is no trouble', async () => {
    const path = disk(1 << 20, 'ro');
    const run = await sg(['export', clip(), '-o', join(path, 'o.mp4'), ...FAST]);
    expectRefusal(run, 2);
    expect(run.stderr, shown(run)).toMatch(/read-only/);
  });

  test('missing, a file, or below a file is exit 2', async () => {
    const folder = fresh();
    for (const place of [join(folder, 'no', 'o.mp4'), join(clip(), 'o.mp4'), join(clip(), 'deep', 'o.mp4')]) {
      const run = await sg(['export', clip(), '-o', place]);
      expectRefusal(run, 2);
      expect(run.stderr, shown(run)).toContain(dirname(place));
    }
    expect(listing(folder)).toEqual([]);
  });

  test('a name too long for the disk is exit 2', async () => {
    const folder = fresh();
    expectRefusal(await sg(['export', clip(), '-o', join(folder, `${'x'.repeat(300)}.mp4`)]), 2);
    expect(listing(folder)).toEqual([]);
  });

  test('a limit on the size of files is named, since ffmpeg dies of it without a word', async () => {
    const out = join(fresh(), 'o.mp4');
    const run = await sg(['export', clip(), '-o', out, ...FAST, '--ffmpeg', fakeEncoder(fresh(), 'kill -XFSZ $$')]);
    expectRefusal(run, 6);
    expect(run.stderr, shown(run)).toContain('SIGXFSZ: a file may not become larger (ulimit -f)');
    expect(listing(dirname(out))).toEqual([]);
  });

  test('a folder that goes away while ffmpeg works is an error, and nothing stays behind', async () => {
    const folder = join(fresh(), 'gone');
    mkdirSync(folder);
    const fake = fakeEncoder(fresh(), `"$real" "$@" && rm -rf '${folder}'`);
    const run = await sg(['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, '--ffmpeg', fake]);
    expectRefusal(run, run.code === 2 ? 2 : 6);
    expect(readdirSync(dirname(folder))).toEqual([]);
    rmSync(dirname(folder), { recursive: true });
  });
});

describe('a full disk behind the standard output', () => {
  test.each([
    [['presets'], 6],
    [['codecs', '--json'], 6],
  ])('%j ends with one line and no trace', (args, code) => {
    const full = openSync('/dev/full', 'w');
    const bin = fileURLToPath(new URL('../../bin/sg-export.js', import.meta.url));
    const run = spawnSync(process.execPath, [bin, ...args], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    expect(run.status).toBe(code);
    expect(run.stderr).toMatch(/^error: the output cannot be written: .*\n$/);
  });
});
