import type { MeasuredQuality } from '../model/quality.ts';
import { formatBytes } from '../model/units.ts';
import type { Tile } from './page.ts';

/** SSIM, PSNR and VMAF, and over how many pictures. */
export function qualityTiles(quality: MeasuredQuality, vmafModel: string | undefined): readonly Tile[] {
  const { ssim, psnr, vmaf, pictures } = quality;
  const lowest = pictures.reduce((low, picture) => Math.min(low, picture.ssim), 1);
  const decibels = Number.isFinite(psnr) ? `${psnr.toFixed(2)} dB` : 'infinite';
  return [
    { name: 'SSIM', value: ssim.toFixed(4), remark: `lowest ${lowest.toFixed(4)}` },
    { name: 'PSNR', value: decibels, remark: Number.isFinite(psnr) ? undefined : 'no picture differs' },
    vmaf === undefined
      ? { name: 'VMAF', value: '–', remark: 'not measured' }
      : { name: 'VMAF', value: vmaf.toFixed(2), remark: vmafModel },
    { name: 'Compared', value: `${pictures.length}`, remark: 'pictures' },
  ];
}

/** The size of what was made, beside that of what it was made of. */
export function sizeTile(bytes: number, referenceBytes: number): Tile {
  const share = (100 * bytes) / referenceBytes;
  return {
    name: 'Size',
    value: formatBytes(bytes),
    remark: `${share.toFixed(share < 10 ? 1 : 0)} % of ${formatBytes(referenceBytes)}`,
  };
}

export const bitrateTiles = (kbps: number | undefined): readonly Tile[] =>
  kbps === undefined ? [] : [{ name: 'Video bitrate', value: `${Math.round(kbps)} kbps`, remark: 'on average' }];
