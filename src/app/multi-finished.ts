import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { sameContent } from '../files/stamp.ts';
import { NOTHING_MADE } from '../model/events.ts';
import type { FileStamp, JobRecord } from '../model/history.ts';
import type { Session } from './call.ts';
import { folderOf, type MultiRequest, type RequestedExport } from './multi-request.ts';
import { type ExportOutcome, filesOf } from './outcome.ts';

/**
 * An export that is not run: of a run that is taken up, finished before, and its source gone since, so that it cannot be looked
 * at again and need not be; or a rendition of a package that is there.
 */
export interface FinishedBefore {
  /** Its place in the request. */
  readonly at: number;
  readonly asked: RequestedExport;
  /** The film and its pictures, absolute paths. */
  readonly made: readonly string[];
  readonly outcome: ExportOutcome;
  readonly warning: string | undefined;
}

/** Equal for the same flags, in whatever order they were kept. */
function flagsKey({ multi_id: _id, settings: _settings, ...flags }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isOf(job: JobRecord, request: MultiRequest, asked: RequestedExport, source: string): boolean {
  const [output] = job.output_files;
  if (job.status !== 'completed' || output === undefined || job.source !== source) return false;
  const folder = folderOf(request, asked) ?? dirname(source);
  return dirname(output) === folder && flagsKey(job.export_config) === flagsKey(asked.flags);
}

/** The file that an export left, if it is still the one. */
async function leftBy(session: Session, { output_files }: JobRecord, signal: AbortSignal) {
  const record = session.history.findOutput(output_files[0] ?? '');
  const stands = record && (await sameContent(record.output, record.output.path, { signal }).catch(() => false));
  return stands ? record.output : undefined;
}

/** The exports of a run that is taken up which are finished, and whose sources are gone. */
export async function finishedBefore(
  session: Session,
  request: MultiRequest,
  multiId: string,
  signal: AbortSignal,
): Promise<readonly FinishedBefore[]> {
  const jobs = session.history.listJobs().filter(({ export_config }) => export_config.multi_id === multiId);
  const found: FinishedBefore[] = [];
  for (const [at, asked] of request.exports.entries()) {
    const source = resolve(request.cwd, asked.input);
    if (await stat(source).catch(() => undefined)) continue;
    const job = jobs.find((one) => isOf(one, request, asked, source));
    const output = job && (await leftBy(session, job, signal));
    if (!job || !output) continue;
    const warning = `${asked.input} is gone; what was made of it before stays as it is: ${output.path}`;
    found.push({ at, asked, made: job.output_files, warning, outcome: outcomeOf(job, output) });
  }
  return found;
}

function outcomeOf(job: JobRecord, output: FileStamp): ExportOutcome {
  return {
    error: undefined,
    prepared: undefined,
    result: {
      ...NOTHING_MADE,
      type: 'result',
      export_id: job.export_id,
      status: 'completed',
      progress: 100,
      current_stage: 'optimization',
      source: job.source,
      ...filesOf([output]),
      skipped: true,
    },
  };
}

/** All outcomes in the order of the request. */
export function withFinished(
  outcomes: readonly ExportOutcome[],
  before: readonly FinishedBefore[],
): readonly ExportOutcome[] {
  const all = [...outcomes];
  for (const { at, outcome } of before) all.splice(at, 0, outcome);
  return all;
}
