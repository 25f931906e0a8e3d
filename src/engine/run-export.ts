import { SgError } from '../model/errors.ts';
import type { JobStatus, RunEvent, Verification } from '../model/events.ts';
import type { IfLarger } from '../model/options.ts';
import type { Observation, Plan, Revision, SizeLimit, Stage, Step } from '../model/plan.ts';
import type { FfmpegProgress, ProcessResult } from '../model/process.ts';
import { formatBytes } from '../model/units.ts';
import { readComplaints } from './complaints.ts';
import type { Ports, SourceStamp, WorkspacePort } from './ports.ts';
import { type PictureCount, type SourceTroubles, silentLoss, sourceTroubles } from './source-troubles.ts';
import { stageProgress } from './stage-progress.ts';
import { type VerifyDepth, verifyOutput } from './verify.ts';

export interface RunOptions {
  readonly exportId: string;
  readonly verify: VerifyDepth;
  readonly minSsim: number | undefined;
  /** What becomes of an output that is larger than its source. */
  readonly ifLarger: IfLarger;
  /** What may stand at the destination: nothing, anything, or only the file that was judged before. */
  readonly replace: boolean | SourceStamp;
  /** The source as it was before it was first looked at. */
  readonly source: SourceStamp;
  readonly tolerateErrors: boolean;
  /** The source is known to begin before its first keyframe. */
  readonly midGop: boolean;
  /** Undefined where packets and pictures need not be equal in number. */
  readonly pictures?: PictureCount;
  /** Seconds without a sign of life before an ffmpeg is ended. */
  readonly stallSec: number;
  /** Goes on by what observed steps wrote, all of them so far: undefined where nothing is adapted. Throws SgError TARGET. */
  readonly revise?: (plan: Plan, observations: readonly Observation[]) => Revision;
  /** The last step before the file is put into place, under its scratch name; what fails here leaves no delivery. */
  readonly beforePlacing: (finished: Delivered, workspace: WorkspacePort) => Promise<void>;
}

/** What a finished run knows: the file is verified, and this is its identity. */
export interface Delivered {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verification: Verification;
  readonly warnings: readonly string[];
  /** The plan as it was carried out: its steps are those that ran. */
  readonly plan: Plan;
}

/** Where a run is, for the result of one that failed. */
export interface RunState {
  stage: Stage;
  progress: number;
}

interface Run {
  /** As it stands: what is learned on the way revises it. */
  plan: Plan;
  readonly options: RunOptions;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  readonly emit: (event: RunEvent) => void;
  readonly state: RunState;
  readonly track: (stage: Stage, fraction: number) => number;
  readonly workspace: WorkspacePort;
  readonly warnings: string[];
}

const STATUS: Readonly<Record<Stage, JobStatus>> = {
  preparation: 'preparing',
  first_pass: 'encoding',
  encoding: 'encoding',
  audio: 'encoding',
  muxing: 'finalizing',
  optimization: 'optimizing',
};

function report(
  run: Run,
  stage: Stage,
  fraction: number,
  figures?: FfmpegProgress & { readonly leftSec: number | null },
): void {
  const progress = run.track(stage, fraction);
  run.state.stage = stage;
  run.state.progress = progress;
  run.emit({
    type: 'progress',
    export_id: run.options.exportId,
    status: STATUS[stage],
    progress,
    current_stage: stage,
    fps: figures?.fps ?? null,
    speed: figures?.speed ?? null,
    estimated_time: figures?.leftSec ?? null,
    bytes: stage === 'encoding' ? (figures?.totalBytes ?? null) : null,
  });
}

function onProgress(run: Run, step: Step): (progress: FfmpegProgress) => void {
  const startedMs = run.ports.nowMs();
  const [from, to] = step.share ?? [0, 1];
  return (figures) => {
    const fraction = figures.outTimeSec === null || step.mediaSec <= 0 ? 0 : figures.outTimeSec / step.mediaSec;
    const elapsedSec = (run.ports.nowMs() - startedMs) / 1000;
    const leftSec =
      fraction > 0.02 ? Math.max(0, Math.round((elapsedSec / Math.min(1, fraction) - elapsedSec) * 10) / 10) : null;
    report(run, step.stage, from + (to - from) * Math.min(1, fraction), { ...figures, leftSec });
  };
}

