import type { ExportResult } from '../model/events.ts';
import type { Colour } from './colour.ts';
import { bytesText, durationText } from './figures.ts';
import { printable } from './printable.ts';
import { filmBytes } from './summary.ts';

/** How a line is made to fit where it is shown. */
export interface Fit {
  readonly line: (text: string) => string;
  /** A name beside so many columns of other text. */
  readonly name: (name: string, others: number) => string;
  readonly wrap: (text: string, indent: number) => string;
}

const AS_IT_IS: Fit = { line: (text) => text, name: (name) => name, wrap: (text) => text };

/**
 * What is said of an export that is over: `done  six.mp4  12.3 MB  0:41`, or that it failed and, indented, why in
 * full. A log takes lines as they are.
 */
export function finishedLines(
  result: ExportResult,
  label: string,
  colour: Colour,
  fit: Fit = AS_IT_IS,
): readonly string[] {
  const name = printable(label);
  if (result.status === 'failed') {
    const why = printable(result.error_message ?? result.error_code ?? 'for a reason that it did not tell', '\n');
    const reason = fit.wrap(why, 2).split('\n');
    return [colour.red(fit.line(`failed  ${name}`)), ...reason.map((line) => `  ${line}`)];
  }
  if (result.status === 'cancelled') return [colour.yellow(fit.line(`cancelled  ${name}`))];
  const figures = result.skipped
    ? 'already there'
    : `${bytesText(filmBytes(result))}  ${durationText(result.duration)}`;
  const text = fit.line(`done  ${fit.name(name, figures.length + 8)}  ${figures}`);
  return [colour.green(text.slice(0, 4)) + text.slice(4)];
}
