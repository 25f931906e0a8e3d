import { randomUUID } from 'node:crypto';
import { readFile, utimes } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Ports, SourceStamp, WorkspacePort } from '../engine/ports.ts';
import type { Delivered } from '../engine/run.ts';
import { runExport } from '../engine/run-export.ts';
import { sameStamp, sourceChanged } from '../engine/same-source.ts';
import type { SharedEncode } from '../engine/shared-encode.ts';
import { checkDestination } from '../files/destination.ts';
import { sha256File, stampFile } from '../files/stamp.ts';
import { errorOfIssues, SgError } from '../model/errors.ts';
import type { ExportResult } from '../model/events.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { Observation, Plan } from '../model/plan.ts';
import { reviseForMaximum, reviseForSize } from '../plan/size-target.ts';
import { judge, type RuleVerdict } from '../presets/judge.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { commandOf } from './dry-run.ts';
import { exportPage } from './export-page.ts';
import { finishHistory, keepHistory, newJob, watchForCancel } from './job-history.ts';
import {
  type Attempt,
  baseResult,
  type ExportOutcome,
  type ExportWatcher,
  errorFrom,
  failure,
  skipped,
} from './outcome.ts';
import { picturesOf } from './pictures.ts';
import { realPorts, standUntil } from './ports.ts';
import { prepareExport } from './prepare.ts';
import { receiptText } from './receipt.ts';
import { requestHash } from './request-hash.ts';
import { depfileText, type StagedFiles, stageFiles } from './side-files.ts';
import { judgeExisting, renewTime, type SkipDecision } from './skip.ts';

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
  sharedArgs: readonly string[] | undefined,
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
  const hash = prepared.resolved ? requestHash(prepared.resolved) : '';
  const record: OutputRecord = { export_id: exportId, output, source, requestHash: hash };
  const subtitleFile = prepared.resolved?.subtitleFile;
  const receipt = () =>
    receiptText({
      exportId,
      plan,
      toolchain: prepared.toolchain,
      commands: plan.steps.map((step) => commandOf(prepared.toolchain, sharedArgs ?? step.args)),
      source,
      subtitles: subtitleFile && { path: subtitleFile.path, sha256: subtitleFile.sha256 },
      output,
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
      text: depfileText({ session, call, values, sourcePath, destination: plan.destination }),
    },
    { path: resolve(session.cwd, values.report ?? ''), text: page },
  ];
  return { record, staged: await stageFiles(texts, ports, exportId) };
}

/** How the plan goes on by what comes out, where it depends on that. */
function reviserOf({ resolved, media }: Prepared) {
  if (resolved?.targetBytes === undefined && resolved?.maxBytes === undefined) return {};
  const revise = resolved.targetBytes === undefined ? reviseForMaximum : reviseForSize;
  return { revise: (plan: Plan, seen: readonly Observation[]) => revise(resolved, media, plan, seen) };
}

/** The world, in which a shared encode is another's process too. */
function portsFor(prepared: Prepared, plan: Plan, shared: SharedPart | undefined): Ports {
  const ports = realPorts(prepared.toolchain);
  if (!shared) return ports;
  const [step] = plan.steps;
  const { encode, member } = shared;
  return {
    ...ports,
    runFfmpeg: (request) => (request.args === step?.args ? encode.run(member, request) : ports.runFfmpeg(request)),
  };
}

