import { availableParallelism } from 'node:os';
import type { ExportCall, Session } from './call.ts';
import { exportOnce, type Ready } from './export.ts';
import type { ExportOutcome, ExportWatcher } from './outcome.ts';

/** One of several deliveries. */
export interface Delivery {
  readonly call: ExportCall;
  /** Its own: cancelling one leaves the others alone. */
  readonly controller: AbortController;
  readonly exportId?: string;
  /** Prepared before, with its threads; else it is prepared when its turn comes. */
  readonly ready?: Ready;
  /** What its encode is expected to need at most; default 0. */
  readonly memoryBytes?: number;
}

export interface ManyOptions {
  /** Encodes at once; 1 = one after the other. */
  readonly parallel: number;
  /** What all that run together may need; a delivery that needs more than that runs alone. Default: no limit. */
  readonly memoryBytes?: number;
  /** Hears of each delivery as its turn comes, and as it ends. */
  readonly starting?: (index: number) => void;
  readonly finished?: (outcome: ExportOutcome, index: number) => void;
}

/**
 * Runs jobs in their order, as many at once as there are lanes and memory; one that does not fit yet lets later ones
 * pass. At least one always runs. Rejects only where `run` does.
 */
export function runInLanes(
  needs: readonly number[],
  limits: { readonly lanes: number; readonly memoryBytes: number },
  run: (index: number) => Promise<void>,
): Promise<void> {
  const waiting = needs.map((_, index) => index);
  let running = 0;
  let used = 0;
  return new Promise((resolve, reject) => {
    const next = (): number | undefined => {
      const place = running === 0 ? 0 : waiting.findIndex((index) => used + (needs[index] ?? 0) <= limits.memoryBytes);
      return place < 0 ? undefined : waiting.splice(place, 1)[0];
    };
    const start = (): void => {
      while (running < limits.lanes) {
        const index = next();
        if (index === undefined) break;
        const bytes = needs[index] ?? 0;
        running += 1;
        used += bytes;
        run(index).then(() => {
          running -= 1;
          used -= bytes;
          start();
        }, reject);
      }
      if (running === 0 && waiting.length === 0) resolve();
    };
    start();
  });
}

/** Runs several deliveries, at most `parallel` at once. One failure stops no other. Outcomes come in the order of the deliveries. */
export async function exportMany(
  session: Session,
  deliveries: readonly Delivery[],
  options: ManyOptions,
  watcher: ExportWatcher,
): Promise<readonly ExportOutcome[]> {
  const lanes = Math.max(1, Math.min(options.parallel, deliveries.length));
  const threads = lanes > 1 ? Math.max(1, Math.ceil(availableParallelism() / lanes)) : undefined;
  const outcomes: ExportOutcome[] = [];
  const memoryBytes = options.memoryBytes ?? Number.POSITIVE_INFINITY;
  const needs = deliveries.map((one) => one.memoryBytes ?? 0);
  await runInLanes(needs, { lanes, memoryBytes }, async (index) => {
    const delivery = deliveries[index];
    if (!delivery) return;
    options.starting?.(index);
    const { call, controller, exportId, ready } = delivery;
    const outcome = await exportOnce(session, call, controller, watcher, {
      ...(threads ? { threads } : {}),
      ...(exportId ? { exportId } : {}),
      ...(ready ? { ready } : {}),
    });
    outcomes[index] = outcome;
    options.finished?.(outcome, index);
  });
  return outcomes;
}
