import { describe, expect, it } from 'vitest';
import { jpegSize } from '../../../src/engine/jpeg-size.ts';
import type { ThumbnailPlan } from '../../../src/model/thumbnails.ts';
import { enoughSamples, evenSampling, lookArgs, samplingsOf, thumbnailsOf } from '../../../src/plan/thumbnails.ts';

const plan = (count: number, durationSec: number): ThumbnailPlan => ({
  count,
  durationSec,
  sizes: [{ width: 320, height: 180 }],
  filters: [],
  sourceFilters: [],
});

describe('the places of thumbnails', () => {
  it('are beside the film, under its name without its extension', () => {
    const wish = {
      count: 2,
      sizes: [
        { width: 320, height: 180 },
        { width: 64, height: 36 },
      ],
    };
    expect(thumbnailsOf('/out.d/film.v1.mp4', wish).map(({ path }) => path)).toEqual([
      '/out.d/film.v1.thumb-1-320x180.jpg',
      '/out.d/film.v1.thumb-1-64x36.jpg',
      '/out.d/film.v1.thumb-2-320x180.jpg',
      '/out.d/film.v1.thumb-2-64x36.jpg',
    ]);
  });
});

describe('a film is sampled', () => {
  it('all over, where it is short', () => {
    expect(samplingsOf(plan(3, 60))).toEqual([{ stepSec: 1, keyframesOnly: false }]);
  });

  it('at its keyframes first, where it is long', () => {
    const samplings = samplingsOf(plan(3, 7200));
    expect(samplings.map(({ keyframesOnly }) => keyframesOnly)).toEqual([true, false]);
    const [args = []] = samplings.map((one) => lookArgs('/film.mp4', one));
    expect(args.indexOf('-skip_frame:v')).toBeLessThan(args.indexOf('-i'));
  });

  it('in steps small enough for any number of pictures: pictures lie at most twice as far apart', () => {
    for (const count of [1, 5, 20, 100]) {
      const [{ stepSec } = { stepSec: 99 }] = samplingsOf(plan(count, 100));
      expect(100 / (2 * stepSec)).toBeGreaterThanOrEqual(Math.min(count, enoughSamples(plan(count, 100))));
    }
  });

  it('by a script at even distances, at frames that are there', () => {
    expect(evenSampling(plan(3, 10), 250)).toEqual({
      sampling: { stepSec: 0, keyframesOnly: false },
      places: [41, 125, 208],
    });
    expect(evenSampling(plan(1, 0.04), 1).places).toEqual([0]);
    expect(evenSampling(plan(4, 8), undefined).places).toEqual([1, 4, 7, 10]);
  });
});

describe('the size of a JPEG', () => {
  const header = (code: number, height: number, width: number) =>
    Buffer.from([0xff, code, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]);
  const start = Buffer.from([0xff, 0xd8]);
  const table = Buffer.from([0xff, 0xc4, 0, 4, 1, 2]);

  it('is read off its frame header, past tables', () => {
    const jpeg = Buffer.concat([start, table, header(0xc0, 180, 1280), Buffer.alloc(20)]);
    expect(jpegSize(jpeg)).toEqual({ width: 1280, height: 180 });
    expect(jpegSize(Buffer.concat([start, header(0xc2, 3, 5)]))).toEqual({ width: 5, height: 3 });
  });

  it('is unknown of anything else, and of one that is cut off', () => {
    expect(jpegSize(Buffer.alloc(0))).toBeUndefined();
    expect(jpegSize(Buffer.from('\x89PNG\r\n'))).toBeUndefined();
    expect(jpegSize(Buffer.concat([start, table, header(0xc0, 180, 1280).subarray(0, 6)]))).toBeUndefined();
  });
});
