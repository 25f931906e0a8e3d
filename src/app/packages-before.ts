import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Issue } from '../model/errors.ts';
import { type ExportResult, NOTHING_MADE, type PackageResult } from '../model/events.ts';
import type { Prepared, Session } from './call.ts';
import type { FinishedBefore } from './multi-finished.ts';
import type { RequestedExport } from './multi-request.ts';
import { renditionFiles, type StandingPackage } from './package-result.ts';
import { judgePackage } from './package-skip.ts';
import type { PlannedPackage } from './planned-package.ts';
import { renewAfter } from './skip.ts';

/** A package of the request that is there, complete. */
export interface PackageBefore {
  /** Its place among the packages of the request. */
  readonly at: number;
  readonly standing: StandingPackage;
  /** Absolute path. */
  readonly source: string;
}

/** What is left to make of the packages of a request. */
export interface PackagesLeft {
  readonly packages: readonly PlannedPackage[];
  readonly before: readonly PackageBefore[];
  /** The renditions of those, among all exports. */
  readonly exports: readonly FinishedBefore[];
  readonly issues: readonly Issue[];
}

interface Rendition {
  readonly asked: RequestedExport;
  readonly prepared: Prepared | undefined;
}

/** What is told of a rendition that is there. `at`: its place among all exports. */
function renditionBefore(standing: StandingPackage, { asked, prepared }: Rendition, at: number): FinishedBefore {
  const file_sizes = renditionFiles(standing, basename(prepared?.plan?.destination ?? '', '.mp4'));
  const made = Object.keys(file_sizes);
  const result: ExportResult = {
    ...NOTHING_MADE,
    type: 'result',
    export_id: randomUUID(),
    status: 'completed',
    progress: 100,
    current_stage: 'optimization',
    source: prepared?.sourcePath ?? asked.input,
    settings: prepared?.resolved?.settings ?? null,
    output_files: made,
    file_sizes,
    skipped: true,
  };
  return { at, asked, made, outcome: { error: undefined, prepared, result }, warning: undefined };
}

/** With `--skip-existing`: which packages are there already, and which are to replace an older one of ours. */
export async function packagesLeft(
  session: Pick<Session, 'history'>,
  packages: readonly PlannedPackage[],
  renditions: readonly Rendition[],
  signal: AbortSignal,
): Promise<PackagesLeft> {
  const [left, before, exports, issues]: [PlannedPackage[], PackageBefore[], FinishedBefore[], Issue[]] = [
    [],
    [],
    [],
    [],
  ];
  for (const [at, planned] of packages.entries()) {
    const own = renditions.flatMap((one, index) => (one.asked.folder === planned.scratch ? [{ one, index }] : []));
    const prepared = own.flatMap(({ one }) => one.prepared ?? []);
    // What cannot be prepared is refused anyway.
    const decided =
      planned.whole.values.skipExisting && prepared.length === own.length
        ? await judgePackage(session, planned, prepared, signal)
        : ({ kind: 'make', replace: false } as const);
    if (decided.kind === 'refused') issues.push(decided.issue);
    if (decided.kind !== 'complete') {
      left.push(decided.kind === 'make' && decided.replace ? { ...planned, overwrite: true } : planned);
      continue;
    }
    before.push({ at, standing: decided.standing, source: planned.whole.sourcePath });
    exports.push(...own.map(({ one, index }) => renditionBefore(decided.standing, one, index)));
  }
  return { packages: left, before, exports, issues };
}

/** What a skip does to a package that is there: make must find its manifests no older than their source. */
export async function renewPackages(before: readonly PackageBefore[]): Promise<void> {
  for (const { standing, source } of before)
    for (const path of standing.result.manifests) await renewAfter([source], path);
}

/** What is told of all packages, in the order of the request; those that were not made are left out. */
export function allPackages(
  made: readonly { readonly result: PackageResult | undefined }[],
  before: readonly PackageBefore[],
): readonly PackageResult[] {
  const all = made.map(({ result }) => result);
  for (const { at, standing } of before) all.splice(at, 0, standing.result);
  return all.flatMap((one) => one ?? []);
}
