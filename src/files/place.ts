import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SgError } from '../model/errors.ts';
import { systemCode, writeError } from './file-error.ts';
import { lockPlacing } from './lock.ts';

const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK', 'EACCES'];

/**
 * Puts a finished file at its destination, which is in the same file system, and on the disk. Without
 * `replace` nothing that came there meanwhile is touched: SgError USAGE. `makeLink` is for tests.
 */
export async function placeFile(
  from: string,
  to: string,
  options: { readonly replace: boolean; readonly makeLink?: typeof link },
): Promise<void> {
  try {
    await syncFile(from);
    if (options.replace) await rename(from, to);
    else await placeNew(from, to, options.makeLink ?? link);
  } catch (error) {
    if (error instanceof SgError) throw error;
    if (systemCode(error) === 'EEXIST') throw existsError(to, error);
    throw writeError(`cannot put the output at ${to}`, error);
  }
  await syncFolder(dirname(to));
}

async function placeNew(from: string, to: string, makeLink: typeof link): Promise<void> {
  try {
    // link(2) is the one call that fails where something exists, on every local file system.
    await makeLink(from, to);
  } catch (error) {
    if (!NO_HARD_LINKS.includes(systemCode(error))) throw error;
    await renameIfFree(from, to);
    return;
  }
  await unlink(from);
}

/** exFAT and some network shares have no hard links: among ourselves a lock keeps the check and the move together. */
async function renameIfFree(from: string, to: string): Promise<void> {
  const lock = await lockPlacing(to);
  try {
    const there = await lstat(to).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (there) throw existsError(to);
    await rename(from, to);
  } finally {
    await lock.release();
  }
}

function existsError(to: string, cause?: unknown): SgError {
  return new SgError('USAGE', `${to} exists: it came while the export ran and was left alone`, {
    hint: 'Use --overwrite to replace it, or choose another output with -o.',
    cause,
  });
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without this a power cut may lose the new name. Windows cannot open folders and does not need it. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
