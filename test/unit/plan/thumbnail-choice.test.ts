import { describe, expect, it } from 'vitest';
import { choosePictures, LOOK, lookAt, lookAtAll } from '../../../src/plan/thumbnail-choice.ts';

const PIXELS = LOOK.width * LOOK.height;
const flat = (value: number): Uint8Array => new Uint8Array(PIXELS).fill(value);

/** A picture of stripes and squares; another `seed` is another picture, another `detail` the same one, finer. */
function picture(seed: number, { detail = 1, gain = 1 } = {}): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, at) => {
    const [x, y] = [at % LOOK.width, Math.floor(at / LOOK.width)];
    const coarse = 90 * Math.sin((x * (1 + (seed % 5))) / 40 + seed) * Math.cos((y * (1 + (seed % 3))) / 30 + 2 * seed);
    const fine = detail * 25 * ((Math.floor(x / 2) + Math.floor(y / 2)) % 2 === 0 ? 1 : -1);
    return Math.max(0, Math.min(255, gain * (120 + coarse + fine)));
  });
}

const choose = (pictures: readonly Uint8Array[], count: number) => choosePictures(pictures.map(lookAt), count);
const times = <T>(count: number, make: (n: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, n) => make(n));

describe('a picture', () => {
  it('is told by its light, contrast and detail', () => {
    expect(lookAt(flat(40))).toMatchObject({ mean: 40, contrast: 0, sharpness: 0 });
    const [fine, soft] = [lookAt(picture(1)), lookAt(picture(1, { detail: 0.1 }))];
    expect(fine.sharpness).toBeGreaterThan(3 * soft.sharpness);
    expect(fine.blocks).toHaveLength(16 * 9);
  });

  it('is read out of a row of them, what is left over being none', () => {
    const row = Buffer.concat([flat(10), flat(20), flat(30).subarray(0, 100)]);
    expect(lookAtAll(row).map(({ mean }) => mean)).toEqual([10, 20]);
    expect(lookAtAll(Buffer.alloc(0))).toEqual([]);
  });
});

describe('the choice', () => {
  it('is spread over the film', () => {
    const { places, poor, alike } = choose(times(40, picture), 4);
    expect({ poor, alike }).toEqual({ poor: 0, alike: 0 });
    expect(places.map((place) => Math.floor(place / 10))).toEqual([0, 1, 2, 3]);
  });

  it('keeps away from black, white, flat and blurred pictures', () => {
    const bad = [flat(0), flat(255), flat(128), picture(9, { gain: 0.1 }), picture(3, { detail: 0.02 })];
    const pictures = times(30, (n) => (n % 6 === 3 ? picture(n) : (bad[n % 5] ?? flat(0))));
    const { places, poor } = choose(pictures, 3);
    expect(poor).toBe(0);
    expect(places.every((place) => place % 6 === 3)).toBe(true);
  });

  it('takes a repeated picture once, and the others from where the film has more', () => {
    const still = picture(1);
    const pictures = [...times(30, () => still), ...times(6, (n) => picture(10 + n))];
    const { places, alike } = choose(pictures, 4);
    expect(alike).toBe(0);
    expect(places.filter((place) => place < 30)).toHaveLength(1);
    expect(places).toHaveLength(4);
  });

  it('of a part that is dark all through comes from another part', () => {
    const pictures = [...times(20, () => flat(2)), ...times(20, picture)];
    const { places, poor } = choose(pictures, 2);
    expect(poor).toBe(0);
    expect(places).toHaveLength(2);
    expect(places.every((place) => place >= 20)).toBe(true);
  });

  it('of a black film is made all the same, and said to be poor', () => {
    expect(
      choose(
        times(12, () => flat(0)),
        3,
      ),
    ).toMatchObject({ poor: 3, alike: 2, places: { length: 3 } });
    expect(
      new Set(
        choose(
          times(12, () => flat(0)),
          3,
        ).places,
      ).size,
    ).toBe(3);
  });

  it('of fewer pictures than asked for is all of them', () => {
    expect(choose([picture(1)], 5)).toEqual({ places: [0], poor: 0, alike: 0 });
    expect(choose([flat(0), picture(1)], 5).places).toEqual([0, 1]);
    expect(choose([], 3).places).toEqual([]);
  });

  it('is the same each time', () => {
    const pictures = times(25, picture);
    expect(choose(pictures, 5)).toEqual(choose(pictures, 5));
  });
});
