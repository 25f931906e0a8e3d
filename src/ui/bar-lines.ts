import type { Colour } from './colour.ts';
import { columnsOf, pad, shortenName } from './columns.ts';
import { bytesText, etaText, fpsText, percentText, speedText } from './figures.ts';
import { printable } from './printable.ts';
import type { Running } from './progress-board.ts';

const [FULL, EMPTY] = ['█', '░'];
const LEAST_LABEL = 12;
const MOST_LABEL = 40;
const LEAST_BAR = 8;
const MOST_BAR = 40;

/** The figures of a line, left to right. The one with the highest `drop` goes first where the terminal is narrow. */
const FIGURES: readonly {
  readonly text: (line: Running) => string;
  /** Kept even while the figure is shorter, so that the line does not jump about. */
  readonly least: number;
  readonly drop: number;
}[] = [
  { text: (line) => percentText(line.progress), least: 3, drop: 0 },
  { text: (line) => fpsText(line.fps), least: 6, drop: 4 },
  { text: (line) => speedText(line.speed), least: 4, drop: 2 },
  { text: (line) => etaText(line.etaSec), least: 8, drop: 1 },
  { text: (line) => bytesText(line.bytes), least: 8, drop: 3 },
];

interface Figure {
  readonly texts: readonly string[];
  readonly columns: number;
  readonly drop: number;
}

/** Columns for label and bar that are left beside the figures, a space before each. */
const roomBeside = (figures: readonly Figure[], columns: number): number =>
  columns - figures.reduce((sum, figure) => sum + figure.columns + 1, 0);

function chooseFigures(lines: readonly Running[], columns: number): readonly Figure[] {
  let figures: Figure[] = FIGURES.map(({ text, least, drop }) => {
    const texts = lines.map(text);
    return { texts, columns: Math.max(least, ...texts.map(columnsOf)), drop };
  });
  while (figures.length > 1 && roomBeside(figures, columns) < LEAST_LABEL + 1 + LEAST_BAR) {
    const worst = Math.max(...figures.map((figure) => figure.drop));
    figures = figures.filter((figure) => figure.drop !== worst);
  }
  return figures;
}

/** The lines of one frame, in columns that stand below each other. None is wider than `columns`. */
export function barLines(lines: readonly Running[], columns: number, colour: Colour): readonly string[] {
  const figures = chooseFigures(lines, columns);
  const room = roomBeside(figures, columns);
  const labels = lines.map((line) => printable(line.label));
  const wanted = Math.min(MOST_LABEL, Math.max(...labels.map(columnsOf), LEAST_LABEL));
  const labelColumns = Math.max(1, Math.min(wanted, room - 1 - LEAST_BAR));
  const barColumns = Math.min(MOST_BAR, room - 1 - labelColumns);
  return lines.map((line, index) => {
    const full = Math.min(barColumns, Math.floor((line.progress / 100) * barColumns));
    const bar = barColumns >= 4 ? ` ${colour.cyan(FULL.repeat(full))}${EMPTY.repeat(barColumns - full)}` : '';
    const text = figures.map((figure) => ` ${pad(figure.texts[index] ?? '', figure.columns, 'right')}`).join('');
    return `${pad(shortenName(labels[index] ?? '', labelColumns), labelColumns)}${bar}${text}`;
  });
}
