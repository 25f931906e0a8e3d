import { loadJobFile } from '../config/job-file.ts';
import type { Issue } from '../model/errors.ts';
import { propertyOf } from '../model/options.ts';
import { readOptions } from '../model/read-options.ts';
import { parseTime } from '../model/units.ts';
import { wrong } from '../plan/finding.ts';
import { type Job, type RawSettings, readJob, readSpec, type WantedExport } from '../presets/job.ts';
import { overruled } from '../presets/layers.ts';

/** An export as it is asked for, whatever its source: its settings, under the flags that are for all. */
export interface AskedExport {
  readonly wanted: WantedExport;
  readonly settings: RawSettings;
  /** Seconds that it may take. */
  readonly timeoutSec: number | undefined;
}

interface Asking {
  readonly flags: RawSettings;
  /** Those of them that are about each export. */
  readonly forAll: RawSettings;
  readonly job: Job;
  readonly isLadder: boolean;
}

const snake = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Settings over weaker ones. Who says something of the rate takes back what the weaker says of it. */
function over(weaker: RawSettings, stronger: RawSettings): RawSettings {
  const gone = overruled(Object.keys(stronger).map(propertyOf)).map(snake);
  return { ...Object.fromEntries(Object.entries(weaker).filter(([key]) => !gone.includes(key))), ...stronger };
}

const NO_JOB: Job = { sources: undefined, exports: undefined, settings: {}, multi: {} };

export async function readJobFile(typed: string | undefined, cwd: string, issues: Issue[]): Promise<Job> {
  if (typed === undefined) return NO_JOB;
  const { values, placeOf } = await loadJobFile(typed, cwd);
  const { job, issues: found } = await readJob(values, typed, placeOf);
  issues.push(...found);
  return job;
}

const NO_EXPORTS = 'give --export codec:resolution:quality, such as h264:1080p:high, or a job file with `exports`';

/** What one source is made into by a ladder, until its rungs are known. */
const WHOLE_LADDER: WantedExport = { label: 'package', settings: {}, suffix: '', folder: undefined };

export const hasExports = (flags: RawSettings, job: Job): boolean =>
  flags.export !== undefined || job.exports !== undefined;

function wantedExports(flags: RawSettings, job: Job, issues: Issue[]): readonly WantedExport[] {
  const specs = Array.isArray(flags.export) ? flags.export.map(String) : [];
  if (specs.length > 0 && job.exports !== undefined) {
    const message = `--export and the exports of ${String(flags.job)} are two different jobs`;
    issues.push(wrong('two_jobs', '--export', message, 'give one of them', 'USAGE'));
  }
  if (specs.length === 0 && job.exports === undefined) {
    const where = flags.job === undefined ? '' : `: ${String(flags.job)} holds none`;
    issues.push(wrong('no_exports', '--export', `there is nothing to make${where}`, NO_EXPORTS, 'USAGE'));
  }
  if (specs.length === 0) return job.exports ?? [];
  return specs.flatMap((spec) => readSpec(spec, `--export ${spec}`, issues) ?? []);
}

/** Equal for two exports that would make the same file twice. Settings that cannot be read are told elsewhere. */
function identityOf(settings: RawSettings, { suffix, folder }: WantedExport): string {
  const { values } = readOptions(settings, { kind: 'flag' });
  return JSON.stringify([Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)), suffix, folder]);
}

function duplicates(exports: readonly { readonly wanted: WantedExport; readonly settings: RawSettings }[]) {
  const seen = new Map<string, number>();
  return exports.flatMap(({ wanted, settings }, index) => {
    const identity = identityOf(settings, wanted);
    const before = seen.get(identity);
    if (before === undefined) {
      seen.set(identity, index);
      return [];
    }
    const name = (at: number) => `export ${at + 1} (${exports[at]?.wanted.label.replace(/^export \d+ ?\(?|\)$/g, '')})`;
    const message = `${name(before)} and ${name(index)} are the same export`;
    const hint = 'remove one; flags are for all exports and win over a job';
    return [wrong('duplicate_export', '--export', message, hint, 'USAGE')];
  });
}

export function timeoutOf(raw: unknown): number | undefined {
  const time = raw === undefined ? undefined : parseTime(String(raw));
  return time && time.sec > 0 ? time.sec : undefined;
}

export const without = (settings: RawSettings, keys: readonly string[]): RawSettings =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key)));

/** What is asked for of each source: the job's exports or those of the command line, or the package that stands for a ladder's. */
export function wantedOf({ flags, forAll, job, isLadder }: Asking, issues: Issue[]): readonly AskedExport[] {
  const all = isLadder ? [WHOLE_LADDER] : wantedExports(flags, job, issues);
  const asked = all.map((wanted) => {
    const own = over(job.settings, wanted.settings);
    const settings = without(over(own, forAll), ['timeout']);
    return { wanted, settings, timeoutSec: timeoutOf(wanted.settings.timeout) };
  });
  issues.push(...duplicates(asked));
  return asked;
}
