import { rmdirSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { makeFolder } from '../files/destination.ts';
import { SgError } from '../model/errors.ts';
import type { MultiResult } from '../model/events.ts';
import type { ResolvedVideo } from '../plan/resolved.ts';
import type { Session } from './call.ts';
import { type Delivery, exportMany, type Slot } from './many.ts';
import { writeMultiDepfile } from './multi-depfile.ts';
import { errorOfMulti, isCancelled } from './multi-error.ts';
import { withFinished } from './multi-finished.ts';
import { errorOfPackages, partOutcome, type RunningPackages, settleParts, startPackages } from './multi-packages.ts';
import { writeMultiPage } from './multi-page.ts';
import { foldersOf } from './multi-places.ts';
import type { PreparedMulti } from './multi-prepare.ts';
import { queueInHistory } from './multi-queue.ts';
import { keptRequest, runOwner, takeUp } from './multi-resume.ts';
import { mostTogether, shareKeyOf } from './multi-share.ts';
import { CANCELS, type ExportOutcome, type ExportWatcher, errorFrom } from './outcome.ts';
import { allPackages, renewPackages } from './packages-before.ts';
import { standUntil } from './ports.ts';
import { type SharedFilms, sharedFilms, sharingOf } from './sharing.ts';

export interface MultiOutcome {
  readonly result: MultiResult;
  /** In the order of the request. */
  readonly outcomes: readonly ExportOutcome[];
  readonly error: SgError | undefined;
}

export interface MultiWatcher extends ExportWatcher {
  readonly finished: (outcome: ExportOutcome) => void;
}

/** Not a failure of its own: what ended it is that only a part of the whole was made. */
const STOPPED = new SgError('PARTIAL', 'cancelled, because another export failed (--fail-fast)');
const PART_STOPPED = new SgError('PARTIAL', 'cancelled, because another rendition of the package failed');

/** Folders that the run made and did not use go again. */
async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}

function removeEmptySync(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // It holds what was finished, or is gone.
    }
  }
}

/** A device that is known to take only so many encodes at once. */
function slotOf(video: ResolvedVideo | undefined): Slot | undefined {
  const { sessions } = video?.hardware ?? {};
  return sessions && { device: sessions.name, most: sessions.most };
}

