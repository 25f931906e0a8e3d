import { probeMedia } from '../ffmpeg/probe.ts';
import { openSource } from '../files/source-file.ts';
import { errorOfIssues, type Issue, type IssueExit, SgError } from '../model/errors.ts';
import { mainVideo } from '../plan/resolve.ts';
import { judge, type RuleVerdict, verdictsToIssues } from '../presets/judge.ts';
import type { Platform } from '../presets/platform.ts';
import type { ExportCall, Session } from './call.ts';
import { foldRequest, readLayers } from './layers.ts';
import { measureDelivery } from './measure-delivery.ts';
import { prepareExport } from './prepare.ts';
import { sourceIssues } from './source-issues.ts';
import { findToolchain } from './toolchain.ts';

/** All that was found, whatever it was; `error` is what an export would end with. */
export interface Findings {
  readonly valid: boolean;
  readonly issues: readonly Issue[];
  /** What each rule of the platform says; empty without one, or where nothing could be measured. */
  readonly rules: readonly RuleVerdict[];
  readonly platform: string | undefined;
  readonly error: SgError | undefined;
}

function findings(issues: readonly Issue[], rules: readonly RuleVerdict[], platform: Platform | undefined): Findings {
  const error = errorOfIssues(issues);
  return { valid: error === undefined, issues, rules, platform: platform?.name, error };
}

const FINDABLE: readonly IssueExit[] = ['USAGE', 'INPUT', 'RULES', 'TOOLCHAIN', 'ENCODE', 'TARGET'];

/** What was thrown as findings; what is none (a signal, a bug) goes on. */
export function issuesOf(thrown: unknown, path: string): readonly Issue[] {
  if (!(thrown instanceof SgError)) throw thrown;
  if (thrown.issues.some((issue) => issue.severity === 'error')) return thrown.issues;
  const exit = FINDABLE.find((name) => name === thrown.code);
  if (!exit) throw thrown;
  const own: Issue = {
    severity: 'error',
    code: { USAGE: 'usage', INPUT: 'bad_input', TOOLCHAIN: 'toolchain' }[thrown.code as string] ?? exit.toLowerCase(),
    message: thrown.message,
    path: exit === 'INPUT' ? path : '',
    hint: thrown.hint,
    exit,
  };
  return [...thrown.issues, own];
}

/** A full disk may be emptied before the export runs: here it is only worth a warning. */
const softened = (issue: Issue): Issue => (issue.code === 'disk_too_small' ? { ...issue, severity: 'warning' } : issue);

/** Checks a request exactly as an export would, and runs nothing. Throws only what is no finding: signals and bugs. */
export async function validateRequest(session: Session, call: ExportCall, signal: AbortSignal): Promise<Findings> {
  try {
    const { issues, verdicts, platform } = await prepareExport(session, call, signal);
    return findings(issues.map(softened), verdicts, platform);
  } catch (thrown) {
    signal.throwIfAborted();
    return findings(issuesOf(thrown, call.input), [], undefined);
  }
}

function missing(code: string, path: string, message: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: code === 'no_video' ? 'INPUT' : 'USAGE' };
}

/** Flags of `validate --file` beside the program's own. */
const FILE_FLAGS = ['platform', 'allow'];

/** Findings about the words typed: `--file` measures what is there, so flags about what to make mean nothing to it. */
function usageIssues(flags: Readonly<Record<string, unknown>>): readonly Issue[] {
  return Object.keys(flags)
    .filter((key) => !FILE_FLAGS.includes(key))
    .map((key) => `--${key.replaceAll('_', '-')}`)
    .map((flag) =>
      missing(
        'flag_without_meaning',
        flag,
        `${flag} says what to make: it means nothing with --file`,
        'leave it out, or give the input without --file',
      ),
    );
}

async function judgeFile(
  session: Session,
  file: string,
  platform: Platform,
  allow: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly issues: readonly Issue[]; readonly rules: readonly RuleVerdict[] }> {
  const path = await openSource(file, session.cwd);
  const toolchain = await findToolchain(session, signal);
  const media = await probeMedia(toolchain.ffprobe.path, path, { signal });
  if (!mainVideo(media)) {
    return { issues: [missing('no_video', file, `${file} has no picture`, 'rules are about films')], rules: [] };
  }
  const rules = judge(platform, await measureDelivery(media, platform, toolchain, signal), allow);
  const whole = (await sourceIssues(media, false)).map((issue) => ({ ...issue, path: file, hint: 'make it again' }));
  return { issues: [...whole, ...verdictsToIssues(rules, file)], rules };
}

/**
 * Measures an existing file, whoever made it, against each rule of a platform. What cannot be measured is `unknown`
 * and breaks nothing. Throws only what is no finding: signals and bugs.
 */
export async function validateFile(
  session: Session,
  call: { readonly file: string; readonly flags: Readonly<Record<string, unknown>> },
  signal: AbortSignal,
): Promise<Findings> {
  const { file, flags } = call;
  const layers = readLayers(session, flags);
  const early: Issue[] = [...layers.issues, ...usageIssues(flags)];
  const { platform } = layers;
  if (!platform && !early.some((issue) => issue.code === 'unknown_platform')) {
    early.push(missing('no_platform', '--platform', '--file needs a platform whose rules are meant', '--platform ID'));
  }
  const blocked = errorOfIssues(early) !== undefined;
  try {
    if (!platform || blocked) {
      await openSource(file, session.cwd);
      return findings(early, [], platform);
    }
    const allow = foldRequest(layers, undefined).values.allow ?? [];
    const judged = await judgeFile(session, file, platform, allow, signal);
    return findings([...early, ...judged.issues], judged.rules, platform);
  } catch (thrown) {
    signal.throwIfAborted();
    return findings([...early, ...issuesOf(thrown, file)], [], platform);
  }
}
