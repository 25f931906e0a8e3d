import { randomUUID } from 'node:crypto';
import { readFile, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Ports, SourceStamp, WorkspacePort } from '../engine/ports.ts';
import type { Delivered } from '../engine/run.ts';
import { runExport } from '../engine/run-export.ts';
import { sameStamp, sourceChanged } from '../engine/same-source.ts';
import type { SharedSteps } from '../engine/shared-encode.ts';
import { checkDestination } from '../files/destination.ts';
import { sha256File, stampFile } from '../files/stamp.ts';
import { errorOfIssues, SgError } from '../model/errors.ts';
import type { ExportResult, Verification } from '../model/events.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { Observation, Plan, Step } from '../model/plan.ts';
import { reviseForMaximum, reviseForSize } from '../plan/size-target.ts';
import { judge, type RuleVerdict } from '../presets/judge.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { commandOf } from './dry-run.ts';
import { exportPage } from './export-page.ts';
import { finishHistory, keepHistory, newJob, watchForCancel } from './job-history.ts';
import { rememberForecast } from './learning.ts';
import {
  type Attempt,
  baseResult,
  type ExportOutcome,
  type ExportWatcher,
  errorFrom,
  failure,
  filesOf,
  skipped,
} from './outcome.ts';
import { picturesOf } from './pictures.ts';
import { realPorts, standUntil } from './ports.ts';
import { prepareExport } from './prepare.ts';
import { receiptText } from './receipt.ts';
import { requestHash } from './request-hash.ts';
import { depfileText, type StagedFiles, stageFiles } from './side-files.ts';
import { judgeExisting, renewTime, type SkipDecision } from './skip.ts';
import { completeThumbnails, type MadeThumbnails, makeThumbnails, replaceOwn, thumbnailRecords } from './thumbnails.ts';

const STALL_SEC = 60;

/**
 * The source's identity: the digest is computed while ffmpeg works, so that it costs next to nothing. A copy may end long
 * before the digest of a large source: what changes then would make a digest of neither. Throws SgError ENCODE.
 */
export async function stampOf(path: string, signal: AbortSignal): Promise<FileStamp> {
  const before = await stampFile(path);
  const sha256 = await sha256File(path, { signal });
  const after = await stampFile(path).catch(() => undefined);
  if (!sameStamp(before, after)) throw sourceChanged(path);
  return { path, ...before, sha256 };
}

/** What the platform's rules say once the size is known. */
function finalVerdicts({ platform, facts, values }: Prepared, bytes: number): readonly RuleVerdict[] {
  return platform && facts ? judge(platform, { ...facts, bytes }, values.allow ?? []) : [];
}

/** All that must hold before the output exists, on its scratch name: its times, its identity, its receipt, depfile and report. */
async function settle(
  attempt: Attempt,
  prepared: Prepared,
  finished: Delivered,
  workspace: WorkspacePort,
  source: FileStamp,
  ports: Ports,
  sharedArgs: (step: Step) => readonly string[] | undefined,
  pictures: MadeThumbnails | undefined,
): Promise<{ readonly record: OutputRecord; readonly staged: StagedFiles }> {
  const { session, call, exportId, controller } = attempt;
  const { values } = prepared;
  const { plan } = finished;
  const page =
    values.report === undefined
      ? undefined
      : await exportPage(prepared, plan, finished, workspace, ports, controller.signal);
  // As it was when it was read: by now the source may be gone.
  if (values.keepTimes) await utimes(finished.path, new Date(), Number(source.mtimeNs) / 1e9);
  const output: FileStamp = { path: plan.destination, ...(await stampFile(finished.path)), sha256: finished.sha256 };
  const request = prepared.asked ?? prepared.resolved;
  const hash = request ? requestHash(request) : '';
  const thumbnails = pictures?.stamps ?? [];
  const record: OutputRecord = { export_id: exportId, output, source, requestHash: hash };
  const subtitleFile = prepared.resolved?.subtitleFile;
  const receipt = () =>
    receiptText({
      exportId,
      plan,
      toolchain: prepared.toolchain,
      commands: plan.steps.map((step) =>
        commandOf(prepared.toolchain, { ...step, args: sharedArgs(step) ?? step.args }),
      ),
      source,
      subtitles: subtitleFile && { path: subtitleFile.path, sha256: subtitleFile.sha256 },
      output,
      thumbnails,
      requestHash: hash,
      verification: finished.verification,
      rules: finalVerdicts(prepared, finished.bytes),
      allowed: values.allow ?? [],
      warnings: [...plan.warnings, ...finished.warnings],
      createdAt: new Date().toISOString(),
    });
  const { sourcePath } = prepared;
  const texts = [
    { path: resolve(session.cwd, values.receipt ?? ''), text: values.receipt === undefined ? undefined : receipt() },
    {
      path: resolve(session.cwd, values.depfile ?? ''),
      text: depfileText({
        ...{ session, call, values, sourcePath, destination: plan.destination },
        thumbnails: pictures?.wish,
      }),
    },
    { path: resolve(session.cwd, values.report ?? ''), text: page },
  ];
  return { record, staged: await stageFiles(texts, ports, exportId) };
}

