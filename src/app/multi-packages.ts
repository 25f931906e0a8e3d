import { basename } from 'node:path';
import { SgError } from '../model/errors.ts';
import type { ExportResult, PackageResult } from '../model/events.ts';
import type { Prepared, Session } from './call.ts';
import { isCancelled } from './multi-error.ts';
import type { PlannedExport } from './multi-prepare.ts';
import { type ExportOutcome, errorFrom } from './outcome.ts';
import { renditionFiles } from './package-result.ts';
import { finishPackage, makeParts, type OpenPackage, openPackage } from './package-run.ts';
import { rememberPackage } from './package-skip.ts';
import type { PlannedPackage } from './planned-package.ts';

/** What became of one package. */
export interface PackageOutcome {
  readonly planned: PlannedPackage;
  readonly result: PackageResult | undefined;
  /** Bytes of its files, by their absolute paths. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly error: SgError | undefined;
}

/** Packages under way, each by itself: its sound and text are made while the exports of its pictures run. */
export interface RunningPackages {
  /** An export begins; `index` is its place among all exports. */
  begin(index: number): void;
  /** An export has ended: a package whose exports all have is finished beside those that still run. */
  end(index: number, outcome: ExportOutcome): void;
  /** To be called when all exports have ended, with their outcomes in order. Lets go of everything. Never throws. */
  finish(outcomes: readonly ExportOutcome[]): Promise<readonly PackageOutcome[]>;
}

/** The first failure of a package's pictures; one that was merely stopped with the others comes last. */
function failureOf(outcomes: readonly ExportOutcome[]): SgError | undefined {
  const bad = outcomes.filter(({ error }) => error !== undefined);
  return (bad.find((outcome) => !isCancelled(outcome)) ?? bad[0])?.error;
}

/** One package under way. */
class Running {
  readonly open: OpenPackage;
  readonly #session: Pick<Session, 'history'>;
  /** In the order of its rungs. */
  readonly #renditions: readonly Prepared[];
  readonly #signal: AbortSignal;
  /** Its exports that have not ended. */
  readonly #left: Set<number>;
  readonly #outcomes: ExportOutcome[] = [];
  #parts: Promise<SgError | undefined> | undefined;
  #made: Promise<PackageOutcome> | undefined;

  constructor(
    session: Pick<Session, 'history'>,
    open: OpenPackage,
    renditions: ReadonlyMap<number, Prepared>,
    signal: AbortSignal,
  ) {
    this.#session = session;
    this.open = open;
    this.#renditions = [...renditions.values()];
    this.#left = new Set(renditions.keys());
    this.#signal = signal;
  }

