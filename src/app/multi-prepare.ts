import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import { warningTexts } from '../plan/finding.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import type { Ready } from './export.ts';
import { planLadders } from './ladder-prepare.ts';
import { asRendition, withSheets } from './ladder-renditions.ts';
import { type Looks, looksOnce } from './looks.ts';
import { runInLanes, unitsOf } from './many.ts';
import { multiDepfile } from './multi-depfile.ts';
import { type ExportFindings, gatherFindings } from './multi-findings.ts';
import { type FinishedBefore, finishedBefore } from './multi-finished.ts';
import { machineParts, memoryOf, withPart } from './multi-machine.ts';
import { collisions, folderIssues, sidePlaceIssues, spaceIssues, thrownIssue } from './multi-places.ts';
import { folderOf, type MultiRequest, mostAtOnce, type RequestedExport } from './multi-request.ts';
import type { TakenUp } from './multi-resume.ts';
import { mostTogether, shareKeyOf } from './multi-share.ts';
import { type PackageBefore, packagesLeft } from './packages-before.ts';
import type { PlannedLadders, PlannedPackage } from './planned-package.ts';
import { type Among, prepareExport } from './prepare.ts';
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
  /** Where it was begun before. */
  readonly resumed: TakenUp | undefined;
  readonly request: MultiRequest;
  readonly exports: readonly PlannedExport[];
  /** Not to be looked at any more; `exports` are the others. */
  readonly before: readonly FinishedBefore[];
  /** Of the request, each with the exports that it is about. */
  readonly warnings: readonly string[];
  /** Folders that are made of the exports, where a ladder is asked for. */
  readonly packages: readonly PlannedPackage[];
  /** Folders that are there; of their renditions tells `before`. */
  readonly packagesBefore: readonly PackageBefore[];
  /** The depfile's text, where one is asked for. */
  readonly depfileText: string | undefined;
}

export interface MultiPrepareOptions {
  /** Set where a run is taken up again: what is complete is left out, whatever the request said. */
  readonly resumed?: TakenUp;
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

/** An export that was looked at, and of which it is known what it will be. */
type Known = Looked & { readonly prepared: Prepared };

const knownOf = (looked: readonly Looked[]): readonly Known[] =>
  looked.flatMap((one) => (one.prepared ? [{ ...one, prepared: one.prepared }] : []));

const isToMake = ({ existing }: Known): boolean => existing.kind !== 'complete';

/** Each finding with the exports that it is about, and those about all of them together. */
async function findingsOf(
  session: Session,
  request: MultiRequest,
  looked: readonly Looked[],
  resumed: boolean,
): Promise<readonly Issue[]> {
  const findings: ExportFindings[] = looked.map(({ asked, issues }) => ({ label: asked.label, issues }));
  const known = knownOf(looked);
  return [
    ...gatherFindings(findings),
    ...(await folderIssues(request)),
    // Of two rungs that are one the ladder tells.
    ...(request.ladder ? [] : await collisions(known)),
    ...(await sidePlaceIssues(request, known, session.configPath, resumed)),
    ...(await spaceIssues(known.filter(isToMake))),
  ];
}

function depfileOrRefuse(...[session, request, known, before]: Parameters<typeof multiDepfile>): string | undefined {
  try {
    return multiDepfile(session, request, known, before);
  } catch (thrown) {
    refuse([thrownIssue(thrown, 'depfile_name', '--depfile')]);
    return undefined;
  }
}

/** How many films the process of each export makes, as far as memory allows. */
function processSizes(toMake: readonly Known[], together: number): readonly number[] {
  const keys = toMake.map((one) => (together > 1 ? shareKeyOf(one, one.asked) : undefined));
  const units = unitsOf(keys, [], { lanes: together, memoryBytes: Number.POSITIVE_INFINITY });
  const sizes = new Map(units.flatMap((unit) => unit.map((index) => [index, unit.length] as const)));
  return keys.map((_, index) => sizes.get(index) ?? 1);
}

/** All exports, those that are to be made with their parts of the machine. */
function plannedOf(request: MultiRequest, known: readonly Known[]): readonly PlannedExport[] {
  const toMake = known.filter(isToMake);
  const wanted = toMake.map(({ prepared }) => prepared);
  const sizes = processSizes(toMake, mostTogether(request, known.length, availableParallelism()));
  const parts = machineParts(wanted, Math.min(mostAtOnce(request), wanted.length), (index) => sizes[index] ?? 1);
  const share = new Map(wanted.map((prepared, index) => [prepared, parts[index]]));
  return known.flatMap((one) => {
    const { asked, call, prepared, existing } = one;
    if (!prepared.resolved) return [];
    const ready = { prepared: withPart(prepared, share.get(prepared)), existing };
    return [{ exportId: randomUUID(), asked, call, ready, memoryBytes: isToMake(one) ? memoryOf(prepared) : 0 }];
  });
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
  const isResumed = resumed !== undefined;
  const before = resumed ? await finishedBefore(session, request, multiId, signal) : [];
  const gone = new Set(before.map(({ at }) => at));
  const left = { ...request, exports: request.exports.filter((_, at) => !gone.has(at)) };
  const looks = looksOnce(session, signal, request.now);
  // Renditions would say it of the scratch folder within.
  if (left.ladder) refuse(await folderIssues(left));
  const ladders = left.ladder ? await planLadders(session, left, left.ladder, multiId, looks, isResumed) : undefined;
  const wholeRequest = ladders ? { ...left, exports: ladders.exports } : left;
  const all = await lookAtAll(session, wholeRequest, multiId, isResumed, looks);
  const renditions = ladders ? asRenditions(all, ladders) : all;
  const packages = await packagesLeft(session, ladders?.packages ?? [], renditions, signal);
  const there = new Set(packages.exports.map(({ at }) => at));
  const looked = renditions.filter((_, at) => !there.has(at));
  const found = await findingsOf(session, request, looked, isResumed);
  const issues = [...(ladders?.issues ?? []), ...packages.issues, ...found];
  refuse(issues);
  const known = knownOf(looked);
  return {
    multiId,
    resumed,
    request,
    before: [...before, ...packages.exports],
    warnings: [...before.flatMap(({ warning }) => warning ?? []), ...warningTexts(issues)],
    packages: packages.packages.map((one) => withSheets(one, known)),
    packagesBefore: packages.before,
    depfileText: depfileOrRefuse(session, request, known, before),
    exports: plannedOf(request, known),
  };
}
