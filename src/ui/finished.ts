import wrapAnsi from 'wrap-ansi';
import type { ExportResult } from '../model/events.ts';
import type { Colour } from './colour.ts';
import { printable, shorten, shortenName } from './columns.ts';
import { bytesText, durationText } from './figures.ts';

/**
 * What is said of an export that is over: `done  six.mp4  12.3 MB  0:41`, or that it failed and, indented, why in
 * full. No line is wider than `columns`.
 */
export function finishedLines(
  result: ExportResult,
  label: string,
  colour: Colour,
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  const name = printable(label);
  if (result.status === 'failed') {
    const why = printable(result.error_message ?? result.error_code ?? 'for a reason that it did not tell', '\n');
    const reason = Number.isFinite(columns) ? wrapAnsi(why, columns - 2, { hard: true }) : why;
    return [colour.red(shorten(`failed  ${name}`, columns)), ...reason.split('\n').map((line) => `  ${line}`)];
  }
  if (result.status === 'cancelled') return [colour.yellow(shorten(`cancelled  ${name}`, columns))];
  const bytes = Object.values(result.file_sizes).reduce((sum, size) => sum + size, 0);
  const figures = result.skipped ? 'already there' : `${bytesText(bytes)}  ${durationText(result.duration)}`;
  const text = shorten(`done  ${shortenName(name, Math.max(8, columns - figures.length - 8))}  ${figures}`, columns);
  return [colour.green(text.slice(0, 4)) + text.slice(4)];
}
