import { counted } from '../model/counted.ts';
import type { ComparedFilm, ComparisonResult, MeasuredQuality, PacketSize, PicturePair } from '../model/quality.ts';
import { formatBytes } from '../model/units.ts';
import { bitrateCurve } from './bitrate.ts';
import { bitrateTiles, qualityTiles, sizeTile } from './figures.ts';
import { type Report, reportPage } from './page.ts';

export interface ComparisonParts {
  readonly result: ComparisonResult;
  readonly quality: MeasuredQuality;
  /** Of the worst moments, in their order. */
  readonly pairs: readonly PicturePair[];
  /** Of the distorted film. */
  readonly packets: readonly PacketSize[];
  readonly lengthSec: number;
  readonly made: string;
}

const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

const filmAbout = ({
  codec,
  width,
  height,
  frame_rate: rate,
  pixel_format: format,
  frames,
  bytes,
}: ComparedFilm): string =>
  `${codec}, ${width}×${height}, ${rate} fps, ${format}, ${counted(frames, 'picture')}, ${formatBytes(bytes)}`;

/** The page of `compare --report`. */
export function comparisonReport({ result, quality, pairs, packets, lengthSec, made }: ComparisonParts): string {
  const { reference, distorted } = result;
  const bitrate = bitrateCurve(packets, lengthSec);
  const report: Report = {
    kind: 'Comparison by sg-export',
    title: `${nameOf(distorted.path)} against ${nameOf(reference.path)}`,
    films: [
      { role: 'Reference', path: reference.path, about: filmAbout(reference) },
      { role: 'Distorted', path: distorted.path, about: filmAbout(distorted) },
    ],
    tiles: [
      ...qualityTiles(quality, result.vmaf_model ?? undefined),
      sizeTile(distorted.bytes, reference.bytes),
      ...bitrateTiles(bitrate.kbps),
    ],
    notes: result.notes,
    quality,
    worst: result.worst.flatMap(({ time, frame, ssim }, n) => {
      const pair = pairs[n];
      return pair ? [{ sec: time, frame, ssim, ...pair }] : [];
    }),
    bitrate: { of: 'the distorted film', ...bitrate },
    lengthSec,
    settings: [],
    verification: undefined,
    made,
  };
  return reportPage(report);
}
