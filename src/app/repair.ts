import { type Issue, SgError } from '../model/errors.ts';
import type { RuleVerdict } from '../presets/judge.ts';
import type { ExportCall, Session } from './call.ts';
import { exportOnce } from './export.ts';
import type { ExportOutcome, ExportWatcher } from './outcome.ts';
import { prepareExport } from './prepare.ts';
import { type Findings, validateFile } from './validate.ts';

/** What can be done to a file, the smallest first: each is a request for its platform. */
const REPAIRS = [
  { what: 'a remux: picture and sound are copied', flags: { codec: 'copy', audio_codec: 'copy' } },
  {
    what: 'a remux into MP4: picture and sound are copied',
    flags: { codec: 'copy', audio_codec: 'copy', container: 'mp4' },
  },
  { what: 'a new encode of the sound: the picture is copied', flags: { codec: 'copy' } },
  { what: 'a new encode of the picture: the sound is copied', flags: { audio_codec: 'copy' } },
  { what: 'a new encode of picture and sound', flags: {} },
] as const;

/** What came of a repair. */
export interface Repaired {
  /** The file as it was found. */
  readonly before: Findings;
  /** Undefined where nothing was wrong that a repair could take away. */
  readonly repair: { readonly what: string; readonly outcome: ExportOutcome } | undefined;
  /** The repaired file, measured again. */
  readonly after: Findings | undefined;
  readonly error: SgError | undefined;
}

export interface RepairCall {
  readonly file: string;
  readonly platform: string;
  /** What the user said of the output: `output`, `overwrite`, `name`, `allow`. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Rules that reject the file, or for which the platform would encode it again. */
const broken = (rules: readonly RuleVerdict[]): readonly RuleVerdict[] =>
  rules.filter(({ verdict, severity }) => verdict === 'fail' || (verdict === 'warn' && severity === 'transcoded'));
const advice = (rules: readonly RuleVerdict[]): readonly RuleVerdict[] =>
  rules.filter(({ verdict, severity }) => verdict === 'warn' && severity !== 'transcoded');

/** How much is left: rejections first, then what the platform would encode again. */
const left = (rules: readonly RuleVerdict[]): number =>
  1000 * rules.filter(({ verdict }) => verdict === 'fail').length + broken(rules).length;

interface Candidate {
  readonly what: string;
  readonly call: ExportCall;
  readonly verdicts: readonly RuleVerdict[];
  readonly issues: readonly Issue[];
  /** Nothing stands against making it. */
  readonly possible: boolean;
}

/** What is worth trying, in order: what leaves least, the smaller repair first. Advice alone is followed only where copying does it: nobody wants a new encode for a remark. */
function worthTrying(candidates: readonly Candidate[], rules: readonly RuleVerdict[]): readonly Candidate[] {
  const possible = candidates.filter((one) => one.possible && left(one.verdicts) < 1000);
  if (broken(rules).length === 0) {
    const remux = possible.filter(({ what }) => what.startsWith('a remux'));
    return remux.filter(({ verdicts }) => advice(verdicts).length < advice(rules).length);
  }
  const better = possible.filter(({ verdicts }) => left(verdicts) < left(rules));
  return better.toSorted((a, b) => left(a.verdicts) - left(b.verdicts));
}

/**
 * Makes of an existing file the nearest one that its platform takes, by the smallest repair of what the check found,
 * and checks that one. The file itself is not touched. Findings of the file alone end it where it is damaged.
 */
export async function repairFile(
  session: Session,
  { file, platform, flags }: RepairCall,
  controller: AbortController,
  watcher: ExportWatcher,
): Promise<Repaired> {
  const { signal } = controller;
  const check = (path: string) => {
    const { allow } = flags;
    return validateFile(session, { file: path, flags: { platform, ...(allow ? { allow } : {}) } }, signal);
  };
  const before = await check(file);
  const nothing = { before, repair: undefined, after: undefined };
  const unfit = before.error && before.error.code !== 'RULES';
  if (unfit || broken(before.rules).length + advice(before.rules).length === 0)
    return { ...nothing, error: before.error };
  const output = flags.output === undefined && flags.name === undefined ? { name: '{name}_fixed' } : {};
  const candidates: Candidate[] = [];
  for (const { what, flags: repair } of REPAIRS) {
    const call = { input: file, flags: { ...output, ...flags, platform, ...repair } };
    const { plan, verdicts, issues } = await prepareExport(session, call, signal);
    candidates.push({ what, call, verdicts, issues, possible: plan !== undefined });
  }
  const chosen = worthTrying(candidates, before.rules);
  for (const { what, call } of chosen) {
    const outcome = await exportOnce(session, call, controller, watcher);
    const repair = { what, outcome };
    const [made] = outcome.result.output_files;
    // What a copy cannot make right, a new encode may.
    if (outcome.error?.code === 'VERIFY' && what !== chosen.at(-1)?.what) continue;
    if (outcome.error || made === undefined) return { ...nothing, repair, error: outcome.error };
    const after = await check(made);
    return { before, repair, after, error: after.error };
  }
  return { ...nothing, error: before.error && unrepairable(before, candidates.at(-1)?.issues ?? []) };
}

function unrepairable(before: Findings, issues: readonly Issue[]): SgError {
  const rules = before.rules.flatMap(({ rule, verdict }) => (verdict === 'fail' ? [rule] : [])).join(', ');
  const other = issues.find(({ severity, exit }) => severity === 'error' && exit !== 'RULES');
  if (other) return new SgError(other.exit, other.message, { hint: other.hint });
  return new SgError('RULES', `no repair makes the file what the platform takes: ${rules}`, {
    hint: issues.find(({ severity }) => severity === 'error')?.hint ?? 'export its source again with --platform',
  });
}
