import wrapAnsi from 'wrap-ansi';
import type { Colour } from './colour.ts';
import { columnsOf, pad } from './columns.ts';
import { printable } from './printable.ts';

/** How a page is drawn: the terminal's width in columns, and its colours. */
export interface Look {
  readonly width: number;
  readonly colour: Colour;
}

/** Names with their values, values wrapped beside the names. Pairs without a value are left out. */
export function pairs(rows: readonly (readonly [name: string, value: string | null | undefined])[], look: Look) {
  const shown = rows.filter((row): row is readonly [string, string] => Boolean(row[1]));
  const column = Math.max(0, ...shown.map(([name]) => columnsOf(name))) + 2;
  return shown.flatMap(([name, value]) =>
    wrapAnsi(printable(value, '\n'), Math.max(20, look.width - column), { hard: true, trim: true })
      .split('\n')
      .map((line, index) => `${index === 0 ? look.colour.dim(pad(name, column)) : ' '.repeat(column)}${line}`),
  );
}

/** A text wrapped to the page, every line after the first as far in as `by`. */
export function paragraph(text: string, look: Look, by = ''): readonly string[] {
  const lines = wrapAnsi(printable(text, '\n'), look.width - by.length, { hard: false, trim: true }).split('\n');
  return lines.map((line) => `${by}${line}`);
}