function deliveriesOf({ exports, request }: PreparedMulti, signal: AbortSignal) {
  const together = mostTogether(request, exports.length, availableParallelism());
  const deliveries = exports.map((one) => ({
    call: one.call,
    exportId: one.exportId,
    ready: one.ready,
    memoryBytes: one.memoryBytes,
    slot: one.ready.existing.kind === 'complete' ? undefined : slotOf(one.ready.prepared.resolved?.video),
    shareKey: together > 1 ? shareKeyOf(one.ready, one.asked) : undefined,
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

interface Ran {
  readonly outcomes: readonly ExportOutcome[];
  readonly shared: readonly SharedFilms[];
}

async function runAll(
  session: Session,
  prepared: PreparedMulti,
  controller: AbortController,
  watcher: MultiWatcher,
  packing: RunningPackages,
): Promise<Ran> {
  const { request, exports, packages } = prepared;
  const { deliveries, together, abortAll, release } = deliveriesOf(prepared, controller.signal);
  const abortPackage = (failed: number): void => {
    for (const [index, { controller: one }] of deliveries.entries())
      if (exports[index]?.asked.folder === exports[failed]?.asked.folder) one.abort(PART_STOPPED);
  };
  const queue = queueInHistory(session, prepared, {
    one: (index, reason) => deliveries[index]?.controller.abort(reason),
    all: (reason) => controller.abort(reason),
  });
  const timers = new Map<number, () => void>();
  const starting = (index: number): void => {
    queue.leave(index);
    packing.begin(index);
    const controller = deliveries[index]?.controller;
    const sec = exports[index]?.asked.timeoutSec;
    if (controller) timers.set(index, endAfter(sec, controller, "the export's timeout"));
  };
  const finished = (outcome: ExportOutcome, index: number): void => {
    timers.get(index)?.();
    packing.end(index, outcome);
    watcher.finished(packages.length > 0 ? partOutcome(outcome) : outcome);
    if (!outcome.error || isCancelled(outcome)) return;
    if (request.failFast) abortAll(STOPPED);
    else if (packages.length > 0) abortPackage(index);
  };
  const memoryBytes = request.memoryBytes ?? defaultMemoryBytes();
  const list: readonly Delivery[] = deliveries;
  const shares: SharedFilms[] = [];
  const shared = (indexes: readonly number[]): void => {
    const films = indexes.flatMap((index) => exports[index]?.ready.prepared ?? []);
    shares.push(...sharedFilms(films));
  };
  try {
    const limits = { parallel: request.parallel, together, memoryBytes };
    const outcomes = await exportMany(session, list, { ...limits, starting, finished, shared }, watcher);
    return { outcomes, shared: shares };
  } finally {
    queue.close();
    release();
  }
}

const DEFAULT_SHARE = 0.75;

/** Free memory, or what a container leaves of it. */
function defaultMemoryBytes(): number {
  return process.availableMemory() * DEFAULT_SHARE;
}

/** Keeps the request, so that the run can be seen, cancelled and taken up. */
function beginInHistory(session: Session, { multiId, request }: PreparedMulti): void {
  session.history.insertMulti({
    multi_id: multiId,
    request: keptRequest(session, request),
    status: 'running',
    created_at: new Date().toISOString(),
    ...runOwner(),
  });
}

function resultOf(
  multiId: string,
  outcomes: readonly ExportOutcome[],
  packages: MultiResult['packages'],
  sharing: MultiResult['sharing'],
  error: SgError | undefined,
): MultiResult {
  return {
    type: 'result',
    multi_id: multiId,
    status: error ? (CANCELS.includes(error.code) ? 'cancelled' : 'failed') : 'completed',
    exports: outcomes.map(({ result }) => result),
    packages,
    sharing,
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
  };
}

/**
 * Runs what was prepared. One failure stops no other, unless `--fail-fast`; what is finished stays. Throws SgError only
 * where nothing could be begun: a folder that cannot be made, a run that another process took up.
 */
export async function runMulti(
  session: Session,
  prepared: PreparedMulti,
  controller: AbortController,
  watcher: MultiWatcher,
): Promise<MultiOutcome> {
  const { request, multiId } = prepared;
  const { signal } = controller;
  const folders: string[] = [];
  const innermostFirst = () => folders.sort((a, b) => b.length - a.length);
  const ended = standUntil({ removeSync: () => removeEmptySync(innermostFirst()) });
  try {
    if (prepared.resumed) takeUp(session, prepared.resumed);
    for (const folder of foldersOf(request)) folders.unshift(...(await makeFolder(folder)));
    const packing = await startPackages(session, prepared.packages, prepared.exports, signal);
    beginInHistory(session, prepared);
    const disarm = endAfter(request.timeoutSec, controller, "the job's timeout");
    const { outcomes: ran, shared } = await runAll(session, prepared, controller, watcher, packing);
    const [packages, sharing] = await Promise.all([packing.finish(ran), sharingOf(shared, session.history, signal)]);
    const settled = packages.length > 0 ? settleParts(session, prepared.exports, ran, packages) : ran;
    const outcomes = withFinished(settled, prepared.before);
    disarm();
    const [first] = prepared.exports;
    let error = packages.length > 0 ? errorOfPackages(packages, signal) : errorOfMulti(outcomes, signal);
    const failure = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (thrown: unknown) => errorFrom(thrown, signal),
      );
    error ??= await failure(writeMultiDepfile(prepared, first?.ready.prepared.toolchain));
    const page = await failure(writeMultiPage(session, prepared, outcomes, signal));
    error ??= page;
    await renewPackages(prepared.packagesBefore);
    const result = resultOf(multiId, outcomes, allPackages(packages, prepared.packagesBefore), sharing, error);
    session.history.finishMulti(multiId, result.status);
    return { result, outcomes, error };
  } finally {
    await removeEmpty(innermostFirst());
    ended();
  }
}