function diskFull(): SgError {
  return new SgError('ENCODE', 'no space left on the disk of the destination', {
    hint: 'free some space, or write elsewhere with -o',
  });
}

/** What is wrong with the source and where, on its own time line: the film is decoded once more to tell. */
async function locatedFault({ plan, ports, options, signal }: Run, fault: string): Promise<string> {
  const atSec = await ports.damageTimes(plan.source, options.midGop, signal);
  const times = atSec.length > 0 ? ` near ${atSec.map((sec) => `${sec.toFixed(1)} s`).join(', ')}` : '';
  return `the source has decode errors${times}: ${fault}`;
}

function brokenSource(plan: Plan, what: string): SgError {
  return new SgError('ENCODE', what, {
    hint: `${plan.source} is damaged or cut short; --tolerate-errors delivers what can be decoded`,
  });
}

/** What kept ffmpeg from ending by itself, or undefined where it did end. */
function interruption(result: ProcessResult, stallSec: number, reason: string | undefined): SgError | undefined {
  switch (result.outcome) {
    case 'aborted':
      return new SgError('SIGINT', 'cancelled');
    case 'not-started':
      return new SgError('TOOLCHAIN', `ffmpeg could not be started: ${result.reason ?? 'unknown'}`);
    case 'stalled':
      return new SgError('ENCODE', `ffmpeg stalled: no progress for ${stallSec} s${reason ? ` (${reason})` : ''}`, {
        hint: 'the source may hold no decodable frame; -v shows the command',
      });
    case 'exited':
      return undefined;
  }
}

/** A message is read by people: a program that never ends its line must not fill the screen. */
const MOST_SAID = 400;

function failedExit(result: ProcessResult, reason: string | undefined): SgError {
  const how = result.signal ? `was killed by ${result.signal}` : `failed (exit ${result.exitCode})`;
  const said = (reason ?? result.lines.at(-1) ?? 'it said nothing').slice(0, MOST_SAID);
  return new SgError('ENCODE', `ffmpeg ${how}: ${said}`, {
    hint: '-v shows the command and all that ffmpeg said',
  });
}

async function requireWritten(run: Run, step: Step): Promise<void> {
  const what = step.stage === 'first_pass' ? 'its first pass left no statistics' : 'wrote nothing';
  for (const name of step.writes) {
    const bytes = await run.ports.fileBytes(run.workspace.file(name)).catch(() => 0);
    if (bytes === 0) throw new SgError('ENCODE', `ffmpeg said that all is well, but ${what} (${name})`);
  }
}

/** What is wrong with the source, in one line; undefined where nothing is known to be. */
function sourceFault(run: Run, step: Step, result: ProcessResult, troubles: SourceTroubles): string | undefined {
  if (!step.readsSource) return undefined;
  const [first] = troubles.lines();
  if (first === undefined) return result.exitCode === 0 ? silentLoss(result, run.options.pictures) : undefined;
  return troubles.count() > 1 ? `${first} (and ${troubles.count() - 1} more)` : first;
}

/** Ends the run where ffmpeg, its stderr or its files say that a step went wrong. */
async function judgeStep(run: Run, step: Step, result: ProcessResult, troubles: SourceTroubles): Promise<void> {
  const [reason] = readComplaints(result.lines, run.options.midGop).reasons;
  if (troubles.diskFull() && result.outcome !== 'aborted') throw diskFull();
  const interrupted = interruption(result, run.options.stallSec, reason);
  if (interrupted) throw interrupted;
  const fault = sourceFault(run, step, result, troubles);
  if (fault !== undefined) {
    const located = await locatedFault(run, fault);
    if (!run.options.tolerateErrors) throw brokenSource(run.plan, located);
    run.warnings.push(located);
  }
  if (result.exitCode !== 0) throw failedExit(result, reason);
  await requireWritten(run, step);
}

