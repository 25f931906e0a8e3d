import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { encodeBytes, encodeWork } from '../codecs/appetite.ts';
import { depfileRule } from '../files/depfile.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import { valueOf } from '../model/rational.ts';
import { planAttempts } from '../plan/attempts.ts';
import { warningTexts } from '../plan/finding.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import type { Ready } from './export.ts';
import { asRendition, type PlannedLadders, type PlannedPackage, planLadders, withSheets } from './ladder-prepare.ts';
import { type Looks, looksOnce } from './looks.ts';
import { runInLanes } from './many.ts';
import { type ExportFindings, gatherFindings } from './multi-findings.ts';
import { type FinishedBefore, finishedBefore } from './multi-finished.ts';
import { collisions, folderIssues, type Placed, sidePlaceIssues, spaceIssues, thrownIssue } from './multi-places.ts';
import { folderOf, type MultiRequest, mostAtOnce, type RequestedExport } from './multi-request.ts';
import { type Among, prepareExport } from './prepare.ts';
import { outputNames, prerequisitesOf } from './side-files.ts';
import { judgeExisting, type SkipDecision } from './skip.ts';
import { issuesOf } from './validate.ts';

/** One delivery, ready to run. */
export interface PlannedExport {
  readonly exportId: string;
  readonly asked: RequestedExport;
  readonly call: ExportCall;
  readonly ready: Ready;
  /** Expected need of its encode. */
  readonly memoryBytes: number;
}

export interface PreparedMulti {
  readonly multiId: string;
  readonly request: MultiRequest;
  readonly exports: readonly PlannedExport[];
  /** Not to be looked at any more; `exports` are the others. */
  readonly before: readonly FinishedBefore[];
  /** Of the request, each with the exports that it is about. */
  readonly warnings: readonly string[];
  /** Folders that are made of the exports, where a ladder is asked for. */
  readonly packages: readonly PlannedPackage[];
  /** The depfile's text, where one is asked for. */
  readonly depfileText: string | undefined;
}

export interface MultiPrepareOptions {
  /** Set where a run is taken up again: what is complete is left out, whatever the request said. */
  readonly resumed?: { readonly multiId: string };
}

interface Looked {
  readonly asked: RequestedExport;
  readonly call: ExportCall;
  readonly prepared: Prepared | undefined;
  readonly existing: SkipDecision;
  readonly issues: readonly Issue[];
}

const ABSENT: SkipDecision = { kind: 'absent' };

/** What stands at the destination. Taking up a run, what was to be replaced may still be there. */
async function existingOf(
  session: Session,
  prepared: Prepared,
  signal: AbortSignal,
  resumed: boolean,
): Promise<SkipDecision> {
  if (!prepared.plan || !(resumed || prepared.values.skipExisting)) return ABSENT;
  try {
    return await judgeExisting(session, prepared, signal);
  } catch (thrown) {
    const isForeign = thrown instanceof SgError && thrown.code === 'USAGE';
    if (resumed && isForeign && prepared.values.overwrite) return ABSENT;
    throw thrown;
  }
}

async function lookAtAll(
  session: Session,
  request: MultiRequest,
  multiId: string,
  resumed: boolean,
  looks: Looks,
): Promise<readonly Looked[]> {
  const { signal } = looks;
  const sources = [...new Set(request.exports.map(({ input }) => resolve(request.cwd, input)))];
  const found: Looked[] = [];
  const part = {
    ...{ id: multiId, files: request.files, hasDepfile: request.depfile !== undefined },
    ...(request.ladder ? { inPackage: true } : {}),
  };
  const receipts = request.receipts === undefined ? undefined : resolve(request.cwd, request.receipts);
  const lookAt = async (index: number): Promise<void> => {
    const asked = request.exports[index];
    if (!asked) return;
    const call: ExportCall = { input: asked.input, flags: asked.flags, multi: part };
    const among: Among = { folder: folderOf(request, asked), receipts, sources, mayExist: resumed };
    let prepared: Prepared | undefined;
    try {
      prepared = await prepareExport(session, call, signal, { looks, among });
      const existing = await existingOf(session, prepared, signal, resumed);
      found[index] = { asked, call, prepared, existing, issues: prepared.issues };
    } catch (thrown) {
      signal.throwIfAborted();
      const issues = [...(prepared?.issues ?? []), ...issuesOf(thrown, asked.input)];
      found[index] = { asked, call, prepared, existing: ABSENT, issues };
    }
  };
  const each = request.exports.map(() => ({ lanes: 1, memoryBytes: 0 }));
  await runInLanes(each, { lanes: request.parallel, memoryBytes: 0 }, lookAt);
  return found;
}

function sourceFrame({ media, resolved }: Prepared) {
  const stream = media.video.find((one) => one.index === resolved?.video.index);
  return { width: stream?.width ?? 0, height: stream?.height ?? 0 };
}

const workOf = ({ resolved }: Prepared): number => {
  if (!resolved) return 0;
  const { video } = resolved;
  return encodeWork(video.encoder, {
    ...video.geometry,
    framesPerSec: video.frameRate ? valueOf(video.frameRate) : 30,
  });
};

/**
 * Gives each encode its part of the machine's threads, by its work among those that it is likely to run with: the ones
 * after it. The same request on the same machine always gets the same threads, and so the same film.
 */
