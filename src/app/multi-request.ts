import { resolve } from 'node:path';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import { keyOf } from '../model/options.ts';
import { readOptions } from '../model/read-options.ts';
import { wrong } from '../plan/finding.ts';
import { DEFAULT_NAME, type Moment } from '../plan/naming.ts';
import type { Job, MultiSettings, RawSettings } from '../presets/job.ts';
import type { Session } from './call.ts';
import { type LadderRequest, readLadder } from './ladder-request.ts';
import { momentNow } from './moment.ts';
import { readMultiValues, readSetMulti } from './multi-settings.ts';
import { expandSources, readList, unreadable } from './multi-sources.ts';
import { type AskedExport, hasExports, readJobFile, timeoutOf, wantedOf, without } from './multi-wanted.ts';

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

function refuseOutput(flags: RawSettings): readonly Issue[] {
  if (flags.output === undefined) return [];
  const hint = '--output-folder FOLDER says where the outputs go, --name PATTERN what they are called';
  return [wrong('output_of_multi', '--output', '-o names one output, and multi makes several', hint, 'USAGE')];
}

/** The pattern with the export's own ending. A pattern that configuration or environment set is kept. */
function namePattern({ environment, configValues }: Session, settings: RawSettings, suffix: string): RawSettings {
  if (suffix === '') return {};
  const set = settings.name ?? environment.name ?? configValues.name ?? configValues.naming_pattern;
  return { name: `${textOf(set) ?? DEFAULT_NAME}${suffix}` };
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

/** Each export of each source. */
function exportsOf(
  session: Session,
  inputs: readonly string[],
  asked: readonly AskedExport[],
  folderOf: (wanted: AskedExport['wanted']) => string | undefined,
): readonly RequestedExport[] {
  return inputs.flatMap((input) =>
    asked.map(({ wanted, settings, timeoutSec }) => ({
      label: inputs.length > 1 ? `${sourceLabel(input, inputs)} ${wanted.label}` : wanted.label,
      input,
      flags: { ...settings, ...namePattern(session, settings, wanted.suffix) },
      folder: folderOf(wanted),
      timeoutSec,
    })),
  );
}

/** How the whole runs: what of it the whole's own settings say, and defaults for the rest. */
function runningOf(multi: MultiSettings, ladder: LadderRequest | undefined) {
  return {
    parallel: multi.parallel ?? (ladder ? MANY_RUNGS : DEFAULT_PARALLEL),
    together: multi.parallel ?? (ladder ? MANY_RUNGS : DEFAULT_TOGETHER),
    memoryBytes: multi.memory,
    failFast: multi.failFast === true,
    share: multi.share,
  };
}

/** Reads what was typed, the job file and the list of sources. Throws SgError USAGE or INPUT with all findings. */
export async function readMultiRequest(
  session: Session,
  call: MultiCall,
  signal: AbortSignal,
): Promise<{ readonly request: MultiRequest; readonly notes: readonly string[] }> {
  const { flags } = call;
  const { cwd } = session;
  const issues: Issue[] = [...refuseOutput(flags)];
  const jobFile = textOf(flags.job);
  const job = await readJobFile(jobFile, cwd, issues);
  const own = readMultiValues(flags, { kind: 'flag' }, issues);
  const multi = { ...readSetMulti(session, issues), ...job.multi, ...own };
  const forAll = without(flags, [...OWN_FLAGS, ...MULTI_FLAGS]);
  issues.push(...readOptions({ ...forAll, timeout: flags.timeout }, { kind: 'flag' }).issues);
  const ladder = readLadder(multi, { ...job.settings, ...forAll, ...sideFlags(flags) }, hasExports(flags, job), issues);
  const asked = wantedOf({ flags, forAll, job, isLadder: ladder !== undefined }, issues);
  const { inputs, notes, issues: unfound } = await expandSources(session, await typedSources(call, job, cwd, signal));
  if (errorOfIssues([...issues, ...unfound])) {
    throw errorOfIssues([...issues, ...unfound, ...(await unreadable(session, inputs))]);
  }
  const folderOf = ({ folder }: AskedExport['wanted']) =>
    flags.output_folder === undefined ? (folder ?? multi.outputFolder) : multi.outputFolder;
  const request: MultiRequest = {
    cwd,
    exports: exportsOf(session, inputs, asked, folderOf),
    ladder,
    ...runningOf(multi, ladder),
    timeoutSec: flags.timeout === undefined ? timeoutOf(job.settings.timeout) : undefined,
    files: jobFile === undefined ? [] : [jobFile],
    depfile: textOf(flags.depfile),
    receipts: textOf(flags.receipt),
    report: textOf(flags.report),
    now: momentNow(),
  };
  return { notes, request };
}

/** Most exports that run at once. */
export const mostAtOnce = ({ parallel, together = parallel }: Pick<MultiRequest, 'parallel' | 'together'>): number =>
  Math.max(parallel, together);

/** Absolute path of the folder that an export's outputs go to; undefined: beside its source. */
export const folderOf = ({ cwd }: MultiRequest, { folder }: RequestedExport): string | undefined =>
  folder === undefined ? undefined : resolve(cwd, folder);
