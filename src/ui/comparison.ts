import { counted } from '../model/counted.ts';
import type { ComparedFilm, ComparisonResult } from '../model/quality.ts';
import { formatTime } from '../model/units.ts';
import { bytesText } from './figures.ts';
import { type Look, pairs } from './pairs.ts';
import { printable } from './printable.ts';
import { type Column, table } from './table.ts';

type Moment = ComparisonResult['worst'][number];

const filmText = ({ path, bytes, codec, width, height, frame_rate: rate, frames }: ComparedFilm): string =>
  `${printable(path)}\n${codec}, ${width}x${height}, ${rate} fps, ${counted(frames, 'picture')}, ${bytesText(bytes)}`;

const MOMENTS: readonly Column<Moment>[] = [
  { title: 'Worst at', text: ({ time }) => formatTime(time), align: 'right' },
  { title: 'Frame', text: ({ frame }) => `${frame}`, align: 'right' },
  { title: 'SSIM', text: ({ ssim }) => ssim.toFixed(4), align: 'right' },
];

/** What `compare` found: the two films, the figures, the worst moments. */
export function comparisonPage(result: ComparisonResult, look: Look): readonly string[] {
  const { ssim, psnr, vmaf, vmaf_model: model, frames, identical, worst, report } = result;
  return [
    ...pairs(
      [
        ['Reference', filmText(result.reference)],
        ['Distorted', filmText(result.distorted)],
        ['SSIM', identical ? '1, every picture is identical' : ssim.toFixed(6)],
        ['PSNR', psnr === null ? 'infinite: no compared picture differs' : `${psnr.toFixed(2)} dB`],
        ['VMAF', vmaf === null ? 'not measured' : `${vmaf.toFixed(2)} (${model})`],
        ['Compared', counted(frames, 'picture')],
        ['Report', report && printable(report)],
      ],
      look,
    ),
    ...(worst.length > 0 ? ['', ...table(MOMENTS, worst, look)] : []),
  ];
}