async function runStep(run: Run, step: Step): Promise<void> {
  const troubles = sourceTroubles(run.options.midGop);
  const result = await run.ports.runFfmpeg({
    args: step.args,
    cwd: run.workspace.path,
    ...(step.env ? { env: step.env } : {}),
    signal: run.signal,
    stallSec: run.options.stallSec,
    onProgress: onProgress(run, step),
    onLine: (line) => troubles.hear(line),
  });
  await judgeStep(run, step, result, troubles);
}

/** What an observed step wrote, weighed. */
async function observe({ ports, workspace }: Run, step: Step, kbps: number): Promise<Observation> {
  const [product = ''] = step.writes;
  return { stepId: step.id, kbps, product, bytes: await ports.fileBytes(workspace.file(product)) };
}

/** Runs the steps one after the other; the plan goes on as it is revised. It ends with the steps that ran. */
async function runSteps(run: Run): Promise<void> {
  const done: Step[] = [];
  const observations: Observation[] = [];
  let waiting = [...run.plan.steps];
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    await runStep(run, step);
    done.push(step);
    if (!step.observed || !run.options.revise) continue;
    observations.push(await observe(run, step, step.observed.kbps));
    const { plan, discard } = run.options.revise(run.plan, observations);
    for (const name of discard) await run.workspace.discard(name);
    run.plan = plan;
    waiting = [...plan.steps];
  }
  run.plan = { ...run.plan, steps: done };
}

async function makeProduct(run: Run): Promise<Delivered> {
  const { ports, signal, options, workspace } = run;
  for (const [name, text] of Object.entries(run.plan.texts)) await workspace.writeText(name, text);
  report(run, 'preparation', 1);
  await runSteps(run);
  const { plan } = run;
  await expectSameSource(run);
  report(run, 'muxing', 0.2);
  const product = workspace.file(plan.product);
  const made = await ports.fileBytes(product);
  judgeSize(run, made);
  const verification = judgeCopy(run, await verifyOutput(plan, workspace, options, ports, signal));
  report(run, 'muxing', 1);
  if (!verification.ok) throw new VerifyError(verification);
  const bytes = await judgeAgainstSource(run, made);
  const sha256 = await ports.sha256(product, signal);
  report(run, 'optimization', 0.5);
  const kept = run.plan.settings.kept_source === true;
  const finished = {
    ...{ bytes, sha256, warnings: run.warnings, plan: run.plan },
    verification: kept ? await sameAsSource(run, sha256) : verification,
  };
  await options.beforePlacing({ ...finished, path: product }, workspace);
  if (signal.aborted) throw new SgError('SIGINT', 'cancelled');
  await ports.placeFile(product, plan.destination, { replace: options.replace });
  return { ...finished, path: plan.destination };
}

/** A copy has its source's errors: they are the source's fault, and with --tolerate-errors they are delivered. Throws SgError ENCODE. */
function judgeCopy({ plan, options, warnings }: Run, verification: Verification): Verification {
  const failed = verification.checks.filter((check) => !check.ok);
  const damaged = failed.length > 0 && failed.every(({ name }) => name.startsWith('decode'));
  if (plan.settings.video_codec !== 'copy' || !damaged) return verification;
  const what = `the source has decode errors, which a copy keeps: ${failed[0]?.actual}`;
  if (!options.tolerateErrors)
    throw new SgError('ENCODE', what, { hint: '--tolerate-errors delivers it with a warning' });
  warnings.push(what);
  return { ...verification, ok: true, checks: verification.checks.map((check) => ({ ...check, ok: true })) };
}

/** How large a file is can only be known now: a platform that refuses it gets none, and the destination stays as it was. */
function judgeSize({ plan, warnings }: Run, bytes: number): void {
  const exceeded = (plan.sizeLimits ?? []).filter((limit) => bytes > limit.bytes);
  const says = ({ reason }: SizeLimit) => `the output has ${formatBytes(bytes)}: ${reason}`;
  const refusing = exceeded.find(({ refuses }) => refuses);
  if (refusing) throw new SgError('TARGET', says(refusing), { hint: refusing.hint });
  warnings.push(...exceeded.map((limit) => `${says(limit)} (${limit.hint})`));
}

