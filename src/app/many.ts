import { rename } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type SharedSteps, shareSteps } from '../engine/shared-encode.ts';
import type { FileStamp } from '../model/history.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { exportOnce, type Ready } from './export.ts';
import type { ExportOutcome, ExportWatcher } from './outcome.ts';
import { realPorts } from './ports.ts';
import { stampOf } from './settle.ts';

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
  /** The device that it runs on, which takes only so many at once. */
  readonly slot?: Slot | undefined;
  /** Deliveries of the same key may share an ffmpeg, so that their source is decoded once. They are `ready`. */
  readonly shareKey?: string | undefined;
}

export interface ManyOptions {
  /** Encodes at once; 1 = one after the other. */
  readonly parallel: number;
  /** Most that share an ffmpeg; default: as many as run at once. */
  readonly together?: number;
  /** What all that run together may need; a delivery that needs more than that runs alone. Default: no limit. */
  readonly memoryBytes?: number;
  /** Hears of each delivery as its turn comes, and as it ends. */
  readonly starting?: (index: number) => void;
  readonly finished?: (outcome: ExportOutcome, index: number) => void;
  /** Hears of deliveries whose films one ffmpeg made of one decode. */
  readonly shared?: (indexes: readonly number[]) => void;
}

/** A place on a device. */
export interface Slot {
  readonly device: string;
  /** Encodes that the device runs at once. */
  readonly most: number;
}

/** What a job takes of the machine while it runs. */
export interface Need {
  readonly lanes: number;
  readonly memoryBytes: number;
  readonly slot?: Slot | undefined;
}

/**
 * Runs jobs in their order, as many at once as there are lanes and memory; one that does not fit yet lets later ones
 * pass. At least one always runs. Rejects only where `run` does.
 */
export function runInLanes(needs: readonly Need[], limits: Need, run: (index: number) => Promise<void>): Promise<void> {
  const waiting = needs.map((need, index) => ({ ...need, index }));
  const used = { jobs: 0, lanes: 0, memoryBytes: 0 };
  const onDevice = new Map<string, number>();
  const take = (slot: Slot | undefined, by: 1 | -1): void => {
    if (slot) onDevice.set(slot.device, (onDevice.get(slot.device) ?? 0) + by);
  };
  return new Promise((resolve, reject) => {
    const fits = ({ lanes, memoryBytes, slot }: Need): boolean =>
      used.lanes + lanes <= limits.lanes &&
      used.memoryBytes + memoryBytes <= limits.memoryBytes &&
      (slot === undefined || (onDevice.get(slot.device) ?? 0) < slot.most);
    const start = (): void => {
      for (;;) {
        const place = used.jobs === 0 ? 0 : waiting.findIndex(fits);
        const job = place < 0 ? undefined : waiting.splice(place, 1)[0];
        if (!job) break;
        used.jobs += 1;
        used.lanes += job.lanes;
        used.memoryBytes += job.memoryBytes;
        take(job.slot, 1);
        run(job.index).then(() => {
          used.jobs -= 1;
          used.lanes -= job.lanes;
          used.memoryBytes -= job.memoryBytes;
          take(job.slot, -1);
          start();
        }, reject);
      }
      if (used.jobs === 0 && waiting.length === 0) resolve();
    };
    start();
  });
}

/** A group in parts that fit. Parts are of like size: four on three lanes are two and two. */
function partsOf(group: readonly number[], bytes: readonly number[], limits: Need): readonly (readonly number[])[] {
  const size = Math.ceil(group.length / Math.ceil(group.length / limits.lanes));
  const parts: number[][] = [];
  let room = 0;
  for (const index of group) {
    const part = parts.at(-1);
    const need = bytes[index] ?? 0;
    if (part && part.length < size && need <= room) part.push(index);
    else {
      parts.push([index]);
      room = limits.memoryBytes;
    }
    room -= need;
  }
  return parts;
}

/** Places of deliveries that run together: those of one key, as many as fit, else each on its own. */
export function unitsOf(
  keys: readonly (string | undefined)[],
  bytes: readonly number[],
  limits: Need,
): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  keys.forEach((key, index) => {
    const name = key ?? `alone ${index}`;
    groups.set(name, [...(groups.get(name) ?? []), index]);
  });
  const units = [...groups.values()].flatMap((group) => partsOf(group, bytes, limits));
  return units.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** Each source is read once for its digest, however many exports it has. `signal` ends that. */
function stampsOnce(signal: AbortSignal): (prepared: Prepared) => Promise<FileStamp> {
  const known = new Map<string, Promise<FileStamp>>();
  return ({ sourcePath, sourceStamp }) => {
    const key = JSON.stringify([sourcePath, sourceStamp]);
    const stamp = known.get(key) ?? stampOf(sourcePath, signal);
    known.set(key, stamp);
    return stamp;
  };
}

const moveFile = (from: string, to: string): Promise<void> => rename(from, to).catch(() => undefined);

/** What brings deliveries of one key together. */
function shareUnit(members: number, prepared: Prepared | undefined): SharedSteps | undefined {
  const steps = prepared?.plan?.steps.length ?? 0;
  if (members < 2 || !prepared) return undefined;
  return shareSteps({ members, steps }, realPorts(prepared.toolchain).runFfmpeg, moveFile);
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
  const over = new AbortController();
  const stamp = stampsOnce(over.signal);
  const runOne = async (index: number, member: number, shared: SharedSteps | undefined): Promise<void> => {
    const delivery = deliveries[index];
    if (!delivery) return;
    options.starting?.(index);
    const { call, controller, exportId, ready } = delivery;
    const outcome = await exportOnce(session, call, controller, watcher, {
      stamp,
      ...(threads ? { threads } : {}),
      ...(exportId ? { exportId } : {}),
      ...(ready ? { ready } : {}),
      ...(shared ? { shared: { member, steps: shared } } : {}),
    });
    shared?.leave(member);
    outcomes[index] = outcome;
    options.finished?.(outcome, index);
  };
  const keys = deliveries.map(({ shareKey }) => shareKey);
  const bytes = deliveries.map(({ memoryBytes }) => memoryBytes ?? 0);
  const limits = { lanes, memoryBytes: options.memoryBytes ?? Number.POSITIVE_INFINITY };
  const units = unitsOf(keys, bytes, { ...limits, lanes: options.together ?? lanes });
  const needs = units.map((unit) => ({
    // One process, which may make more films than there are lanes: it then has all of them.
    lanes: Math.min(unit.length, lanes),
    memoryBytes: unit.reduce((sum, index) => sum + (bytes[index] ?? 0), 0),
    // What runs on a device shares no process.
    slot: deliveries[unit[0] ?? 0]?.slot,
  }));
  await runInLanes(needs, limits, async (at) => {
    const unit = units[at] ?? [];
    const shared = shareUnit(unit.length, deliveries[unit[0] ?? 0]?.ready?.prepared);
    await Promise.all(unit.map((index, member) => runOne(index, member, shared)));
    const made = unit.filter((index) => outcomes[index]?.result.shared !== undefined);
    if (made.length > 1) options.shared?.(made);
  });
  over.abort();
  return outcomes;
}
