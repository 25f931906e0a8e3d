import type { JobRecord } from '../model/history.ts';
import { formatBytes } from '../model/units.ts';
import { type Look, pairs } from './pairs.ts';
import { table } from './table.ts';

type Job = Omit<JobRecord, 'host' | 'pid'>;

const RUNNING = ['queued', 'preparing', 'encoding', 'optimizing', 'finalizing'];
const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
const pad = (n: number): string => String(n).padStart(2, '0');

/** Local time to the minute, as a person reads it. */
export function momentText(iso: string | null): string {
  const date = new Date(iso ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function bytesOf(job: Job): string {
  const sizes = Object.values(job.file_sizes);
  return sizes.length === 0 ? '' : formatBytes(sizes.reduce((sum, size) => sum + size, 0));
}

function outputsText(job: Job): string {
  const [first, ...more] = job.status === 'completed' ? job.output_files.map(nameOf) : [];
  return first === undefined ? '' : `${first}${more.length > 0 ? ` +${more.length}` : ''}`;
}

const statusText = (job: Job): string =>
  RUNNING.includes(job.status) ? `${job.status} ${Math.floor(job.progress)}%` : job.status;

/** Exports as a table, in the order given. */
export function jobTable(jobs: readonly Job[], look: Look): readonly string[] {
  return table<Job>(
    [
      { title: 'Id', text: (job) => job.export_id.slice(0, 8) },
      { title: 'Status', text: statusText },
      { title: 'Source', text: (job) => nameOf(job.source), narrow: 'cut', least: 10 },
      { title: 'Output', text: outputsText, narrow: 'cut', least: 10 },
      { title: 'Size', text: bytesOf, align: 'right' },
      { title: 'When', text: (job) => momentText(job.created_at) },
    ],
    jobs,
    look,
  );
}

const shown = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function tookText(job: Job): string | null {
  if (!job.started_at || !job.completed_at) return null;
  return `${((Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000).toFixed(1)} s`;
}

/** What was said of an export, and what came. */
interface Estimate {
  readonly method: string;
  readonly said_mb: number;
  readonly was_mb: number;
  readonly said_seconds: number | null;
  readonly took_seconds: number | null;
}

function estimateText({ method, said_mb: said, was_mb: was, said_seconds: sec, took_seconds: took }: Estimate): string {
  const times = sec === null || took === null ? '' : `; said ${sec} s, took ${took} s`;
  return `said ${formatBytes(said * 1e6)}, was ${formatBytes(was * 1e6)} (${method})${times}`;
}

/** Everything that is known of one export. */
export function jobPage(job: Job, estimate: Estimate | null, look: Look): readonly string[] {
  const { settings, ...asked } = job.export_config;
  const decided = typeof settings === 'object' && settings !== null ? Object.entries(settings) : [];
  const files = job.output_files.map((path) => {
    const bytes = job.file_sizes[path];
    return bytes === undefined ? path : `${path} (${formatBytes(bytes)})`;
  });
  return [
    ...pairs(
      [
        ['Export', job.export_id],
        ['Status', `${statusText(job)}${job.status === 'completed' ? '' : `, stage ${job.current_stage}`}`],
        ['Source', job.source],
        ['Output', job.status === 'completed' ? files.join('\n') : null],
        ['Begun', momentText(job.started_at ?? job.created_at)],
        ['Took', tookText(job)],
        ['Estimate', estimate && estimateText(estimate)],
        ['Error', job.error_message],
        [
          'Asked',
          Object.entries(asked)
            .map(([key, value]) => `${key} = ${shown(value)}`)
            .join('\n'),
        ],
        [
          'Settings',
          decided
            .filter(([, value]) => value !== null)
            .map(([key, value]) => `${key} = ${shown(value)}`)
            .join('\n'),
        ],
      ],
      look,
    ),
  ];
}
