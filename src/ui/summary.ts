import type { ExportResult } from '../model/events.ts';
import type { Colour } from './colour.ts';
import { bytesText, durationText } from './figures.ts';
import { type Column, table } from './table.ts';

/** A finished export and the length of its film, which its result does not tell. */
export interface SummaryRow {
  readonly result: ExportResult;
  readonly label: string;
  /** Seconds of film in the output; null where not known. */
  readonly mediaSec: number | null;
}

const fileOf = ({ result, label }: SummaryRow): string => result.output_files[0]?.split(/[\\/]/).at(-1) ?? label;
const PICTURE = /\.thumb-\d+-\d+x\d+\.jpg$/;

/** Of the film, in however many files: the pictures beside it are no part of what it weighs, or of its bitrate. */
export const filmBytes = ({ file_sizes }: Pick<ExportResult, 'file_sizes'>): number =>
  Object.entries(file_sizes).reduce((sum, [path, size]) => (PICTURE.test(path) ? sum : sum + size), 0);
const bytesOf = ({ result }: SummaryRow): number => filmBytes(result);
const isDone = ({ result }: SummaryRow): boolean => result.status === 'completed';

function bitrateText(row: SummaryRow): string {
  if (!isDone(row) || !row.mediaSec) return '';
  return `${Math.round((bytesOf(row) * 8) / 1000 / row.mediaSec)} kbps`;
}

function speedText(row: SummaryRow): string {
  if (!isDone(row) || !row.mediaSec || row.result.duration <= 0 || row.result.skipped) return '';
  return `${(row.mediaSec / row.result.duration).toFixed(1)}x`;
}

const COLUMNS: readonly Column<SummaryRow>[] = [
  { title: 'File', text: fileOf, narrow: 'cut-middle', least: 28 },
  { title: 'Size', text: (row) => (isDone(row) ? bytesText(bytesOf(row)) : ''), align: 'right' },
  { title: 'Bitrate', text: bitrateText, align: 'right', drop: 2 },
  {
    title: 'Duration',
    text: (row) => (row.mediaSec === null ? '' : durationText(row.mediaSec)),
    align: 'right',
    drop: 3,
  },
  { title: 'SSIM', text: ({ result }) => result.verification?.ssim?.toFixed(4) ?? '', align: 'right' },
  { title: 'Speed', text: speedText, align: 'right', drop: 1 },
  { title: 'Shared', text: ({ result }) => result.shared ?? '', drop: 4 },
];

const STATUS: Column<SummaryRow> = {
  title: 'Status',
  text: ({ result: { skipped, status, error_code } }) =>
    skipped ? 'already there' : status === 'failed' ? (error_code ?? status) : status,
};

/** What people want to know of finished exports, as a table. `title`: of what its rows are, in place of files. The status is a column only where one did not succeed. */
export function summary(
  rows: readonly SummaryRow[],
  options: { readonly width?: number; readonly colour?: Colour; readonly title?: string } = {},
): readonly string[] {
  const measured = rows.some(({ result }) => result.verification?.ssim !== undefined);
  const shared = rows.some(({ result }) => result.shared !== undefined);
  const named = COLUMNS.map((column, n) => (n === 0 ? { ...column, title: options.title ?? column.title } : column));
  const columns = named.filter(({ title }) => (title !== 'SSIM' || measured) && (title !== 'Shared' || shared));
  const plain = rows.every((row) => isDone(row) && !row.result.skipped);
  return table(plain ? columns : [...columns, STATUS], rows, options);
}