function shareThreads(ready: readonly Prepared[], lanes: number): readonly (number | undefined)[] {
  const cores = availableParallelism();
  const works = ready.map(workOf);
  return ready.map((_, index) => {
    const first = Math.max(0, Math.min(index, ready.length - lanes));
    const together = works.slice(first, first + lanes);
    if (together.length < 2) return undefined;
    const all = together.reduce((sum, work) => sum + work, 0);
    return all > 0 ? Math.max(1, Math.min(cores, Math.ceil((cores * (works[index] ?? 0)) / all))) : 1;
  });
}

/** The same decision with its part of the threads. */
function withThreads(prepared: Prepared, threads: number | undefined): Prepared {
  const { resolved, plan, media } = prepared;
  if (!resolved || !plan || threads === undefined || resolved.video.codec === 'copy') return prepared;
  const share = (one: ResolvedExport): ResolvedExport => ({ ...one, video: { ...one.video, threads } });
  const attempts = prepared.attempts.map((one) => ({ ...one, resolved: share(one.resolved) }));
  const { sizeLimits } = plan;
  return {
    ...prepared,
    resolved: share(resolved),
    attempts,
    plan: { ...planAttempts(attempts, media), ...(sizeLimits ? { sizeLimits } : {}) },
  };
}

/** A rule for each output. Throws SgError USAGE for a name that make has no way to write. */
function depfileOf(session: Session, request: MultiRequest, all: readonly Placed[], calls: readonly ExportCall[]) {
  if (request.depfile === undefined) return undefined;
  const rules = all.map(({ asked, prepared }, index) => {
    const call = calls[index];
    const destination = prepared.resolved?.destination ?? '';
    // As make's user knows it: in the folder as it was typed.
    const typed = asked.folder === undefined ? destination : join(asked.folder, destination.split('/').at(-1) ?? '');
    return call
      ? depfileRule(
          outputNames(typed, prepared.resolved?.thumbnails),
          prerequisitesOf({ session, call, values: prepared.values }),
        )
      : '';
  });
  return rules.join('');
}

/** Each export as the rendition that it is of its package, whose scratch folder it is made in. */
function asRenditions(looked: readonly Looked[], { packages }: PlannedLadders): readonly Looked[] {
  return looked.map((one) => {
    const owner = packages.find(({ scratch }) => scratch === one.asked.folder);
    return owner && one.prepared ? { ...one, prepared: asRendition(one.prepared, owner.cut) } : one;
  });
}

function refuse(issues: readonly Issue[]): void {
  const error = errorOfIssues(issues);
  if (error) throw error;
}

/**
 * Everything that can be known about all exports before the first one starts. Throws SgError with all findings, each
 * named by its exports; nothing is made, nothing is touched.
 */
export async function prepareMulti(
  session: Session,
  request: MultiRequest,
  signal: AbortSignal,
  { resumed }: MultiPrepareOptions = {},
): Promise<PreparedMulti> {
  const multiId = resumed?.multiId ?? randomUUID();
  const before = resumed ? await finishedBefore(session, request, multiId, signal) : [];
  const gone = new Set(before.map(({ at }) => at));
  const left = { ...request, exports: request.exports.filter((_, at) => !gone.has(at)) };
  const looks = looksOnce(session, signal, request.now);
  const ladders = left.ladder
    ? await planLadders(session, left, left.ladder, multiId, looks, resumed !== undefined)
    : undefined;
  const wholeRequest = ladders ? { ...left, exports: ladders.exports } : left;
  const all = await lookAtAll(session, wholeRequest, multiId, resumed !== undefined, looks);
  const looked = ladders ? asRenditions(all, ladders) : all;
  const findings: ExportFindings[] = looked.map(({ asked, issues }) => ({ label: asked.label, issues }));
  const placed: readonly Placed[] = looked.flatMap(({ asked, prepared }) => (prepared ? [{ asked, prepared }] : []));
  const wanted = looked.flatMap(({ asked, prepared, existing }) =>
    prepared && existing.kind !== 'complete' ? [{ asked, prepared }] : [],
  );
  const common = [
    ...(await folderIssues(request)),
    ...(await collisions(placed)),
    ...(await sidePlaceIssues(request, placed, session.configPath, resumed !== undefined)),
  ];
  const issues = [...(ladders?.issues ?? []), ...gatherFindings(findings), ...common, ...(await spaceIssues(wanted))];
  refuse(issues);
  let depfileText: string | undefined;
  try {
    depfileText = depfileOf(
      session,
      request,
      placed,
      looked.map(({ call }) => call),
    );
  } catch (thrown) {
    refuse([thrownIssue(thrown, 'depfile_name', '--depfile')]);
  }
  const threads = shareThreads(
    wanted.map(({ prepared }) => prepared),
    Math.min(mostAtOnce(request), wanted.length),
  );
  const share = new Map(wanted.map(({ prepared }, index) => [prepared, threads[index]]));
  return {
    multiId,
    request,
    before,
    warnings: [...before.map(({ warning }) => warning), ...warningTexts(issues)],
    packages: (ladders?.packages ?? []).map((one) => withSheets(one, looked)),
    depfileText,
    exports: looked.flatMap(({ asked, call, prepared, existing }) => {
      if (!prepared?.resolved) return [];
      const { video } = prepared.resolved;
      return [
        {
          exportId: randomUUID(),
          asked,
          call,
          ready: { prepared: withThreads(prepared, share.get(prepared)), existing },
          memoryBytes:
            existing.kind === 'complete'
              ? 0
              : encodeBytes(
                  video.encoder,
                  { ...video.geometry, pixelFormat: video.pixelFormat },
                  sourceFrame(prepared),
                ),
        },
      ];
    }),
  };
}