async function deliver(
  attempt: Attempt,
  prepared: Prepared,
  plan: Plan,
  replace: boolean | SourceStamp,
  { shared, stamp }: OnceOptions,
): Promise<ExportOutcome> {
  const { session, controller, watcher } = attempt;
  const { signal } = controller;
  const { values } = prepared;
  const toHistory = keepHistory(attempt, prepared, plan);
  const stopWatching = watchForCancel(attempt);
  const ended = standUntil({
    removeSync: () => finishHistory(attempt, failure(attempt, prepared, errorFrom(undefined, signal)).result),
  });
  const ports = portsFor(prepared, plan, shared);
  let settled: Awaited<ReturnType<typeof settle>> | undefined;
  try {
    const hashing = stamp ? stamp(prepared) : stampOf(prepared.sourcePath, signal);
    hashing.catch(() => undefined);
    const delivered = await runExport(
      plan,
      {
        exportId: attempt.exportId,
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
          settled = await settle(attempt, prepared, finished, workspace, await hashing, ports, shared?.encode.args());
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
    if (settled && !attempt.call.multi?.inPackage) session.history.rememberOutput(settled.record);
    await settled?.staged.commit();
    const result: ExportResult = {
      ...baseResult(attempt, { ...prepared, plan: delivered.plan }),
      status: 'completed',
      progress: 100,
      current_stage: 'optimization',
      output_files: [delivered.path],
      file_sizes: { [delivered.path]: delivered.bytes },
      checksums: { [delivered.path]: delivered.sha256 },
      verification: delivered.verification,
      warnings: [...delivered.plan.warnings, ...delivered.warnings],
      ...(shared?.encode.args() ? { shared: 'decode' as const } : {}),
    };
    finishHistory(attempt, result);
    return { result, error: undefined, prepared };
  } catch (thrown) {
    const outcome = failure(attempt, prepared, errorFrom(thrown, signal));
    finishHistory(attempt, outcome.result);
    return outcome;
  } finally {
    await settled?.staged.discard();
    ended();
    stopWatching();
  }
}

/** A skip tells make what a run would: its depfile may be gone, or name what the sources were called before. */
async function renewDepfile({ session, call, exportId }: Attempt, prepared: Prepared, plan: Plan): Promise<void> {
  const { values, sourcePath, toolchain } = prepared;
  const path = resolve(session.cwd, values.depfile ?? '');
  const text = depfileText({ session, call, values, sourcePath, destination: plan.destination });
  if (text === undefined || text === (await readFile(path, 'utf8').catch(() => undefined))) return;
  const staged = await stageFiles([{ path, text }], realPorts(toolchain), exportId);
  await staged.commit();
}

/** A delivery that was prepared some time ago, with what was decided about the file at its destination. */
export interface Ready {
  readonly prepared: Prepared;
  readonly existing: SkipDecision;
}

/** Since it was prepared its source may have gone, or its destination come. Throws SgError INPUT, ENCODE or USAGE. */
async function expectAsPrepared({ prepared, existing }: Ready): Promise<void> {
  const { input, sourcePath, sourceStamp, plan, values } = prepared;
  const now = await stampFile(sourcePath).catch((cause: unknown) => {
    throw new SgError('INPUT', `${input} went away before its turn came`, { cause });
  });
  if (!sameStamp(sourceStamp, now)) throw sourceChanged(sourcePath);
  const overwrite = values.overwrite === true || existing.kind !== 'absent';
  const blocking = plan && errorOfIssues(await checkDestination(plan.destination, sourcePath, { overwrite }));
  if (blocking) throw blocking;
}

/** The process that makes several films of one source, and which of them is this one. */
export interface SharedPart {
  readonly member: number;
  readonly encode: SharedEncode;
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
    await expectAsPrepared(ready);
  }
  const { prepared, existing } = ready ?? (await prepareNow(attempt, keep, threads));
  const { plan } = prepared;
  if (!plan) throw new SgError('INTERNAL', 'a request without findings has no plan');
  if (existing.kind === 'complete') {
    await renewTime(session, call, prepared);
    await renewDepfile(attempt, prepared, plan);
    return skipped(attempt, prepared, plan, existing.record.output.sha256, existing.record.output.bytes);
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
    // Stopped while its source was still being looked at, which may take minutes, or one of several that were accepted: a run that was, unlike a refusal.
    if ((controller.signal.aborted || options.ready) && !session.history.getJob(attempt.exportId)) {
      session.history.insertJob(newJob(attempt, outcome.result.source));
      finishHistory(attempt, outcome.result);
    }
    return outcome;
  }
}
