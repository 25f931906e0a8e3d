import { statfs } from 'node:fs/promises';

/** Bytes that this user may still write in a folder; undefined where the file system does not say. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const info = await statfs(folder).catch(() => undefined);
  // Some network and virtual file systems report no blocks at all.
  return info && info.blocks > 0 ? info.bavail * info.bsize : undefined;
}