/** How the plan goes on by what comes out, where it depends on that. */
function reviserOf({ resolved, attempts, media }: Prepared) {
  if (resolved?.targetBytes === undefined && resolved?.maxBytes === undefined) return {};
  const revise = resolved.targetBytes === undefined ? reviseForMaximum : reviseForSize;
  // What takes over goes on by its own decision.
  const running = ({ settings }: Plan) =>
    attempts.find((one) => one.resolved.video.encoder === settings.encoder)?.resolved ?? resolved;
  return { revise: (plan: Plan, seen: readonly Observation[]) => revise(running(plan), media, plan, seen) };
}

/** The world, in which a shared encode is another's process too. */
function portsFor(prepared: Prepared, plan: Plan, shared: SharedPart | undefined): Ports {
  const ports = realPorts(prepared.toolchain);
  if (!shared) return ports;
  const { steps, member } = shared;
  return {
    ...ports,
    runFfmpeg: (request) => {
      const at = plan.steps.findIndex(({ args }) => args === request.args);
      return at < 0 ? ports.runFfmpeg(request) : steps.run(member, at, request);
    },
  };
}

function remember(session: Session, film: OutputRecord, plan: Plan, pictures: readonly FileStamp[]): void {
  session.history.rememberOutput(film);
  for (const record of thumbnailRecords(plan, pictures, film.output, film.export_id)) {
    session.history.rememberOutput(record);
  }
}

const withPictures = (verification: Verification, pictures: MadeThumbnails | undefined): Verification =>
  pictures ? { ...verification, checks: [...verification.checks, pictures.check] } : verification;

async function deliver(
  attempt: Attempt,
  prepared: Prepared,
  plan: Plan,
  replace: boolean | SourceStamp,
  { shared, stamp }: OnceOptions,
): Promise<ExportOutcome> {
  const { session, controller, watcher, exportId } = attempt;
  const { signal } = controller;
  const { values } = prepared;
  const replaceAt = async (path: string) =>
    values.overwrite === true || (values.skipExisting ? replaceOwn(session, path) : false);
  const toHistory = keepHistory(attempt, prepared, plan);
  const stopWatching = watchForCancel(attempt);
  let pictures: MadeThumbnails | undefined;
  const ended = standUntil({
    removeSync: () => {
      pictures?.takeBackSync();
      finishHistory(attempt, failure(attempt, prepared, errorFrom(undefined, signal)).result);
    },
  });
  const ports = portsFor(prepared, plan, shared);
  const startedMs = performance.now();
  const sharedArgs = (step: Step) => shared?.steps.args(plan.steps.indexOf(step));
  let settled: Awaited<ReturnType<typeof settle>> | undefined;
  try {
    const hashing = stamp ? stamp(prepared) : stampOf(prepared.sourcePath, signal);
    hashing.catch(() => undefined);
    const delivered = await runExport(
      plan,
      {
        exportId,
        verify: values.verify ?? 'fast',
        minSsim: values.minSsim,
        ifLarger: values.ifLarger ?? 'warn',
        replace,
        source: prepared.sourceStamp,
        tolerateErrors: values.tolerateErrors === true,
        midGop: prepared.media.scan?.startsOnKeyframe === false,
        pictures: picturesOf(prepared),
        stallSec: STALL_SEC,
        ...reviserOf(prepared),
        // Hashing may take longer than a stream copy: until it is done, a Ctrl-C still leaves everything as it was.
        beforePlacing: async (finished, workspace) => {
          const { plan, path: film } = finished;
          pictures = await makeThumbnails({ plan, film, exportId, replaceAt, ports, signal });
          settled = await settle(attempt, prepared, finished, workspace, await hashing, ports, sharedArgs, pictures);
          await pictures?.place();
        },
      },
      ports,
      signal,
      (event) => {
        toHistory(event);
        watcher.event(event);
      },
      attempt.state,
    );
    pictures?.keep();
    if (settled && !attempt.call.multi?.inPackage)
      remember(session, settled.record, delivered.plan, pictures?.stamps ?? []);
    rememberForecast(attempt, prepared, delivered, (performance.now() - startedMs) / 1000);
    await settled?.staged.commit();
    const result: ExportResult = {
      ...baseResult(attempt, { ...prepared, plan: delivered.plan }),
      status: 'completed',
      progress: 100,
      current_stage: 'optimization',
      ...filesOf([delivered, ...(pictures?.stamps ?? [])]),
      verification: withPictures(delivered.verification, pictures),
      warnings: [...delivered.plan.warnings, ...delivered.warnings, ...(pictures?.warnings ?? [])],
      ...(plan.steps.some(sharedArgs) ? { shared: 'decode' as const } : {}),
    };
    finishHistory(attempt, result);
    return { result, error: undefined, prepared };
  } catch (thrown) {
    pictures?.takeBackSync();
    const outcome = failure(attempt, prepared, errorFrom(thrown, signal));
    finishHistory(attempt, outcome.result);
    return outcome;
  } finally {
    await pictures?.discard();
    await settled?.staged.discard();
    ended();
    stopWatching();
  }
}

