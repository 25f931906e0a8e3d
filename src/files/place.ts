import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SgError } from '../model/errors.ts';
import type { FileStamp } from '../model/history.ts';
import { systemCode, writeError } from './file-error.ts';
import { lockPlacing } from './lock.ts';
import { stampFile } from './stamp.ts';

/** What may be replaced: nothing, whatever is there, or only the very file that was looked at before. */
export type Replace = boolean | Pick<FileStamp, 'bytes' | 'mtimeNs' | 'inode'>;

const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK', 'EACCES'];

/**
 * Puts a finished file at its destination, which is in the same file system, and on the disk. Nothing
 * is touched there but what `replace` says: SgError USAGE. `makeLink` is for tests.
 */
export async function placeFile(
  from: string,
  to: string,
  options: { readonly replace: Replace; readonly makeLink?: typeof link },
): Promise<void> {
  try {
    await syncFile(from);
    if (await mayReplace(to, options.replace)) await rename(from, to);
    else await placeNew(from, to, options.makeLink ?? link);
  } catch (error) {
    if (error instanceof SgError) throw error;
    if (systemCode(error) === 'EEXIST') throw existsError(to, error);
    throw writeError(`cannot put the output at ${to}`, error);
  }
  await syncFolder(dirname(to));
}

/** False where nothing stands there any more: what comes now is as new as on a free place. */
async function mayReplace(to: string, replace: Replace): Promise<boolean> {
  if (typeof replace === 'boolean') return replace;
  const now = await stampFile(to).catch(() => undefined);
  if (!now) return false;
  if (now.inode === replace.inode && now.mtimeNs === replace.mtimeNs && now.bytes === replace.bytes) return true;
  throw new SgError('USAGE', `${to} was changed while the export ran and was left alone`, {
    hint: 'Use --overwrite to replace it, or choose another output with -o.',
  });
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
