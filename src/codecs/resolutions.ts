/** A named picture size. Exact frames (`_v`, `_sq`) are made as they are; 16:9 names bound the short side. */
export interface ResolutionRow {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly aspectRatio: '16:9' | '9:16' | '1:1';
  readonly commonName: string;
  readonly exact: boolean;
}

const wide = (id: string, width: number, height: number, commonName: string): ResolutionRow => ({
  id,
  name: id,
  width,
  height,
  aspectRatio: '16:9',
  commonName,
  exact: false,
});
const tall = (id: string, width: number, height: number): ResolutionRow => ({
  id,
  name: `${width}×${height} vertical`,
  width,
  height,
  aspectRatio: '9:16',
  commonName: 'vertical',
  exact: true,
});
const square = (id: string, side: number): ResolutionRow => ({
  id,
  name: `${side}×${side} square`,
  width: side,
  height: side,
  aspectRatio: '1:1',
  commonName: 'square',
  exact: true,
});

export const RESOLUTIONS: readonly ResolutionRow[] = [
  wide('360p', 640, 360, 'nHD'),
  wide('480p', 854, 480, 'SD'),
  wide('720p', 1280, 720, 'HD'),
  wide('1080p', 1920, 1080, 'Full HD'),
  wide('1440p', 2560, 1440, 'QHD'),
  wide('2160p', 3840, 2160, '4K UHD'),
  wide('4320p', 7680, 4320, '8K UHD'),
  tall('480p_v', 480, 854),
  tall('720p_v', 720, 1280),
  tall('1080p_v', 1080, 1920),
  square('480p_sq', 480),
  square('720p_sq', 720),
  square('1080p_sq', 1080),
];

const SYNONYMS: Readonly<Record<string, string>> = { '4k': '2160p', uhd: '2160p', '8k': '4320p', '2k': '1440p' };

export function resolutionRow(id: string): ResolutionRow | undefined {
  const lower = id.toLowerCase();
  return RESOLUTIONS.find((row) => row.id === (SYNONYMS[lower] ?? lower));
}

/** The bitrate multiplier of the named heights, relative to 720p: the customer's table. */
const MULTIPLIERS: readonly (readonly [pixels: number, multiplier: number])[] = [
  [854 * 480, 0.5],
  [1280 * 720, 1],
  [1920 * 1080, 2],
  [2560 * 1440, 3.5],
  [3840 * 2160, 6],
];

/** Interpolated by pixel count between the named sizes, and beyond them at the slope of the nearest pair (in log–log). */
export function bitrateMultiplier(width: number, height: number): number {
  const pixels = Math.max(1, width * height);
  const upper = MULTIPLIERS.findIndex(([at]) => at >= pixels);
  const index = upper === -1 ? MULTIPLIERS.length - 1 : Math.max(1, upper);
  const [low, high] = [MULTIPLIERS[index - 1] ?? [1, 1], MULTIPLIERS[index] ?? [1, 1]];
  const slope = Math.log(high[1] / low[1]) / Math.log(high[0] / low[0]);
  return low[1] * (pixels / low[0]) ** slope;
}
