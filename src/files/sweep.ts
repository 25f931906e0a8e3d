import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isLockName, removeStaleLock } from './lock.ts';
import { isAlive } from './owner.ts';
import { undoSync } from './place-together.ts';
import { unfinishedPlacings } from './placing-journal.ts';
import { workspaceOwner } from './workspace.ts';

/**
 * Removes what killed runs left in a folder: scratch folders and locks whose owner was a process of this host
 * that is dead, with what such a run had put into place before the film to which it belongs. Anything else, and whatever cannot be removed, stays. Returns the names that went. Never throws.
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

/** The scratch folder of that name, where its owner is dead; undefined for anything else. */
async function deadScratch(folder: string, name: string): Promise<string | undefined> {
  const owner = workspaceOwner(name);
  if (!owner || isAlive(owner)) return undefined;
  const path = join(folder, name);
  const info = await lstat(path);
  // A symbolic link of that name, or another user's folder, is none of our leftovers.
  return info.isDirectory() && isMine(info.uid) ? path : undefined;
}

async function sweepScratch(folder: string, name: string): Promise<boolean> {
  const path = await deadScratch(folder, name);
  if (path === undefined) return false;
  for (const undo of await unfinishedPlacings(path)) undoSync(undo);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

/** Absolute paths of files in a folder that are there only until the next sweep, which takes them back. Never throws. */
export async function unfinishedIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch(() => []);
  const found = names
    .filter((name) => name.startsWith('.sg-export-'))
    .map(async (name) => {
      const path = await deadScratch(folder, name).catch(() => undefined);
      return path === undefined ? [] : unfinishedPlacings(path);
    });
  return new Set((await Promise.all(found)).flat().map(({ to }) => to));
}

function isMine(uid: number): boolean {
  return process.getuid === undefined || process.getuid() === uid;
}
