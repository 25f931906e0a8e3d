import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isLockName, removeStaleLock } from './lock.ts';
import { isAlive } from './owner.ts';
import { workspaceOwner } from './workspace.ts';

/**
 * Removes what killed runs left in a folder: scratch folders and locks whose owner was a process of this host
 * that is dead. Anything else, and whatever cannot be removed, stays. Returns the names that went. Never throws.
 */
export async function sweepLeftovers(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const gone: string[] = [];
  for (const name of names) {
    if (!name.startsWith('.sg-export-')) continue;
    const swept = await (isLockName(name) ? sweepLock(join(folder, name)) : sweepScratch(folder, name)).catch(
      () => false,
    );
    if (swept) gone.push(name);
  }
  return gone;
}

async function sweepLock(path: string): Promise<boolean> {
  const info = await lstat(path);
  return info.isFile() && isMine(info.uid) && (await removeStaleLock(path));
}

async function sweepScratch(folder: string, name: string): Promise<boolean> {
  const owner = workspaceOwner(name);
  if (!owner || isAlive(owner)) return false;
  const path = join(folder, name);
  const info = await lstat(path);
  // A symbolic link of that name, or another user's folder, is none of our leftovers.
  if (!info.isDirectory() || !isMine(info.uid)) return false;
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

function isMine(uid: number): boolean {
  return process.getuid === undefined || process.getuid() === uid;
}