/** The film is complete: only what is missing beside it is made, of the film as it is there. Throws SgError as a run does. */
async function skipFilm(attempt: Attempt, prepared: Prepared, plan: Plan, film: FileStamp): Promise<ExportOutcome> {
  const { session, controller, exportId } = attempt;
  const { signal } = controller;
  const complete = await completeThumbnails(session, plan, film, signal);
  if (complete) return skipped(attempt, prepared, [film, ...complete], { wasIdle: true, warnings: [] });
  const ports = realPorts(prepared.toolchain);
  const replaceAt = (path: string) => replaceOwn(session, path);
  const lock = await ports.lockDestination(plan.destination, exportId, signal);
  let pictures: MadeThumbnails | undefined;
  try {
    pictures = await makeThumbnails({ plan, film: film.path, exportId, replaceAt, ports, signal });
    signal.throwIfAborted();
    await pictures?.place();
    const stamps = pictures?.stamps ?? [];
    for (const record of thumbnailRecords(plan, stamps, film, exportId)) session.history.rememberOutput(record);
    const warnings = pictures?.warnings ?? [];
    return skipped(attempt, prepared, [film, ...stamps], { wasIdle: false, warnings });
  } finally {
    await pictures?.discard();
    await lock.release();
  }
}

/** A skip tells make what a run would: its depfile may be gone, or name what the sources were called before. */
async function renewDepfile({ session, call, exportId }: Attempt, prepared: Prepared, plan: Plan): Promise<void> {
  const { values, sourcePath, toolchain } = prepared;
  const path = resolve(session.cwd, values.depfile ?? '');
  const { destination, thumbnails } = plan;
  const text = depfileText({ session, call, values, sourcePath, destination, thumbnails });
  if (text === undefined || text === (await readFile(path, 'utf8').catch(() => undefined))) return;
  const staged = await stageFiles([{ path, text }], realPorts(toolchain), exportId);
  await staged.commit();
}

/** A page that was asked for and is not there: the film is, and is measured where it lies. */
async function renewPage(attempt: Attempt, prepared: Prepared, plan: Plan, bytes: number): Promise<void> {
  const { session, exportId, controller } = attempt;
  const path = resolve(session.cwd, prepared.values.report ?? '');
  if (prepared.values.report === undefined || (await stampFile(path).catch(() => undefined))) return;
  const ports = realPorts(prepared.toolchain);
  const workspace = await ports.openWorkspace(tmpdir(), exportId);
  try {
    const film = { path: plan.destination, bytes, warnings: [], verification: undefined };
    const text = await exportPage(prepared, plan, film, workspace, ports, controller.signal);
    await (await stageFiles([{ path, text }], ports, exportId)).commit();
  } finally {
    await workspace.remove();
  }
}

/** A delivery that was prepared some time ago, with what was decided about the file at its destination. */
export interface Ready {
  readonly prepared: Prepared;
  readonly existing: SkipDecision;
}

/**
 * Since it was prepared its source may have gone, or its destination come: another process that works on the same folder
 * may have made it. Throws SgError INPUT, ENCODE or USAGE.
 */
