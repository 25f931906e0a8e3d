import { describe, expect, it } from 'vitest';
import { type PlottedPoint, scatter } from '../../../src/report/scatter.ts';

const point = (n: number, bytes: number, value: number, codec = 'h264', frame = '640×360'): PlottedPoint => ({
  ...{ n, bytes, value, codec, frame },
  name: `<b>${n}</b>`,
});
const drawn = (points: readonly PlottedPoint[]) =>
  scatter({ title: 'SSIM', points, text: (value) => value.toFixed(2), top: 1 }).markup;

/** Where the dots are: percent from the left and from the top. */
const dots = (markup: string) =>
  [...markup.matchAll(/class="dot [^"]*" style="left:([\d.]+)%;top:([\d.]+)%"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);

describe('the plot of sizes and qualities', () => {
  it('has each point where its size and figure are, larger to the right, better further up', () => {
    const found = dots(drawn([point(1, 2e6, 0.95), point(2, 4e6, 0.99)]));
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = found;
    expect(x2).toBeCloseTo(2 * x1, 1);
    expect(y2).toBeLessThan(y1);
    for (const place of found.flat()) expect(place).toBeGreaterThanOrEqual(0);
    for (const place of found.flat()) expect(place).toBeLessThanOrEqual(100);
  });

  it('keeps points that lie together where they are, with labels on different sides', () => {
    const markup = drawn([point(1, 2e6, 0.98), point(2, 2e6, 0.98), point(3, 2.05e6, 0.98)]);
    const [first, second] = dots(markup);
    expect(first).toEqual(second);
    const sides = [...markup.matchAll(/class="mark to-(\w)/g)].map(([, side]) => side);
    expect(new Set(sides).size).toBeGreaterThan(1);
  });

  it('joins what only its rate tells apart, and nothing else', () => {
    const lines = (points: readonly PlottedPoint[]) => drawn(points).match(/<path class="line/g)?.length ?? 0;
    expect(lines([point(1, 2e6, 0.95), point(2, 4e6, 0.99)])).toBe(1);
    expect(lines([point(1, 2e6, 0.95), point(2, 4e6, 0.99, 'h265')])).toBe(0);
    expect(lines([point(1, 2e6, 0.95), point(2, 4e6, 0.99, 'h264', '1280×720')])).toBe(0);
  });

  it('takes names for text', () => {
    expect(drawn([point(1, 2e6, 0.95)])).not.toContain('<b>1</b>"');
    expect(drawn([point(1, 2e6, 0.95)])).toContain('&lt;b&gt;1');
  });
});
