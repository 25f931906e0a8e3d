import { describe, expect, it } from 'vitest';
import { rational } from '../../../src/model/rational.ts';
import { planCut } from '../../../src/plan/ladder.ts';
import type { ResolvedVideo } from '../../../src/plan/resolved.ts';
import { type FilmedRung, planSheets, streamSprites } from '../../../src/plan/stream-sheets.ts';

const BT709 = { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' } as const;
const PQ = { range: 'tv', primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc' } as const;

function rung(film: string, width: number, height: number, to: ResolvedVideo['colour']['to'] = BT709): FilmedRung {
  const colour = { from: to, to, kind: 'keep', hdr: undefined, peakNits: 1000 } as const;
  const geometry = { width, height } as ResolvedVideo['geometry'];
  return { film, video: { geometry, colour } };
}

const cut = planCut(rational(30000, 1001));
const rate = rational(30000, 1001);

describe('sheets of thumbnails of a stream', () => {
  it.each([
    ['a film that lies', 1920, 1080, 60, { width: 320, height: 180 }],
    ['one that is wide', 1920, 800, 60, { width: 320, height: 134 }],
    ['one that stands', 1080, 1920, 60, { width: 180, height: 320 }],
    ['one that is smaller than they', 160, 90, 60, { width: 160, height: 90 }],
  ])('have the shape of %s', (_, width, height, sec, tile) => {
    expect(streamSprites({ width, height }, sec, 2).tile).toEqual(tile);
  });

  it.each([
    [1, 2, 1, 1],
    [12, 2, 3, 2],
    [60, 2, 5, 5],
    [1200, 4, 5, 5],
    [7200, 10, 5, 5],
  ])('of %d s have a picture each %d s, %d × %d on a sheet', (sec, intervalSec, columns, rows) => {
    expect(streamSprites({ width: 640, height: 360 }, sec, 2)).toMatchObject({ intervalSec, columns, rows });
  });

  it('are made of keyframes of the smallest rung, each standing for whole groups of pictures', () => {
    const rungs = [rung('video_720p.mp4', 1280, 720), rung('video_234p.mp4', 416, 234)];
    const plan = planSheets(rungs, 600, cut, rate);
    expect(plan?.step.args).toEqual(expect.arrayContaining(['nokey', 'file:video_234p.mp4']));
    expect(plan?.wish.intervalSec).toBeCloseTo(2 * 2.002, 9);
    expect(plan).toMatchObject({ timescale: 30000, tileTicks: 2 * 60 * 1001 });
    expect(plan?.step.writes).toEqual([1, 2, 3, 4, 5, 6].map((n) => `thumbnails-${n}.jpg`));
  });

  it('are of a rung in SDR where there is one, and else brought to it', () => {
    const hdr = rung('hdr.mp4', 640, 360, PQ);
    expect(planSheets([hdr, rung('sdr.mp4', 1280, 720)], 60, cut, rate)?.step.args).toContain('file:sdr.mp4');
    const chain = planSheets([hdr], 60, cut, rate)?.step.args.join(' ');
    expect(chain).toContain('file:hdr.mp4');
    expect(chain).toContain('tonemap');
    expect(planSheets([], 60, cut, rate)).toBeUndefined();
  });
});
