import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, complaints } from '../support/clips.ts';
import { REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, jsonLines, listing, ok, resultOf, sg, shown, startSg } from '../support/run-cli.ts';
import { noMount, type SmallDisk, smallDisk } from '../support/small-disk.ts';

const FAST = ['--codec', 'h264', '--speed', 'ultrafast'];
/** Enough that putting them into place takes a moment. */
const MANY = ['--thumbnails', '64x36,32x18', '--thumbnail-count', '12'];
const ALL = 24;
const picturesIn = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.jpg'));

/** Time for several runs on a machine that does much else. */
const PATIENCE = 240_000;
const WITHIN = { timeoutMs: 110_000 };

/** Runs sg-export and kills it as soon as its first picture is in its place, before the film is. */
async function killedAmongPictures(folder: string, args: readonly string[], isPlaced: () => boolean): Promise<void> {
  const run = startSg(args, WITHIN);
  // An event comes sooner than any look at the clock, and costs the run nothing.
  const watcher = watch(folder, () => isPlaced() && run.child.kill('SIGKILL'));
  const killed = await run.ended;
  watcher.close();
  expect(killed.signal, shown(killed)).toBe('SIGKILL');
  expect(isPlaced(), 'its first picture was in its place').toBe(true);
}

describe('a run that is killed once its pictures began to go into place', { timeout: PATIENCE }, () => {
  const ways = [
    ['is made again by --skip-existing', ['--skip-existing']],
    ['is simply made again', []],
  ] as const;
  test.each(oneOf(2, ways))('%s', async (_what, flags) => {
    const folder = fresh();
    const output = join(folder, 'o.mp4');
    const args = ['export', clip(), '-o', output, ...FAST, ...MANY, ...flags];
    await killedAmongPictures(folder, args, () => picturesIn(folder).length > 0);
    expect(listing(folder)).not.toContain('o.mp4');
    // A look at what would happen touches nothing.
    const before = listing(folder);
    await ok([...args, '--dry-run']);
    expect(listing(folder)).toEqual(before);
    const again = resultOf(await ok([...args, '--json']));
    expect(again.output_files).toHaveLength(1 + ALL);
    expect(listing(folder)).toHaveLength(1 + ALL);
    expect(complaints(output)).toBe('');
  });

  test('gives back what it replaced to whatever runs next in that folder', async () => {
    const folder = fresh();
    const photograph = join(folder, 'o.thumb-1-64x36.jpg');
    writeFileSync(photograph, 'a photograph');
    const args = ['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, ...MANY, '--overwrite'];
    await killedAmongPictures(folder, args, () => statSync(photograph).size !== 'a photograph'.length);
    await ok(['export', clip(), '-o', join(folder, 'other.mp4'), ...FAST]);
    expect(readFileSync(photograph, 'utf8')).toBe('a photograph');
    expect(listing(folder)).toEqual(['o.thumb-1-64x36.jpg', 'other.mp4']);
  });

  test('leaves alone what somebody wrote there since', async () => {
    const folder = fresh();
    const args = ['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, ...MANY];
    await killedAmongPictures(folder, args, () => picturesIn(folder).length > 0);
    const [first = ''] = picturesIn(folder);
    writeFileSync(join(folder, first), 'drawn over');
    expectRefusal(await sg(args), 2);
    await ok(['export', clip(), '-o', join(folder, 'other.mp4'), ...FAST]);
    expect(readFileSync(join(folder, first), 'utf8')).toBe('drawn over');
    expect(listing(folder)).toEqual([first, 'other.mp4'].sort());
  });

  test('is taken up by multi --resume', async () => {
    const folder = fresh();
    copyFileSync(clip(), join(folder, 'a.mp4'));
    const db = ['--db', join(fresh(), 'h.db')];
    const place = join(folder, 'o');
    mkdirSync(place);
    const exports = ['--export', 'h264:160x90:draft', '--export', 'h264:90x90:draft', '--parallel', '1', '--no-share'];
    const args = ['multi', join(folder, 'a.mp4'), ...exports, '--speed', 'ultrafast', ...MANY];
    const isPlaced = () => picturesIn(place).some((name) => name.startsWith('a_90x90'));
    await killedAmongPictures(place, [...args, '--output-folder', place, ...db], isPlaced);
    const resumed = await ok(['multi', '--resume', '--json', ...db], WITHIN);
    expect(jsonLines(resumed).at(-1)).toMatchObject({ status: 'completed' });
    const names = readdirSync(place);
    expect(names.filter((name) => name.endsWith('.mp4'))).toHaveLength(2);
    expect(names).toHaveLength(2 * (1 + ALL));
  });
});

describe('--skip-existing without a history', { timeout: PATIENCE }, () => {
  const folder = fresh();
  const [output, receipt] = [join(folder, 'o.mp4'), join(folder, 'o.json')];
  const two = ['--thumbnails', '64x36', '--thumbnail-count', '2'];
  const args = ['export', clip(), '-o', output, ...FAST, ...two, '--receipt', receipt, '--json'];
  const first = join(folder, 'o.thumb-1-64x36.jpg');
  const again = (...flags: readonly string[]) => [...args, '--skip-existing', '--db', join(fresh(), 'h.db'), ...flags];

  test('believes its receipt about the pictures too', async () => {
    const made = resultOf(await ok(args));
    expect(resultOf(await ok(again()))).toMatchObject({ skipped: true, output_files: made.output_files });
    const digest = readFileSync(first);
    writeFileSync(first, 'scribbled over');
    const { ino } = statSync(output);
    expect(resultOf(await ok(again())).output_files).toEqual(made.output_files);
    expect(readFileSync(first).equals(digest)).toBe(true);
    expect(statSync(output).ino).toBe(ino);
    rmSync(output);
    expect(resultOf(await ok(again())).output_files).toEqual(made.output_files);
  });

  test('and leaves alone a picture of which it says nothing', async () => {
    writeFileSync(join(folder, 'o.thumb-3-64x36.jpg'), 'a photograph');
    const run = await sg(again('--thumbnail-count', '3'));
    expect(run.code, shown(run)).toBe(2);
    expect(resultOf(run).error_message).toContain(
      'o.thumb-3-64x36.jpg exists, and nothing says that sg-export wrote it',
    );
  });
});

describe.skipIf(noMount)('a disk that fills up while the pictures are made', { timeout: PATIENCE }, () => {
  const disks: SmallDisk[] = [];
  afterEach(() => {
    for (const one of disks.splice(0)) one.remove();
  });

  const rooms = [
    ['no room to look at the film', 'looks.gray', 0],
    ['room for a part of the looks', 'looks.gray', 16],
    ['no room for a picture', 'thumb-%d', 0],
    ['room for a part of one', 'thumb-%d', 1],
  ] as const;
  test.each(oneOf(2, rooms))('%s: exit 6, and nothing is there', async (_what, word, pagesLeft) => {
    const disk = smallDisk(64 << 20);
    disks.push(disk);
    const { path } = disk;
    const fill = `left=$(( $(stat -f -c '%a' '${path}') - ${pagesLeft} )); head -c $(( left * 4096 )) /dev/zero > '${path}/filler'`;
    const body = `case "$*" in *${word}*) ${fill};; esac\nexec '${REAL_FFMPEG}' "$@"`;
    const filling = script(fresh(), 'ffmpeg', body);
    const wish = ['--thumbnails', '320x180', '--thumbnail-count', '3'];
    const args = ['export', clip(), '-o', join(path, 'o.mp4'), ...FAST, ...wish];
    const run = await sg([...args, '--json', '--ffmpeg', filling], WITHIN);
    expect(run.code, shown(run)).toBe(6);
    expect(String(resultOf(run).error_message)).toMatch(/space|full/i);
    expect(listing(path)).toEqual(['filler']);
  });
});
