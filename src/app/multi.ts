import { readFile, rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { makeFolder } from '../files/destination.ts';
import { thisProcess } from '../files/owner.ts';
import { SgError } from '../model/errors.ts';
import type { MultiResult } from '../model/events.ts';
import { shareKey } from '../plan/share.ts';
import type { Session } from './call.ts';
import { type Delivery, exportMany } from './many.ts';
import { errorOfPackages, partOutcome, settleParts, startPackages } from './multi-packages.ts';
import { foldersOf } from './multi-places.ts';
import type { PlannedExport, PreparedMulti } from './multi-prepare.ts';
import type { MultiRequest } from './multi-request.ts';
import { keptRequest } from './multi-resume.ts';
import { CANCELS, type ExportOutcome, type ExportWatcher } from './outcome.ts';
import { realPorts } from './ports.ts';
import { stageFiles } from './side-files.ts';

export interface MultiOutcome {
  readonly result: MultiResult;
  /** In the order of the request. */
  readonly outcomes: readonly ExportOutcome[];
  readonly error: SgError | undefined;
}

export interface MultiWatcher extends ExportWatcher {
  readonly finished: (outcome: ExportOutcome) => void;
}

const AGAIN = 'the same command with --skip-existing makes only what is missing; so does `sg-export multi --resume`';
const STOPPED = 'cancelled, because another export failed (--fail-fast)';
const PART_STOPPED = 'cancelled, because another rendition of the package failed';

const isCancelled = ({ error }: ExportOutcome): boolean => error !== undefined && CANCELS.includes(error.code);

/** What ends the whole: undefined where every export was delivered. */
export function errorOfMulti(outcomes: readonly ExportOutcome[], signal: AbortSignal): SgError | undefined {
  const bad = outcomes.filter(({ error }) => error !== undefined);
  if (bad.length === 0) return undefined;
  if (signal.aborted) return signal.reason instanceof SgError ? signal.reason : new SgError('SIGINT', 'cancelled');
  const failed = bad.filter((outcome) => !isCancelled(outcome));
  const rest = bad.length > failed.length ? `, ${bad.length - failed.length} cancelled` : '';
  if (bad.length < outcomes.length) {
    return new SgError('PARTIAL', `${failed.length} of ${outcomes.length} exports failed${rest}`, { hint: AGAIN });
  }
  const told = (failed[0] ?? bad[0])?.error;
  const codes = new Set((failed.length > 0 ? failed : bad).map(({ error }) => error?.code));
  const code = codes.size === 1 && told ? told.code : 'ENCODE';
  if (outcomes.length === 1 && told) return told;
  const how = failed.length === outcomes.length ? `all ${outcomes.length} exports failed` : 'no export was finished';
  return new SgError(code, `${how}${rest}: ${told?.message ?? ''}`, { hint: told?.hint ?? AGAIN });
}

/** Folders that the run made and did not use go again. */
async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}

/** One rule for each output, written only where all of them are there: half of them would hide the others from make. */
async function writeDepfile(session: Session, { request, depfileText, exports, multiId }: PreparedMulti) {
  const toolchain = exports[0]?.ready.prepared.toolchain;
  if (depfileText === undefined || request.depfile === undefined || !toolchain) return;
  const path = resolve(session.cwd, request.depfile);
  if (depfileText === (await readFile(path, 'utf8').catch(() => undefined))) return;
  const texts = [{ path, text: depfileText }];
  await (await stageFiles(texts, realPorts(toolchain), multiId)).commit();
}

/**
 * Cores that one ffmpeg can keep busy: 5.1 filters all its outputs in one thread. Scaling to 720p took 3.4 ms of it for
 * a million pixels, x264 at medium 51 ms for as many (5.1.9, 200 frames of a 1080p film): at 8 it is half busy.
 */
const CORES_OF_ONE = 8;

/** How many exports may share a process. */
export function mostTogether({ share, parallel }: MultiRequest, count: number, cores: number): number {
  const lanes = Math.min(parallel, count);
  if (share !== undefined) return share ? lanes : 1;
  return Math.max(1, Math.min(lanes, Math.floor((CORES_OF_ONE * lanes) / cores)));
}

/** Exports that share must have all their time together, and something to make. */
function shareKeyOf({ ready: { prepared, existing }, asked }: PlannedExport): string | undefined {
  const { plan, toolchain } = prepared;
  if (!plan || existing.kind === 'complete' || asked.timeoutSec !== undefined) return undefined;
  const key = shareKey(plan);
  return key && `${toolchain.ffmpeg.path}\n${key}`;
}

