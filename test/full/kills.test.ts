import { describe, expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { expectSwept, killAt, type Landed, measured, tally } from '../support/random-kills.ts';
import { noProc, placeFor } from '../support/running-export.ts';
import { printedSeed, seededRandom, spreadMoments } from '../support/seeded-random.ts';

/** What is stopped, and how often: a hundred times in all. */
const EXPORTS: Readonly<
  Record<string, { readonly flags: readonly string[]; readonly to: string; readonly times: number }>
> = {
  'H.264': { flags: ['--speed', 'medium'], to: 'out.mp4', times: 20 },
  'H.264 in two passes': { flags: ['--two-pass', '--bitrate', '400k'], to: 'out.mkv', times: 15 },
  'H.265': { flags: ['--codec', 'h265'], to: 'out.mp4', times: 13 },
  VP9: { flags: ['--speed', 'fast'], to: 'out.webm', times: 13 },
  AV1: { flags: ['--codec', 'av1', '--speed', 'fast'], to: 'out.mkv', times: 13 },
  ProRes: { flags: ['--codec', 'prores'], to: 'out.mov', times: 13 },
  'a stream copy': { flags: ['--codec', 'copy'], to: 'out.mkv', times: 13 },
};
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGKILL', 'SIGHUP'] as const;
const seed = noProc ? 0 : printedSeed('kills');

describe.skipIf(noProc)('stopped at any moment', () => {
  test.each(Object.entries(EXPORTS))('%s', { timeout: 600_000 }, async (name, { flags, to, times }) => {
    const random = seededRandom(seed);
    const one = await measured(placeFor(clip({ size: '320x180' }), 'free', to), flags);
    const landed: Landed[] = [];
    for (const [i, share] of spreadMoments(times, random).entries()) {
      const signal = SIGNALS[i % SIGNALS.length] ?? 'SIGKILL';
      landed.push(await killAt(one, share, signal, random() < 0.5 ? 'free' : 'taken'));
    }
    console.info(`${name}: ${tally(landed)}`);
    expect(landed).toHaveLength(times);
    await expectSwept(one);
  });
});
