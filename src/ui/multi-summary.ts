import { counted } from '../model/counted.ts';
import type { ExportResult, Sharing } from '../model/events.ts';
import type { Colour } from './colour.ts';
import { bytesText, durationText } from './figures.ts';
import { filmBytes, type SummaryRow, summary } from './summary.ts';

/** `12 outputs, 240 MB; 2 already there; 1 failed; 3:20`. */
export function totalsText(results: readonly ExportResult[], tookSec: number): string {
  const done = results.filter((one) => one.status === 'completed');
  const count = (many: number, what: string) => (many > 0 ? [`${many} ${what}`] : []);
  const parts = [
    `${counted(done.length, 'output')}, ${bytesText(done.reduce((sum, one) => sum + filmBytes(one), 0))}`,
    ...count(done.filter((one) => one.skipped).length, 'of them already there'),
    ...count(results.filter((one) => one.status === 'failed').length, 'failed'),
    ...count(results.filter((one) => one.status === 'cancelled').length, 'cancelled'),
    durationText(tookSec),
  ];
  return parts.join('; ');
}

/** `one decode for 4 exports; about 2.5 s of processor time saved, and 3 encodes of the same sound`. */
export function sharingText(sharing: Sharing, noun = 'exports'): string {
  const { exports, decodes, sounds_saved: sounds, saved_cpu_seconds: sec } = sharing;
  const what = `${decodes === 1 ? 'one decode' : `${decodes} decodes`} for ${exports} ${noun}`;
  const more = sounds > 0 ? [`${counted(sounds, 'encode')} of the same sound`] : [];
  const time =
    sec !== null && (sec < 0.1 ? 'less than 0.1 s' : `about ${sec < 100 ? `${sec.toFixed(1)} s` : durationText(sec)}`);
  const saved = [...(time ? [`${time} of processor time`] : []), ...more].map((one, at) =>
    at === 0 ? `${one} saved` : one,
  );
  return saved.length === 0 ? what : `${what}; ${saved.join(', and ')}`;
}

/** The table of all outputs, and what they come to. */
export function multiSummary(
  rows: readonly SummaryRow[],
  tookSec: number,
  sharing: Sharing | null,
  options: { readonly width?: number; readonly colour?: Colour },
): readonly string[] {
  const results = rows.map(({ result }) => result);
  const shared = sharing ? [`shared: ${sharingText(sharing)}`] : [];
  return [...summary(rows, options), totalsText(results, tookSec), ...shared];
}
