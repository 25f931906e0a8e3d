import { expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { expectSwept, killAt, type Landed, measured, tally } from '../support/random-kills.ts';
import { noProc, placeFor } from '../support/running-export.ts';
import { printedSeed, seededRandom, spreadMoments } from '../support/seeded-random.ts';

const KILLS = 10;

// test/full does the same a hundred times, with more codecs and signals.
test.skipIf(noProc)(
  `kill -9 at ${KILLS} moments leaves no ffmpeg and no half film, and the next run clears the rest away`,
  { timeout: 120_000 },
  async () => {
    const random = seededRandom(printedSeed('kills'));
    const one = await measured(placeFor(clip({ size: '160x90' }), 'free'), ['--speed', 'medium']);
    const landed: Landed[] = [];
    for (const [i, share] of spreadMoments(KILLS, random).entries())
      landed.push(await killAt(one, share, 'SIGKILL', i % 2 === 0 ? 'free' : 'taken'));
    console.info(`kills: ${tally(landed)}`);
    expect(landed).toHaveLength(KILLS);
    await expectSwept(one);
  },
);
