import { describe, expect, test } from 'vitest';
import { vpxVp9 } from '../../../src/codecs/vpx-vp9.ts';
import { x264 } from '../../../src/codecs/x264.ts';
import type { QualityTarget } from '../../../src/model/option-values.ts';
import { onWhole, type QualityProbe, searchQuality } from '../../../src/plan/quality-search.ts';

/** Plays the search against a film: what a constant quality comes to. */
function play(row: typeof x264, target: QualityTarget, film: (crf: number) => number) {
  const probes: QualityProbe[] = [];
  for (;;) {
    const step = searchQuality(row, probes, target);
    if (step.kind === 'found') return { ...step, probes };
    probes.push({ crf: step.crf, figure: film(step.crf) });
  }
}

const SSIM = { metric: 'ssim', value: 0.98 } as const;
/** Falls faster and faster, as SSIM does. */
const ssimOf = (crf: number): number => 1 - 10 ** (-(26 - 0.45 * crf) / 10);

test('finds a figure in a few probes', () => {
  const found = play(x264, SSIM, ssimOf);
  expect(found.reached).toBe(true);
  expect(Math.abs(found.probe.figure - 0.98)).toBeLessThanOrEqual(0.003);
  expect(found.probes.length).toBeLessThanOrEqual(5);
});

test('an encoder of whole numbers ends between two neighbours', () => {
  const found = play(vpxVp9, { metric: 'psnr', value: 41.3 }, (crf) => 60 - 0.8 * crf);
  expect(Number.isInteger(found.probe.crf)).toBe(true);
  expect(Math.abs(found.probe.figure - 41.3)).toBeLessThan(0.81);
});

test('what lies beyond the scale is not reached, and its best is named', () => {
  const found = play(x264, { metric: 'ssim', value: 0.999 }, (crf) => 0.97 - crf / 1000);
  expect(found).toMatchObject({ reached: false, probe: { crf: 1 } });
  const easy = play(x264, { metric: 'ssim', value: 0.5 }, () => 0.99);
  expect(easy).toMatchObject({ reached: false, probe: { figure: 0.99 } });
});

test('a figure that falls in steps is found, though interpolation creeps up to it', () => {
  // As one picture of colour bars falls in H.264.
  const steps: readonly (readonly [number, number])[] = [
    [24.05, 0.9951],
    [26.05, 0.9861],
    [27.05, 0.9821],
    [27.55, 0.981],
    [28.25, 0.9765],
    [29.05, 0.9717],
  ];
  const stepped = (crf: number): number => steps.find(([to]) => crf < to)?.[1] ?? 0.967;
  const found = play(x264, SSIM, (crf) => (crf === 23 ? 0.997 : stepped(crf)));
  expect(found).toMatchObject({ reached: true, probe: { figure: 0.981 } });
});

describe('a figure of samples, on the whole film', () => {
  test('is as far from its distance to 1 as the whole is at the constant quality where both are known', () => {
    const moved = onWhole({ metric: 'ssim', value: 0.97 }, 0.97, 0.96);
    expect(moved(0.97)).toBeCloseTo(0.96, 9);
    expect(moved(0.985), 'a third more is lost there, too').toBeCloseTo(0.98, 9);
  });

  test.each(['psnr', 'vmaf'] as const)('is as many units off in %s', (metric) => {
    expect(onWhole({ metric, value: 40 }, 41, 39.5)(44)).toBeCloseTo(42.5, 9);
  });

  test('is what it is where a film is kept without loss', () => {
    expect(onWhole({ metric: 'psnr', value: 40 }, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)(44)).toBe(44);
  });
});