  begin(index: number): void {
    if (!this.#left.has(index)) return;
    this.#parts ??= makeParts(this.open, this.#signal).then(
      () => undefined,
      (thrown: unknown) => errorFrom(thrown, this.#signal),
    );
  }

  end(index: number, outcome: ExportOutcome): void {
    if (!this.#left.delete(index)) return;
    this.#outcomes.push(outcome);
    if (this.#left.size === 0) this.#made ??= this.#finish();
  }

  /** Its outcome, when its scratch folder is gone. */
  get made(): Promise<PackageOutcome> {
    this.#made ??= this.#finish();
    return this.#made;
  }

  /** What is in place is a success, whether it can be remembered or not. */
  async #remember(): Promise<void> {
    const made = this.#outcomes.find(({ source }) => source !== undefined);
    if (!made?.source || this.open.planned.ladder.encryption) return;
    const from = { exportId: made.result.export_id, source: made.source, signal: this.#signal };
    await rememberPackage(this.#session, this.open.planned, this.#renditions, from).catch(() => undefined);
  }

  async #finish(): Promise<PackageOutcome> {
    const { planned } = this.open;
    const nothing = { planned, result: undefined, sizes: new Map<string, number>() };
    try {
      const failed = failureOf(this.#outcomes) ?? (await this.#parts);
      if (failed) return { ...nothing, error: failed };
      const standing = await finishPackage(this.open, this.#signal);
      await this.#remember();
      return { planned, ...standing, error: undefined };
    } catch (thrown) {
      return { ...nothing, error: errorFrom(thrown, this.#signal) };
    } finally {
      await this.#parts;
      // What cannot be removed now is swept by a later run.
      await this.open.close().catch(() => undefined);
    }
  }
}

/** Takes the places of all packages. Throws SgError where a place cannot be taken. */
export async function startPackages(
  session: Pick<Session, 'history'>,
  packages: readonly PlannedPackage[],
  exports: readonly PlannedExport[],
  signal: AbortSignal,
): Promise<RunningPackages> {
  const running: Running[] = [];
  try {
    for (const planned of packages) {
      const own = exports.flatMap(({ asked, ready }, index) =>
        asked.folder === planned.scratch ? [[index, ready.prepared] as const] : [],
      );
      running.push(new Running(session, await openPackage(planned, signal), new Map(own), signal));
    }
  } catch (error) {
    for (const { open } of running) await open.close();
    throw error;
  }
  return {
    begin: (index) => {
      for (const one of running) one.begin(index);
    },
    end: (index, outcome) => {
      for (const one of running) one.end(index, outcome);
    },
    finish: async (outcomes) => {
      const made: PackageOutcome[] = [];
      for (const one of running) {
        for (const [index, outcome] of outcomes.entries()) one.end(index, outcome);
        made.push(await one.made);
      }
      return made;
    },
  };
}

/** A part has no file of its own: what was made of it is cut into segments. Its size is told, under the name that it had. */
export function partOutcome(outcome: ExportOutcome): ExportOutcome {
  const { result } = outcome;
  const sizes = Object.entries(result.file_sizes).map(([path, bytes]) => [basename(path), bytes] as const);
  const file_sizes = Object.fromEntries(sizes);
  return { ...outcome, result: { ...result, output_files: [], file_sizes, checksums: {} } };
}

/** A picture that was finished and whose package was not is no delivery; the history says where the others are. */
export function settleParts(
  session: Session,
  exports: readonly PlannedExport[],
  outcomes: readonly ExportOutcome[],
  packages: readonly PackageOutcome[],
): readonly ExportOutcome[] {
  return outcomes.map((outcome, index) => {
    const part = partOutcome(outcome);
    const owner = packages.find(({ planned }) => planned.scratch === exports[index]?.asked.folder);
    if (!owner || outcome.error) return part;
    const { error, result } = owner;
    const base = basename(outcome.prepared?.plan?.destination ?? '', '.mp4');
    const file_sizes = result ? renditionFiles({ result, sizes: owner.sizes }, base) : {};
    const settled: ExportResult = error
      ? { ...part.result, file_sizes: {}, status: 'failed', error_code: error.code, error_message: error.message }
      : { ...part.result, file_sizes, output_files: Object.keys(file_sizes) };
    session.history.updateJob(settled.export_id, {
      status: settled.status,
      output_files: result ? [result.manifest] : [],
      file_sizes: {},
      error_message: settled.error_message,
    });
    return { ...part, result: settled, error };
  });
}

/** What ends the whole: undefined where every package stands. */
export function errorOfPackages(packages: readonly PackageOutcome[], signal: AbortSignal): SgError | undefined {
  const failed = packages.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (!first?.error) return undefined;
  if (signal.aborted) return signal.reason instanceof SgError ? signal.reason : new SgError('SIGINT', 'cancelled');
  if (packages.length === 1) return first.error;
  const what = `${first.planned.label}: ${first.error.message}`;
  if (failed.length < packages.length) {
    return new SgError('PARTIAL', `${failed.length} of ${packages.length} packages failed: ${what}`, {
      hint: 'the same command for the sources whose packages are missing makes them',
    });
  }
  return new SgError(first.error.code, `all ${packages.length} packages failed: ${what}`, { hint: first.error.hint });
}