/** What is true of a delivery that is its source, byte for byte. */
const COPY_OF_SOURCE = {
  ...{ kept_source: true, video_codec: 'copy', encoder: 'copy', audio_codec: 'copy', mode: 'copy', frame_rate: 'copy' },
  ...{
    crf: null,
    video_bitrate_kbps: null,
    max_bitrate_kbps: null,
    audio_bitrate_kbps: null,
    quality: null,
    speed: null,
  },
} as const;

/** A file that is larger than what it was made from is never a silent success. Returns the bytes of what is delivered. */
async function judgeAgainstSource(run: Run, bytes: number): Promise<number> {
  const { plan, options, ports, workspace, warnings } = run;
  const source = options.source.bytes;
  if (bytes <= source) return bytes;
  const what = `the output is larger than its source: ${formatBytes(bytes)} against ${formatBytes(source)}`;
  if (options.ifLarger === 'fail')
    throw new SgError('TARGET', `${what} (--if-larger fail)`, { hint: 'a lower --quality, or --if-larger warn' });
  if (options.ifLarger === 'warn') {
    warnings.push(what);
    return bytes;
  }
  await ports.copyFile(plan.source, workspace.file(plan.product));
  await expectSameSource(run);
  run.plan = { ...plan, settings: { ...plan.settings, ...COPY_OF_SOURCE } };
  warnings.push(`${what}: a copy of the source is delivered`);
  return source;
}

/** The checks of the encode that was given up say nothing of the source's copy. */
async function sameAsSource({ plan, ports, signal }: Run, sha256: string): Promise<Verification> {
  const expected = await ports.sha256(plan.source, signal);
  const checks = [{ name: 'same bytes as the source', expected, actual: sha256, ok: expected === sha256 }];
  if (expected !== sha256) throw new VerifyError({ ok: false, checks });
  return { ok: true, checks };
}

/** From the first look at it to the last frame read: a plan made for one film must not be run on another. */
async function expectSameSource({ plan, ports, options: { source: before } }: Run): Promise<void> {
  const after = await ports.sourceStamp(plan.source).catch(() => undefined);
  if (!sameStamp(before, after)) throw sourceChanged(plan.source);
}

/** Whether a file is as it was, as far as a look at its folder tells; undefined is one that is gone. */
export function sameStamp(before: SourceStamp, after: SourceStamp | undefined): boolean {
  return before.bytes === after?.bytes && before.mtimeNs === after.mtimeNs && before.inode === after.inode;
}

export function sourceChanged(path: string): SgError {
  return new SgError('ENCODE', `the source changed while it was read: ${path}`, {
    hint: 'wait until it is complete, then run again',
  });
}

/** A failed verification, with its checks, so that the result can show them. */
export class VerifyError extends SgError {
  readonly verification: Verification;
  constructor(verification: Verification) {
    const failed = verification.checks.filter((check) => !check.ok);
    const what = failed.map((check) => `${check.name}: expected ${check.expected}, found ${check.actual}`).join('; ');
    super('VERIFY', `the output is not what was planned: ${what}`, {
      hint: 'the destination is as it was; -v shows the command',
    });
    this.verification = verification;
  }
}

/**
 * Executes a plan: scratch folder, steps, verification, into place. The destination is untouched unless everything
 * holds, and nothing is left behind either way. Throws SgError: ENCODE, VERIFY, USAGE (destination), SIGINT (aborted).
 */
export async function runExport(
  plan: Plan,
  options: RunOptions,
  ports: Ports,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
  state: RunState = { stage: 'preparation', progress: 0 },
): Promise<Delivered> {
  const folder = plan.destination.slice(0, Math.max(1, plan.destination.lastIndexOf('/')));
  const lock = await ports.lockDestination(plan.destination, options.exportId, signal);
  try {
    const workspace = await ports.openWorkspace(folder, options.exportId);
    try {
      const run: Run = {
        plan,
        options,
        ports,
        signal,
        emit,
        state,
        track: stageProgress(plan.steps),
        workspace,
        warnings: [],
      };
      report(run, 'preparation', 0);
      return await makeProduct(run);
    } finally {
      await workspace.remove();
    }
  } finally {
    await lock.release();
  }
}
