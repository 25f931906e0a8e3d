import { describe, expect, it } from 'vitest';
import { bitRates, targetDurationSec } from '../../../src/packaging/bandwidth.ts';
import { endTicks, type Segment, secondsOf } from '../../../src/packaging/package.ts';

const segments = (rows: readonly (readonly [sec: number, bytes: number])[]): readonly Segment[] => {
  let startTicks = 0;
  return rows.map(([sec, bytes], index) => {
    const segment = { path: `${index}.m4s`, startTicks, durationTicks: sec * 1000, bytes, startsWithKeyframe: true };
    startTicks += segment.durationTicks;
    return segment;
  });
};
const track = (rows: readonly (readonly [number, number])[]) => ({ timescale: 1000, segments: segments(rows) });

describe('bit rates as RFC 8216 defines them', () => {
  it('is the same for peak and average where all segments are alike', () => {
    const alike = track([
      [4, 1000],
      [4, 1000],
    ]);
    expect(bitRates(alike, 4)).toEqual({ peak: 2000, average: 2000 });
  });

  it('takes the heaviest segment for the peak', () => {
    const uneven = track([
      [4, 1000],
      [4, 3000],
      [4, 500],
    ]);
    expect(bitRates(uneven, 4)).toEqual({ peak: 6000, average: 3000 });
  });

  it('counts runs of short segments, and not one that is shorter than half the target', () => {
    // The last segment alone is 0.1 s of a very high rate, which no player meets for a whole target duration.
    const tail = track([
      [4, 1000],
      [0.1, 1000],
    ]);
    const { peak } = bitRates(tail, 4);
    expect(peak).toBe(Math.ceil(16_000 / 4.1));
  });

  it('is the average where no run is long enough', () => {
    expect(bitRates(track([[0.2, 100]]), 6)).toEqual({ peak: 4000, average: 4000 });
  });

  it('rounds the target as playlists compare it', () => {
    expect(targetDurationSec([track([[4.4, 1]]), track([[3.5, 1]])])).toBe(4);
    expect(targetDurationSec([track([[4.5, 1]])])).toBe(5);
    expect(targetDurationSec([track([[0.2, 1]])])).toBe(1);
  });

  it('ends where the last segment does', () => {
    const two = track([
      [4, 1],
      [2.5, 1],
    ]);
    expect(secondsOf(endTicks(two), two)).toBe(6.5);
  });
});
