import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SgError } from '../model/errors.ts';
import { systemCode, writeError } from './file-error.ts';
import { isAlive, type Owner, thisProcess } from './owner.ts';

/** A lock that this process holds. */
export interface HeldLock {
  readonly path: string;
  release(): Promise<void>;
  /** The same for an exit handler. */
  releaseSync(): void;
}

const PREFIX = '.sg-export-lock-';
const TAKEOVER = '.take';
/** A lock file whose owner has not written its name yet is only dead after this long. */
const UNSIGNED_MS = 5000;
const POLL_MS = 100;

export function isLockName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Two names that the file system takes for one must meet at one lock. */
function lockPathOf(destination: string, purpose: string): string {
  const folds = process.platform === 'darwin' || process.platform === 'win32';
  const name = basename(destination).normalize('NFC');
  const key = createHash('sha256')
    .update(`${purpose}\n${folds ? name.toLowerCase() : name}`)
    .digest('hex');
  return join(dirname(destination), `${PREFIX}${key.slice(0, 16)}`);
}

/**
 * Reserves a destination, so that two runs never make one file at the same time. Waits up to `waitSec` for
 * another run to end, then throws SgError USAGE that names its pid. A lock whose owner died is taken over.
 */
export function lockDestination(
  destination: string,
  options: { readonly exportId: string; readonly waitSec?: number; readonly signal?: AbortSignal },
): Promise<HeldLock> {
  return acquire(lockPathOf(destination, 'write'), destination, options);
}

/** The short lock of putting into place on file systems without hard links; not the one of the whole run. */
export function lockPlacing(destination: string): Promise<HeldLock> {
  return acquire(lockPathOf(destination, 'place'), destination, { exportId: '', waitSec: 10 });
}

/** A lock file of that very path, if nobody alive holds it. Throws where it cannot be written. */
export async function tryLock(path: string, exportId: string): Promise<HeldLock | undefined> {
  const text = `${JSON.stringify({ ...thisProcess(), exportId })}\n`;
  if (await create(path, text)) return heldLock(path);
  return (await removeStaleLock(path)) && (await create(path, text)) ? heldLock(path) : undefined;
}

async function acquire(
  path: string,
  destination: string,
  options: { readonly exportId: string; readonly waitSec?: number; readonly signal?: AbortSignal },
): Promise<HeldLock> {
  const text = `${JSON.stringify({ ...thisProcess(), exportId: options.exportId })}\n`;
  const until = performance.now() + (options.waitSec ?? 0) * 1000;
  for (;;) {
    options.signal?.throwIfAborted();
    if (await create(path, text)) return heldLock(path);
    if (await removeStaleLock(path)) continue;
    const owner = await readOwner(path);
    // Without a name it will have one in a moment, or its owner was killed before that: then it is soon dead.
    if (owner && performance.now() >= until) throw busyError(path, destination, owner);
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

function busyError(path: string, destination: string, owner: Owner): SgError {
  const here = owner.host === thisProcess().host;
  const who = `process ${owner.pid}${here ? '' : ` on ${owner.host}`}`;
  return new SgError('USAGE', `${destination} is being written by ${who}`, {
    hint: here
      ? 'Wait for that run to end, or choose another output with -o.'
      : `If nothing on that machine writes it any more, remove ${path}.`,
  });
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o644);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    await unlinkQuietly(path, systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT');
    throw writeError(`cannot write a lock file in ${dirname(path)}`, error);
  }
}

async function unlinkQuietly(path: string, wanted = true): Promise<void> {
  if (wanted) await unlink(path).catch(() => undefined);
}

function heldLock(path: string): HeldLock {
  let held = true;
  return {
    path,
    release: async () => {
      if (held) await unlinkQuietly(path);
      held = false;
    },
    releaseSync: () => {
      if (!held) return;
      held = false;
      try {
        unlinkSync(path);
      } catch {
        // The next run takes it over.
      }
    },
  };
}

async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { host, pid, startTicks } = value as Record<string, unknown>;
    if (typeof host !== 'string' || typeof pid !== 'number' || typeof startTicks !== 'string') return undefined;
    return { host, pid, startTicks };
  } catch {
    return undefined;
  }
}

async function isStale(path: string): Promise<boolean> {
  const owner = await readOwner(path);
  if (owner) return !isAlive(owner);
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > UNSIGNED_MS;
}

/**
 * Removes a lock whose owner is dead; true when the lock is gone. Two runs may find the same dead lock: the
 * second must not remove the fresh lock that the first has made since, so only the holder of a second, brief
 * lock looks again and removes.
 */
export async function removeStaleLock(path: string): Promise<boolean> {
  if (!(await isStale(path))) return (await stat(path).catch(() => undefined)) === undefined;
  if (path.endsWith(TAKEOVER)) {
    await unlinkQuietly(path);
    return true;
  }
  const takeover = `${path}${TAKEOVER}`;
  const text = JSON.stringify(thisProcess());
  if (!(await create(takeover, text))) {
    await removeStaleLock(takeover);
    return false;
  }
  try {
    if (await isStale(path)) await unlinkQuietly(path);
  } finally {
    await unlinkQuietly(takeover);
  }
  return true;
}
