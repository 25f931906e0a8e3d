import { randomUUID } from 'node:crypto';
import type { Ports } from '../engine/ports.ts';
import { runExport } from '../engine/run-export.ts';
import { sameStamp, sourceChanged } from '../engine/same-source.ts';
import type { SharedSteps } from '../engine/shared-encode.ts';
import { checkDestination } from '../files/destination.ts';
import { stampFile } from '../files/stamp.ts';
import { errorOfIssues, SgError } from '../model/errors.ts';
import type { ExportResult, Verification } from '../model/events.ts';
import type { FileStamp } from '../model/history.ts';
import type { Observation, Plan, Step } from '../model/plan.ts';
import { reviseForMaximum, reviseForSize } from '../plan/size-target.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
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
} from './outcome.ts';
import { picturesOf } from './pictures.ts';
import { realPorts, standUntil } from './ports.ts';
import { prepareExport } from './prepare.ts';
import { renewDepfile, renewPage, skipFilm } from './renew.ts';
import { announce, remember, type Settled, settle, stampOf } from './settle.ts';
import { judgeExisting, renewTime, type SkipDecision } from './skip.ts';
import { rememberContent } from './source-content.ts';
import { type MadeThumbnails, makeThumbnails, replaceOwn } from './thumbnails.ts';

const STALL_SEC = 60;

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

const withPictures = (verification: Verification, pictures: MadeThumbnails | undefined): Verification =>
  pictures ? { ...verification, checks: [...verification.checks, pictures.check] } : verification;

async function deliver(
  attempt: Attempt,
  prepared: Prepared,
  plan: Plan,
  existing: SkipDecision,
  { shared, stamp }: OnceOptions,
): Promise<ExportOutcome> {
  const { session, controller, watcher, exportId } = attempt;
  const { signal } = controller;
  const { values } = prepared;
  const overwrite = values.overwrite === true;
  const replace = existing.kind === 'remake' && !overwrite ? existing.there : overwrite;
  const { known } = existing;
  const replaceAt = async (path: string) => overwrite || (known ? replaceOwn(known, path) : false);
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
  // Of a package the whole folder goes into place, later.
  const isKept = !attempt.call.multi?.inPackage;
  const sharedArgs = (step: Step) => shared?.steps.args(plan.steps.indexOf(step));
  let settled: Settled | undefined;
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
          if (isKept) announce(session, settled, values);
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
    if (settled && isKept) remember(session, settled);
    if (settled) rememberContent(session.history, settled.record.source);
    await rememberForecast(attempt, prepared, delivered);
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
    session.history.forgetPlacing(exportId);
    return { result, error: undefined, prepared, ...(settled ? { source: settled.record.source } : {}) };
  } catch (thrown) {
    pictures?.takeBackSync();
    session.history.forgetPlacing(exportId);
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
    const outcome = await skipFilm(attempt, prepared, plan, existing.known, existing.record.output);
    await renewTime(session, call, prepared);
    await renewDepfile(attempt, prepared, plan);
    await renewPage(attempt, prepared, plan, existing.record.output.bytes);
    return outcome;
  }
  watcher.started(attempt.exportId, prepared);
  return deliver(attempt, prepared, plan, existing, options);
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
