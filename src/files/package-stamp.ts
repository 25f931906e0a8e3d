import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStamp } from '../model/history.ts';
import { openPackageFolder } from './package-folder.ts';
import { sha256File } from './stamp.ts';

/** Which files of a folder are meant, by their paths below it. */
type IsOwn = (path: string) => boolean;

interface StampOptions {
  readonly isOwn: IsOwn;
  readonly signal: AbortSignal;
}

type Quick = Pick<FileStamp, 'bytes' | 'mtimeNs' | 'inode'>;

async function ownFiles(folder: string, isOwn: IsOwn): Promise<readonly string[]> {
  const { sizes } = await openPackageFolder(folder, folder);
  return [...sizes.keys()].filter(isOwn).sort();
}

/** Bytes of all files, when the last of them was changed in any way, and the folder's own number. */
async function quickStamp(folder: string, paths: readonly string[]): Promise<Quick> {
  const { ino } = await stat(folder, { bigint: true });
  let [bytes, changedNs] = [0n, 0n];
  for (const path of paths) {
    const { size, ctimeNs } = await stat(join(folder, path), { bigint: true });
    bytes += size;
    if (ctimeNs > changedNs) changedNs = ctimeNs;
  }
  return { bytes: Number(bytes), mtimeNs: String(changedNs), inode: String(ino) };
}

/** Digest of the names and contents of files. */
async function digest(folder: string, paths: readonly string[], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0${await sha256File(join(folder, path), { signal })}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** The identity of what is in a folder, in the shape of a file's. Throws the system's error where it cannot be read. */
export async function stampFolder(folder: string, { isOwn, signal }: StampOptions): Promise<FileStamp> {
  const paths = await ownFiles(folder, isOwn);
  return { path: folder, ...(await quickStamp(folder, paths)), sha256: await digest(folder, paths, signal) };
}

/** Whether a folder still holds what was recorded: nothing was changed since, else the same names and contents. */
export async function sameFolder(record: FileStamp, { isOwn, signal }: StampOptions): Promise<boolean> {
  const paths = await ownFiles(record.path, isOwn).catch(() => []);
  if (paths.length === 0) return false;
  const now = await quickStamp(record.path, paths);
  if (now.bytes !== record.bytes) return false;
  if (now.mtimeNs === record.mtimeNs && now.inode === record.inode) return true;
  return (await digest(record.path, paths, signal)) === record.sha256;
}