async function asItNowIs(session: Session, ready: Ready, signal: AbortSignal): Promise<Ready> {
  const { prepared } = ready;
  const { input, sourcePath, sourceStamp, plan, values } = prepared;
  const now = await stampFile(sourcePath).catch((cause: unknown) => {
    throw new SgError('INPUT', `${input} went away before its turn came`, { cause });
  });
  if (!sameStamp(sourceStamp, now)) throw sourceChanged(sourcePath);
  const mayHaveCome = values.skipExisting === true && ready.existing.kind === 'absent';
  const existing = mayHaveCome ? await judgeExisting(session, prepared, signal) : ready.existing;
  const overwrite = values.overwrite === true || existing.kind !== 'absent';
  const blocking = plan && errorOfIssues(await checkDestination(plan.destination, sourcePath, { overwrite }));
  if (blocking) throw blocking;
  return { prepared, existing };
}

/** The processes that make several films of one source, and which of them is this one. */
export interface SharedPart {
  readonly member: number;
  readonly steps: SharedSteps;
}

interface OnceOptions {
  /** The source's identity, where several exports of it ask once. */
  readonly stamp?: (prepared: Prepared) => Promise<FileStamp>;
  /** Runs the encode together with others. */
  readonly shared?: SharedPart;
  /** Threads of its encoder; by default as many as it likes. */
  readonly threads?: number;
  /** In place of preparing it now. */
  readonly ready?: Ready;
  readonly exportId?: string;
}

async function prepareNow(
  { session, call, controller }: Attempt,
  keep: (prepared: Prepared) => void,
  threads: number | undefined,
): Promise<Ready> {
  const { signal } = controller;
  const prepared = await prepareExport(session, call, signal, threads ? { threads } : {});
  keep(prepared);
  const blocking = errorOfIssues(prepared.issues);
  if (blocking) throw blocking;
  const { skipExisting } = prepared.values;
  const existing = skipExisting ? await judgeExisting(session, prepared, signal) : ({ kind: 'absent' } as const);
  return { prepared, existing };
}

async function attemptExport(
  attempt: Attempt,
  keep: (prepared: Prepared) => void,
  options: OnceOptions,
): Promise<ExportOutcome> {
  const { session, call, controller, watcher } = attempt;
  const { ready, threads } = options;
  if (ready) {
    keep(ready.prepared);
    controller.signal.throwIfAborted();
  }
  const { prepared, existing } = ready
    ? await asItNowIs(session, ready, controller.signal)
    : await prepareNow(attempt, keep, threads);
  const { plan } = prepared;
  if (!plan) throw new SgError('INTERNAL', 'a request without findings has no plan');
  if (existing.kind === 'complete') {
    const outcome = await skipFilm(attempt, prepared, plan, existing.record.output);
    await renewTime(session, call, prepared);
    await renewDepfile(attempt, prepared, plan);
    await renewPage(attempt, prepared, plan, existing.record.output.bytes);
    return outcome;
  }
  const overwrite = prepared.values.overwrite === true;
  watcher.started(attempt.exportId, prepared);
  const replace = existing.kind === 'remake' && !overwrite ? existing.there : overwrite;
  return deliver(attempt, prepared, plan, replace, options);
}

/** Makes one delivery, from the words typed to the verified file. Never throws: what went wrong is in the outcome. */
export async function exportOnce(
  session: Session,
  call: ExportCall,
  controller: AbortController,
  watcher: ExportWatcher,
  options: OnceOptions = {},
): Promise<ExportOutcome> {
  const attempt: Attempt = {
    session,
    call,
    exportId: options.exportId ?? randomUUID(),
    controller,
    watcher,
    state: { stage: 'preparation', progress: 0 },
    startedMs: performance.now(),
  };
  let prepared: Prepared | undefined;
  try {
    return await attemptExport(
      attempt,
      (found) => {
        prepared = found;
      },
      options,
    );
  } catch (thrown) {
    const outcome = failure(attempt, prepared, errorFrom(thrown, controller.signal));
    const known = session.history.getJob(attempt.exportId);
    // Stopped while its source was still being looked at, which may take minutes, or one of several that were accepted: a run that was, unlike a refusal.
    const isNew = !known && (controller.signal.aborted || options.ready !== undefined);
    if (isNew) session.history.insertJob(newJob(attempt, outcome.result.source));
    if (isNew || known?.status === 'queued') finishHistory(attempt, outcome.result);
    return outcome;
  }
}
