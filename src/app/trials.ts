import { statSync } from 'node:fs';
import { isBusy } from '../engine/device-trouble.ts';
import { machineFacts } from '../hw/devices.ts';
import type { TrialResult } from '../hw/trial.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { VERSION } from '../model/version.ts';
import type { Session } from './call.ts';

/** What a real trial said. */
export interface TrialRecord {
  /** Why it cannot be used; null where it works. */
  readonly reason: string | null;
  readonly ms: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** It may be otherwise soon. */
  readonly passing: boolean;
}

/** By what was tried: `libx264`, or `h264_nvenc yuv420p 0`: encoder, pixel format, device. */
export type Trials = Readonly<Record<string, TrialRecord>>;

const KIND = 'trials';
/** A driver that hung is not asked again for this long: each export would wait for it. */
const PASSING_MS = 3_600_000;

/** Another ffmpeg, another driver or another device may do what this one cannot; another version asks in other words. */
function keyOf({ ffmpeg }: Toolchain): string {
  const info = statSync(ffmpeg.path, { bigint: true, throwIfNoEntry: false });
  return [VERSION, ffmpeg.path, info?.size, info?.mtimeNs, machineFacts().key].join(':');
}

function isRecord(value: unknown): value is TrialRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { reason, ms, at, passing } = value as Record<string, unknown>;
  const isTold = reason === null || typeof reason === 'string';
  return isTold && typeof ms === 'number' && typeof at === 'number' && typeof passing === 'boolean';
}

/** What earlier trials on this machine said; empty where there were none. */
export function cachedTrials(session: Session, toolchain: Toolchain): Trials {
  const value = session.history.getCached(KIND, keyOf(toolchain));
  if (typeof value !== 'object' || value === null) return {};
  const oldest = Date.now() - PASSING_MS;
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, TrialRecord] => isRecord(entry[1]) && (!entry[1].passing || entry[1].at > oldest),
    ),
  );
}

/** Adds to what is known; what failed only because others use the device is forgotten. */
export function keepTrials(session: Session, toolchain: Toolchain, trials: Trials): void {
  const kept = Object.entries(trials).filter(
    ([name, { reason }]) => reason === null || !isBusy(name.split(' ')[0] ?? '', reason),
  );
  session.history.putCached(KIND, keyOf(toolchain), {
    ...cachedTrials(session, toolchain),
    ...Object.fromEntries(kept),
  });
}

export function recordOf(result: TrialResult): TrialRecord {
  const said = result.usable ? { reason: null, passing: false } : { reason: result.reason, passing: result.passing };
  return { ...said, ms: result.ms, at: Date.now() };
}
