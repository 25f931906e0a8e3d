import { describe, expect, test } from 'vitest';
import { changing, HARMS, harmAt } from '../support/changing-sources.ts';
import { type ClipWish, clip } from '../support/clips.ts';
import { printedSeed, seededRandom, spreadMoments } from '../support/seeded-random.ts';

interface Export {
  readonly wish: ClipWish;
  readonly to: string;
  readonly flags: readonly string[];
}
const FRONT: ClipWish = { name: 'front.mp4', sec: 8, extra: ['-movflags', '+faststart'] };
const EXPORTS: Readonly<Record<string, Export>> = {
  'MP4 to H.264': { wish: FRONT, to: 'out.mp4', flags: ['--speed', 'fast'] },
  'Matroska in two passes': {
    wish: { name: 'film.mkv', sec: 8 },
    to: 'out.mp4',
    flags: ['--speed', 'fast', '--two-pass', '--bitrate', '400k'],
  },
  'MPEG-TS to H.264': { wish: { name: 'film.ts', sec: 8 }, to: 'out.mp4', flags: ['--speed', 'fast'] },
  'MP4, copied': { wish: FRONT, to: 'out.mkv', flags: ['--codec', 'copy'] },
};
/** Twice each harm for each export: forty in all. */
const TIMES = 2 * HARMS.length;
const seed = printedSeed('changing sources');

describe('a source that changes at any moment makes an error or its right film', () => {
  test.each(Object.entries(EXPORTS))('%s', { timeout: 600_000 }, async (name, { wish, to, flags }) => {
    const random = seededRandom(seed);
    const one = await changing(clip(wish), clip({ ...wish, fps: 24 }), flags, to);
    const codes: number[] = [];
    for (const [i, share] of spreadMoments(TIMES, random).entries())
      codes.push(await harmAt(one, share, HARMS[i % HARMS.length] ?? 'cut', random));
    console.info(`${name}: exit codes ${codes.join(' ')}`);
    expect(codes).toHaveLength(TIMES);
  });
});
