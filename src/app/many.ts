import { availableParallelism } from 'node:os';
import type { ExportCall, Session } from './call.ts';
import { exportOnce } from './export.ts';
import type { ExportOutcome, ExportWatcher } from './outcome.ts';

export interface ManyOptions {
  /** ffmpeg processes at once; 1 = one after the other. */
  readonly parallel: number;
  /** A controller for each call: cancelling one leaves the others alone. */
  readonly controllers: readonly AbortController[];
  /** Hears of each delivery as it ends. */
  readonly finished?: (outcome: ExportOutcome) => void;
}

/** Runs several deliveries, at most `parallel` at once, the machine's threads shared between them. One failure stops no other. */
export async function exportMany(
  session: Session,
  calls: readonly ExportCall[],
  options: ManyOptions,
  watcher: ExportWatcher,
): Promise<readonly ExportOutcome[]> {
  const lanes = Math.max(1, Math.min(options.parallel, calls.length));
  const threads = lanes > 1 ? Math.max(1, Math.ceil(availableParallelism() / lanes)) : undefined;
  const outcomes: ExportOutcome[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < calls.length; i = next++) {
      const [call, controller] = [calls[i], options.controllers[i]];
      if (!call || !controller) continue;
      const outcome = await exportOnce(session, call, controller, watcher, threads ? { threads } : {});
      outcomes[i] = outcome;
      options.finished?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return outcomes;
}
