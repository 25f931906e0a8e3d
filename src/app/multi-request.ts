import { resolve } from 'node:path';
import { loadJobFile } from '../config/job-file.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import { keyOf, propertyOf } from '../model/options.ts';
import { type OptionOrigin, readOption, readOptions } from '../model/read-options.ts';
import { parseTime } from '../model/units.ts';
import { DEFAULT_NAME, type Moment } from '../plan/naming.ts';
import {
  type Job,
  type MultiSettings,
  multiSettings,
  type RawSettings,
  readJob,
  readSpec,
  type WantedExport,
} from '../presets/job.ts';
import { overruled } from '../presets/layers.ts';
import type { Session } from './call.ts';
import { type LadderRequest, readLadder } from './ladder-request.ts';
import { MULTI_KEYS } from './layers.ts';
import { momentNow } from './moment.ts';
import { expandSources, readList } from './multi-sources.ts';

/** What was typed: flags raw, by their keys in snake_case. */
export interface MultiCall {
  readonly inputs: readonly string[];
  readonly flags: RawSettings;
}

/** One delivery of a `multi`. */
export interface RequestedExport {
  readonly label: string;
  /** As typed. */
  readonly input: string;
  readonly flags: RawSettings;
  /** As typed; undefined: beside the source. */
  readonly folder: string | undefined;
  /** Seconds that this one may take. */
  readonly timeoutSec: number | undefined;
}

/** Everything that was asked for, so that it can be kept and asked for again. Paths are relative to `cwd`. */
export interface MultiRequest {
  readonly cwd: string;
  readonly exports: readonly RequestedExport[];
  readonly parallel: number;
  /** Most exports of one source that one process makes; undefined: as many as `parallel`. */
  readonly together?: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly failFast: boolean;
  /** Whether exports of one source share its decode; undefined: where that pays. */
  readonly share: boolean | undefined;
  /** Seconds that all of it may take, where the job file says so. */
  readonly timeoutSec: number | undefined;
  /** Files that the request was read from, as typed. */
  readonly files: readonly string[];
  readonly depfile: string | undefined;
  readonly receipts: string | undefined;
  /** The page of all outputs. */
  readonly report?: string | undefined;
  readonly now: Moment;
  /** Each export stands for the package of its source: what its renditions are is known when the source was looked at. */
  readonly ladder?: LadderRequest | undefined;
}

const DEFAULT_PARALLEL = 3;
/** All rungs of a ladder run at once where memory allows: their source is then decoded once. */
const MANY_RUNGS = 12;
/**
 * A ladder in one process, where nobody says how many: its decode is shared by all. Four H.264 renditions of a 1080p film (1.5 s, two
 * cores with other work on them, twice in turns) took 14.3 and 12.6 s of processor time in one process, 14.4 and 14.8 in two of two.
 */
const DEFAULT_TOGETHER = 4;

/** Flags that are about the command and not about each of its exports. */
const OWN_FLAGS = ['export', 'job', 'from', 'resume', 'dry_run', 'receipt', 'depfile', 'report', 'timeout', 'output'];
const MULTI_FLAGS = MULTI_OPTIONS.map((row) => keyOf(row.name));

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const snake = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function usage(code: string, message: string, path: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}

/** Settings over weaker ones. Who says something of the rate takes back what the weaker says of it. */
function over(weaker: RawSettings, stronger: RawSettings): RawSettings {
  const gone = overruled(Object.keys(stronger).map(propertyOf)).map(snake);
  return { ...Object.fromEntries(Object.entries(weaker).filter(([key]) => !gone.includes(key))), ...stronger };
}

/** What a layer says of the whole; what cannot be read is a finding. */
export function readMultiValues(raw: RawSettings, origin: OptionOrigin, issues: Issue[]): MultiSettings {
  const read: Record<string, unknown> = {};
  for (const row of MULTI_OPTIONS) {
    const value = raw[keyOf(row.name)];
    if (value === undefined || value === null) continue;
    const one = readOption(row, value, origin);
    if (one.ok) read[keyOf(row.name)] = one.value;
    else issues.push(one.issue);
  }
  return multiSettings(read);
}

/** What was set outside the command line, weakest first. */
function readSetMulti({ configPath, configValues, environment }: Session, issues: Issue[]): MultiSettings {
  const set = (raw: RawSettings) => Object.fromEntries(Object.entries(raw).filter(([key]) => MULTI_KEYS.includes(key)));
  return {
    ...readMultiValues(set(configValues), { kind: 'config', file: configPath ?? 'the config' }, issues),
    ...readMultiValues(set(environment), { kind: 'env' }, issues),
  };
}

const NO_JOB: Job = { sources: undefined, exports: undefined, settings: {}, multi: {} };

async function readJobFile(typed: string | undefined, cwd: string, issues: Issue[]): Promise<Job> {
  if (typed === undefined) return NO_JOB;
  const { values, placeOf } = await loadJobFile(typed, cwd);
  const { job, issues: found } = await readJob(values, typed, placeOf);
  issues.push(...found);
  return job;
}

const NO_EXPORTS = 'give --export codec:resolution:quality, such as h264:1080p:high, or a job file with `exports`';

/** What one source is made into by a ladder, until its rungs are known. */
const WHOLE_LADDER: WantedExport = { label: 'package', settings: {}, suffix: '', folder: undefined };

const hasExports = (flags: RawSettings, job: Job): boolean => flags.export !== undefined || job.exports !== undefined;

