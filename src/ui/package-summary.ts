import { counted } from '../model/counted.ts';
import type { PackageResult, Sharing } from '../model/events.ts';
import type { Colour } from './colour.ts';
import { bytesText, durationText } from './figures.ts';
import { sharingText } from './multi-summary.ts';
import { printable } from './printable.ts';
import { type SummaryRow, summary } from './summary.ts';

const count = (many: number, one: string): readonly string[] => (many > 0 ? [counted(many, one)] : []);

/** `film_hls: 4 rungs, 2 audio tracks, 1 subtitle track; 33 files, 12.9 MB`. */
export function packageText({ folder, renditions, files, bytes, skipped }: PackageResult): string {
  const name = printable(folder.split(/[\\/]/).at(-1) ?? folder);
  const { video, audio, text } = renditions;
  const tracks = [...count(video, 'rung'), ...count(audio, 'audio track'), ...count(text, 'subtitle track')].join(', ');
  const what = `${tracks}; ${count(files.length, 'file').join('')}, ${bytesText(bytes)}`;
  return `${name}: ${what}${skipped ? '; already there' : ''}`;
}

/** The table of all rungs, and the folders that they are in. `wanted`: packages that were asked for. */
export function packageSummary(
  rows: readonly SummaryRow[],
  tookSec: number,
  sharing: Sharing | null,
  packages: { readonly made: readonly PackageResult[]; readonly wanted: number },
  options: { readonly width?: number; readonly colour?: Colour },
): readonly string[] {
  const { made, wanted } = packages;
  const bytes = made.reduce((sum, one) => sum + one.bytes, 0);
  const all = [...count(made.length, 'package'), bytesText(bytes)].join(', ');
  const lost = wanted > made.length ? [`${wanted - made.length} not made`] : [];
  const totals = [...(made.length > 1 ? [all] : []), ...lost, durationText(tookSec)];
  return [
    ...summary(rows, { ...options, title: 'Rung' }),
    ...made.map(packageText),
    totals.join('; '),
    ...(sharing ? [`shared: ${sharingText(sharing, 'rungs')}`] : []),
  ];
}
