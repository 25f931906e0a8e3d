import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { killedPlacing } from '../support/killed-placing.ts';
import { expectRefusal, fresh, jsonLines, listing, ok, resultOf, sg } from '../support/run-cli.ts';

const FAST = ['--codec', 'h264', '--speed', 'ultrafast'];
const PATIENCE = 240_000;
const small = () => clip({ size: '160x90' });

/** A folder, the film in it, and what makes it. */
function delivery(...flags: readonly string[]) {
  const folder = fresh();
  const output = join(folder, 'o.mp4');
  return { folder, output, args: ['export', small(), '-o', output, ...FAST, ...flags, '--json'] };
}

describe('a run that is killed when its film is in its place and nothing else is done', { timeout: PATIENCE }, () => {
  test('made that film: --skip-existing knows it, however often it is asked', async () => {
    const { folder, output, args } = delivery();
    await killedPlacing(args, output, 'after');
    const { ino } = statSync(output);
    for (const _ of [1, 2]) {
      expect(resultOf(await ok([...args, '--skip-existing'])).skipped).toBe(true);
      expect(statSync(output).ino).toBe(ino);
      expect(listing(folder)).toEqual(['o.mp4']);
    }
    // Other settings are another film, and this one may go for it.
    const other = resultOf(await ok([...args, '--crf', '35', '--skip-existing']));
    expect(other.skipped).toBeUndefined();
    expect(statSync(output).ino).not.toBe(ino);
    expect(listing(folder)).toEqual(['o.mp4']);
  });

  test('made its pictures too', async () => {
    const { folder, output, args } = delivery('--thumbnails', '64x36', '--thumbnail-count', '2');
    await killedPlacing(args, output, 'after');
    expect(resultOf(await ok([...args, '--skip-existing']))).toMatchObject({ skipped: true });
    expect(listing(folder)).toHaveLength(3);
  });

  test('is not finished without the receipt that was asked for', async () => {
    const { folder, output, args } = delivery('--receipt', 'r.json');
    const asked = [...args.slice(0, -2), join(folder, 'r.json'), '--json'];
    await killedPlacing(asked, output, 'after');
    expect(existsSync(join(folder, 'r.json'))).toBe(false);
    expect(resultOf(await ok([...asked, '--skip-existing'])).skipped).toBeUndefined();
    expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8')).output.path).toBe(output);
    expect(resultOf(await ok([...asked, '--skip-existing'])).skipped).toBe(true);
  });

  test('vouches for nothing that somebody changed since', async () => {
    const { output, args } = delivery();
    await killedPlacing(args, output, 'after');
    appendFileSync(output, 'and more');
    const refusal = await sg([...args.slice(0, -1), '--skip-existing']);
    expectRefusal(refusal, 2);
    expect(refusal.stderr).toContain('nothing says that sg-export wrote it');
    expect(readFileSync(output, 'utf8').endsWith('and more')).toBe(true);
  });

  test('vouches for nothing that was there before it', async () => {
    const { output, args } = delivery();
    writeFileSync(output, 'a letter');
    await killedPlacing([...args, '--overwrite'], output, 'before');
    expectRefusal(await sg([...args.slice(0, -1), '--skip-existing']), 2);
    expect(readFileSync(output, 'utf8')).toBe('a letter');
  });

  test('is taken up by multi --resume, and its film is no source of the next run', async () => {
    const folder = fresh();
    const db = ['--db', join(fresh(), 'h.db')];
    const place = join(folder, 'o');
    mkdirSync(place);
    const args = ['multi', small(), '--export', 'h264:160x90:draft', '--name', 'film', '--speed', 'ultrafast', ...db];
    await killedPlacing([...args, '--output-folder', place], join(place, 'film.mp4'), 'after');
    const { ino } = statSync(join(place, 'film.mp4'));
    const resumed = jsonLines(await ok(['multi', '--resume', '--json', ...db]));
    expect(resumed.at(-1)).toMatchObject({ status: 'completed' });
    expect(statSync(join(place, 'film.mp4')).ino).toBe(ino);
    rmSync(folder, { recursive: true });
  });
});