function wantedExports(flags: RawSettings, job: Job, issues: Issue[]): readonly WantedExport[] {
  const specs = Array.isArray(flags.export) ? flags.export.map(String) : [];
  if (specs.length > 0 && job.exports !== undefined) {
    const message = `--export and the exports of ${String(flags.job)} are two different jobs`;
    issues.push(usage('two_jobs', message, '--export', 'give one of them'));
  }
  if (specs.length === 0 && job.exports === undefined) {
    const where = flags.job === undefined ? '' : `: ${String(flags.job)} holds none`;
    issues.push(usage('no_exports', `there is nothing to make${where}`, '--export', NO_EXPORTS));
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
    return [usage('duplicate_export', message, '--export', 'remove one; flags are for all exports and win over a job')];
  });
}

/** The pattern with the export's own ending. A pattern that configuration or environment set is kept. */
function namePattern({ environment, configValues }: Session, settings: RawSettings, suffix: string): RawSettings {
  if (suffix === '') return {};
  const set = settings.name ?? environment.name ?? configValues.name ?? configValues.naming_pattern;
  return { name: `${textOf(set) ?? DEFAULT_NAME}${suffix}` };
}

function timeoutOf(raw: unknown): number | undefined {
  const time = raw === undefined ? undefined : parseTime(String(raw));
  return time && time.sec > 0 ? time.sec : undefined;
}

const without = (settings: RawSettings, keys: readonly string[]): RawSettings =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key)));

function refuseOutput(flags: RawSettings): readonly Issue[] {
  if (flags.output === undefined) return [];
  const hint = '--output-folder FOLDER says where the outputs go, --name PATTERN what they are called';
  return [usage('output_of_multi', '-o names one output, and multi makes several', '--output', hint)];
}

/** Flags of the command that a ladder has no use for. */
const sideFlags = ({ receipt, depfile, report }: RawSettings): RawSettings => ({ receipt, depfile, report });

async function typedSources(call: MultiCall, job: Job, cwd: string, signal: AbortSignal): Promise<readonly string[]> {
  const from = textOf(call.flags.from);
  const listed = from === undefined ? [] : await readList(from, cwd, signal);
  const typed = [...call.inputs, ...listed];
  const sources = typed.length > 0 ? typed : (job.sources ?? []);
  if (sources.length > 0) return sources;
  throw new SgError('USAGE', 'there is no source', {
    hint: 'name files or folders, a list of them with --from FILE, or `sources` in the job file',
  });
}

/** Names that two sources share are told apart by their folders. */
function sourceLabel(input: string, inputs: readonly string[]): string {
  const name = input.split('/').at(-1) ?? input;
  return inputs.some((other) => other !== input && other.split('/').at(-1) === name) ? input : name;
}

/** Reads what was typed, the job file and the list of sources. Throws SgError USAGE or INPUT with all findings. */
export async function readMultiRequest(
  session: Session,
  call: MultiCall,
  signal: AbortSignal,
): Promise<{ readonly request: MultiRequest; readonly notes: readonly string[] }> {
  const { flags } = call;
  const issues: Issue[] = [...refuseOutput(flags)];
  const jobFile = textOf(flags.job);
  const job = await readJobFile(jobFile, session.cwd, issues);
  const multi = {
    ...readSetMulti(session, issues),
    ...job.multi,
    ...readMultiValues(flags, { kind: 'flag' }, issues),
  };
  const forAll = without(flags, [...OWN_FLAGS, ...MULTI_FLAGS]);
  issues.push(...readOptions({ ...forAll, timeout: flags.timeout }, { kind: 'flag' }).issues);
  const ladder = readLadder(multi, { ...job.settings, ...forAll, ...sideFlags(flags) }, hasExports(flags, job), issues);
  const all = ladder ? [WHOLE_LADDER] : wantedExports(flags, job, issues);
  const exports = all.map((wanted) => {
    const own = over(job.settings, wanted.settings);
    const settings = without(over(own, forAll), ['timeout']);
    return { wanted, settings, timeoutSec: timeoutOf(wanted.settings.timeout) };
  });
  issues.push(...duplicates(exports));
  const found = await expandSources(session, await typedSources(call, job, session.cwd, signal));
  issues.push(...found.issues);
  const blocking = errorOfIssues(issues);
  if (blocking) throw blocking;
  const { inputs } = found;
  const place = (path: unknown): string | undefined => textOf(path);
  return {
    notes: found.notes,
    request: {
      cwd: session.cwd,
      exports: inputs.flatMap((input) =>
        exports.map(({ wanted, settings, timeoutSec }) => ({
          label: inputs.length > 1 ? `${sourceLabel(input, inputs)} ${wanted.label}` : wanted.label,
          input,
          flags: { ...settings, ...namePattern(session, settings, wanted.suffix) },
          folder: flags.output_folder === undefined ? (wanted.folder ?? multi.outputFolder) : multi.outputFolder,
          timeoutSec,
        })),
      ),
      ladder,
      parallel: multi.parallel ?? (ladder ? MANY_RUNGS : DEFAULT_PARALLEL),
      together: multi.parallel ?? (ladder ? MANY_RUNGS : DEFAULT_TOGETHER),
      memoryBytes: multi.memory,
      failFast: multi.failFast === true,
      share: multi.share,
      timeoutSec: flags.timeout === undefined ? timeoutOf(job.settings.timeout) : undefined,
      files: jobFile === undefined ? [] : [jobFile],
      depfile: place(flags.depfile),
      receipts: place(flags.receipt),
      report: place(flags.report),
      now: momentNow(),
    },
  };
}

/** Most exports that run at once. */
export const mostAtOnce = ({ parallel, together = parallel }: Pick<MultiRequest, 'parallel' | 'together'>): number =>
  Math.max(parallel, together);

/** Absolute path of the folder that an export's outputs go to; undefined: beside its source. */
export const folderOf = ({ cwd }: MultiRequest, { folder }: RequestedExport): string | undefined =>
  folder === undefined ? undefined : resolve(cwd, folder);
