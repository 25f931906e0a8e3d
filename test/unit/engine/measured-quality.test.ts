import { describe, expect, it } from 'vitest';
import { meanPsnr, readQualityLogs } from '../../../src/engine/measure-quality.ts';
import { worstMoments } from '../../../src/engine/worst-moments.ts';
import type { PictureQuality } from '../../../src/model/quality.ts';

const SSIM = `n:1 Y:0.999725 U:0.997309 V:0.998372 All:0.999097 (30.443201)
n:2 Y:0.999708 U:0.997086 V:0.997939 All:0.998976 (29.896999)
n:3 Y:1.000000 U:1.000000 V:1.000000 All:1.000000 (inf)
`;
const PSNR = `n:1 mse_avg:0.54 mse_y:0.08 mse_u:1.34 mse_v:1.59 psnr_avg:50.79 psnr_y:58.90 psnr_u:46.87 psnr_v:46.13 
n:2 mse_avg:0.00 mse_y:0.12 mse_u:1.93 mse_v:2.65 psnr_avg:78.87 psnr_y:57.28 psnr_u:45.27 psnr_v:43.91 
n:3 mse_avg:0.00 mse_y:0.00 mse_u:0.00 mse_v:0.00 psnr_avg:inf psnr_y:inf psnr_u:inf psnr_v:inf 
`;
const VMAF = `Frame,integer_adm2,integer_motion,vmaf,
0,0.999497,0.000000,97.273885,
1,0.999220,1.124695,98.739522,
2,0.999220,1.124695,100.000000,
`;

describe('the logs of the filters', () => {
  it('are read picture by picture', () => {
    expect(readQualityLogs({ ssim: SSIM, psnr: PSNR, vmaf: VMAF }, 25)).toEqual([
      { sec: 0, ssim: 0.999097, psnr: 50.79, vmaf: 97.273885 },
      { sec: 0.04, ssim: 0.998976, psnr: 78.87, vmaf: 98.739522 },
      { sec: 0.08, ssim: 1, psnr: Number.POSITIVE_INFINITY, vmaf: 100 },
    ]);
    expect(readQualityLogs({ ssim: SSIM, psnr: PSNR, vmaf: '' }, 25)[0]?.vmaf).toBeUndefined();
    expect(readQualityLogs({ ssim: '', psnr: '', vmaf: '' }, 25)).toEqual([]);
  });

  it('that one filter did not finish count as far as all go', () => {
    expect(readQualityLogs({ ssim: SSIM, psnr: PSNR.slice(0, 160), vmaf: '' }, 25)).toHaveLength(1);
  });
});

it('PSNR is of the mean error: one bad picture counts, an identical one does not make it infinite', () => {
  expect(meanPsnr([40, 40])).toBeCloseTo(40, 6);
  expect(meanPsnr([20, Number.POSITIVE_INFINITY])).toBeCloseTo(23.0103, 3);
  expect(meanPsnr([Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
});

describe('worst moments', () => {
  const film = (worth: (n: number) => number, frames = 250): readonly PictureQuality[] =>
    Array.from({ length: frames }, (_, n) => ({ sec: n / 25, ssim: worth(n), psnr: 40, vmaf: undefined }));

  it('lie apart, worst first', () => {
    const dips = new Map([
      [50, 0.8],
      [51, 0.7],
      [52, 0.75],
      [200, 0.9],
    ]);
    const worst = worstMoments(film((n) => dips.get(n) ?? 0.99));
    expect(worst.slice(0, 2)).toEqual([
      { sec: 51 / 25, ssim: 0.7, frame: 51 },
      { sec: 200 / 25, ssim: 0.9, frame: 200 },
    ]);
    expect(worst).toHaveLength(5);
    for (const a of worst)
      for (const b of worst) if (a !== b) expect(Math.abs(a.sec - b.sec)).toBeGreaterThanOrEqual(1);
  });

  it('are none where nothing differs, and of a short film some', () => {
    expect(worstMoments(film(() => 1))).toEqual([]);
    expect(worstMoments(film(() => 0.9, 10)).length).toBeGreaterThan(1);
    expect(worstMoments([])).toEqual([]);
  });
});
