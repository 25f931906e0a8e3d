import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionPool } from '../model/hardware.ts';
import { type HeldLock, tryLock } from './lock.ts';

const POLL_MS = 200;

export interface SlotWait {
  readonly exportId: string;
  readonly signal: AbortSignal;
  /** Seconds; without end where left out. */
  readonly waitSec?: number;
  /** Called once, where no place is free at first. */
  readonly onWait?: () => void;
}

/** The folder of this user's locks, or undefined where there can be none: then nothing is shared between processes. */
async function slotFolder(): Promise<string | undefined> {
  const uid = process.getuid?.();
  const folder = join(tmpdir(), `sg-export-sessions${uid === undefined ? '' : `-${uid}`}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const info = await lstat(folder);
    return info.isDirectory() && (uid === undefined || info.uid === uid) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A place among the encodes that devices run at once, kept by all processes of this user on this machine; a place whose owner died is
 * free. Undefined where none came free in time, or where places cannot be kept: the device itself has the last word.
 */
export async function takeSlot(pool: SessionPool, wait: SlotWait): Promise<HeldLock | undefined> {
  const folder = await slotFolder();
  if (folder === undefined) return undefined;
  const name = pool.name.replace(/[^A-Za-z0-9]+/g, '-');
  const until = performance.now() + (wait.waitSec ?? Number.POSITIVE_INFINITY) * 1000;
  for (let tries = 0; ; tries += 1) {
    wait.signal.throwIfAborted();
    for (let at = 0; at < pool.most; at += 1) {
      const held = await tryLock(join(folder, `${name}-${at}`), wait.exportId).catch(() => 'impossible' as const);
      if (held === 'impossible') return undefined;
      if (held) return held;
    }
    if (performance.now() >= until) return undefined;
    if (tries === 0) wait.onWait?.();
    await sleep(POLL_MS, undefined, { signal: wait.signal }).catch(() => undefined);
  }
}
