import wrapAnsi from 'wrap-ansi';
import type { Colour } from './colour.ts';
import { columnsOf, pad, shorten, shortenName } from './columns.ts';
import { printable } from './printable.ts';

/** A column of a table. What it shows comes without colours. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** What happens where the table is too wide: words wrap, the end or the middle is cut out, or the column stays (default). */
  readonly narrow?: 'wrap' | 'cut' | 'cut-middle' | 'keep';
  /** Fewest columns of the terminal, for `wrap` and `cut`; default 8. */
  readonly least?: number;
  /** Left out where all that can shrink is not enough; the highest goes first. Default: never. */
  readonly drop?: number;
}

const GAP = 2;

interface Measured<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly least: number;
  columns: number;
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const cells = rows.map((row) => printable(column.text(row)));
  const natural = Math.max(columnsOf(column.title), ...cells.map(columnsOf), 1);
  const keeps = (column.narrow ?? 'keep') === 'keep';
  return { column, cells, columns: natural, least: keeps ? natural : Math.min(natural, column.least ?? 8) };
}

/** The columns that find room, each at its least. */
function choose<Row>(table: readonly Measured<Row>[], width: number): readonly Measured<Row>[] {
  const least = table.reduce((sum, one) => sum + one.least, GAP * (table.length - 1));
  const last = Math.max(0, ...table.map(({ column }) => column.drop ?? 0));
  if (least <= width || last === 0) return table;
  return choose(
    table.filter(({ column }) => column.drop !== last),
    width,
  );
}

/** Takes from the widest column that may give, one by one, so that columns end up alike rather than one starved. */
function squeeze<Row>(table: readonly Measured<Row>[], width: number): void {
  const gaps = GAP * (table.length - 1);
  let over = table.reduce((sum, { columns }) => sum + columns, gaps) - width;
  // What may shrink does so first; where that is not enough, everything does.
  for (const leastOf of [(one: Measured<Row>) => one.least, () => 1]) {
    while (over > 0) {
      const giving = table.filter((one) => one.columns > leastOf(one));
      const widest = giving.sort((a, b) => b.columns - a.columns)[0];
      if (!widest) break;
      widest.columns -= 1;
      over -= 1;
    }
  }
}

/** The lines of one cell. */
function cellLines<Row>({ column, columns }: Measured<Row>, cell: string): readonly string[] {
  if (columnsOf(cell) <= columns) return [cell];
  if (column.narrow === 'cut-middle') return [shortenName(cell, columns)];
  if (column.narrow !== 'wrap') return [shorten(cell, columns)];
  return wrapAnsi(cell, columns, { hard: true, trim: true }).split('\n');
}

function rowLines<Row>(table: readonly Measured<Row>[], cells: readonly string[]): readonly string[] {
  const wrapped = table.map((one, index) => cellLines(one, cells[index] ?? ''));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    table
      .map((one, index) => pad(wrapped[index]?.[line] ?? '', one.columns, one.column.align))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/**
 * A table as lines of text, none wider than `width` (default 80; `Infinity` for a file that is searched later) as long
 * as there is room for one character a column. No rows: no lines.
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly width?: number; readonly colour?: Colour } = {},
): readonly string[] {
  if (rows.length === 0) return [];
  // A terminal that nobody gave a size (script, docker run -t) says 0.
  const width = options.width || 80;
  const measured = choose(
    columns.map((column) => measure(column, rows)),
    width,
  );
  squeeze(measured, width);
  const heading = rowLines(
    measured,
    measured.map(({ column }) => column.title),
  );
  const body = rows.flatMap((_, row) =>
    rowLines(
      measured,
      measured.map(({ cells }) => cells[row] ?? ''),
    ),
  );
  return [...heading.map((line) => options.colour?.bold(line) ?? line), ...body];
}