function deliveriesOf({ exports, request }: PreparedMulti, signal: AbortSignal) {
  const together = mostTogether(request, exports.length, availableParallelism());
  const deliveries = exports.map((one) => ({
    call: one.call,
    exportId: one.exportId,
    ready: one.ready,
    memoryBytes: one.memoryBytes,
    shareKey: together > 1 ? shareKeyOf(one) : undefined,
    controller: new AbortController(),
  }));
  const abortAll = (reason: unknown): void => {
    for (const { controller } of deliveries) controller.abort(reason);
  };
  const onAbort = (): void => abortAll(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return { deliveries, together, abortAll, release: () => signal.removeEventListener('abort', onAbort) };
}

const MOST_MS = 2 ** 31 - 1;

/** Ends an export, or all of them, after its time. Returns what calls it off. */
function endAfter(sec: number | undefined, controller: AbortController, what: string): () => void {
  if (sec === undefined) return () => undefined;
  const timer = setTimeout(
    () => controller.abort(new SgError('TIMEOUT', `${what} ran out (${sec} s)`)),
    Math.min(sec * 1000, MOST_MS),
  );
  return () => clearTimeout(timer);
}

async function runAll(
  session: Session,
  prepared: PreparedMulti,
  signal: AbortSignal,
  watcher: MultiWatcher,
): Promise<readonly ExportOutcome[]> {
  const { request, exports, packages } = prepared;
  const abortPackage = (failed: number): void => {
    for (const [index, { controller }] of deliveries.entries())
      if (exports[index]?.asked.folder === exports[failed]?.asked.folder)
        controller.abort(new SgError('SIGINT', PART_STOPPED));
  };
  const { deliveries, together, abortAll, release } = deliveriesOf(prepared, signal);
  const timers = new Map<number, () => void>();
  const starting = (index: number): void => {
    const controller = deliveries[index]?.controller;
    const sec = exports[index]?.asked.timeoutSec;
    if (controller) timers.set(index, endAfter(sec, controller, "the export's timeout"));
  };
  const finished = (outcome: ExportOutcome, index: number): void => {
    timers.get(index)?.();
    watcher.finished(packages.length > 0 ? partOutcome(outcome) : outcome);
    if (!outcome.error || isCancelled(outcome)) return;
    if (request.failFast) abortAll(new SgError('SIGINT', STOPPED));
    else if (packages.length > 0) abortPackage(index);
  };
  const memoryBytes = request.memoryBytes ?? defaultMemoryBytes();
  const list: readonly Delivery[] = deliveries;
  try {
    const limits = { parallel: request.parallel, together, memoryBytes };
    return await exportMany(session, list, { ...limits, starting, finished }, watcher);
  } finally {
    release();
  }
}

const DEFAULT_SHARE = 0.75;

/** Free memory, or what a container leaves of it. */
function defaultMemoryBytes(): number {
  return process.availableMemory() * DEFAULT_SHARE;
}

/**
 * Runs what was prepared. One failure stops no other, unless `--fail-fast`; what is finished stays. Throws SgError only
 * where nothing could be begun: a folder that cannot be made.
 */
export async function runMulti(
  session: Session,
  prepared: PreparedMulti,
  controller: AbortController,
  watcher: MultiWatcher,
): Promise<MultiOutcome> {
  const { request, multiId } = prepared;
  const { signal } = controller;
  const made: string[] = [];
  try {
    for (const folder of foldersOf(request)) made.unshift(...(await makeFolder(folder)));
    const packing = await startPackages(prepared.packages, prepared.exports, signal);
    const { host, pid, startTicks } = thisProcess();
    session.history.insertMulti({
      multi_id: multiId,
      request: keptRequest(session, request),
      status: 'running',
      created_at: new Date().toISOString(),
      host: `${host}/${startTicks}`,
      pid,
    });
    const disarm = endAfter(request.timeoutSec, controller, "the job's timeout");
    const ran = await runAll(session, prepared, signal, watcher);
    const packages = await packing.finish(ran);
    const outcomes = packages.length > 0 ? settleParts(session, prepared.exports, ran, packages) : ran;
    disarm();
    let error = packages.length > 0 ? errorOfPackages(packages, signal) : errorOfMulti(outcomes, signal);
    if (!error) error = await writeDepfile(session, prepared).then(() => undefined, asError);
    const status = error ? (CANCELS.includes(error.code) ? 'cancelled' : 'failed') : 'completed';
    session.history.finishMulti(multiId, status);
    const result: MultiResult = {
      type: 'result',
      multi_id: multiId,
      status,
      exports: outcomes.map((outcome) => outcome.result),
      packages: packages.flatMap(({ result }) => result ?? []),
      error_code: error?.code ?? null,
      error_message: error?.message ?? null,
    };
    return { result, outcomes, error };
  } finally {
    await removeEmpty(made.sort((a, b) => b.length - a.length));
  }
}

function asError(thrown: unknown): SgError {
  return thrown instanceof SgError ? thrown : new SgError('INTERNAL', String(thrown), { cause: thrown });
}
