import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileStamp } from '../model/history.ts';

/** Big enough to be quick, small enough (some milliseconds of hashing) to keep progress and signals flowing. */
const CHUNK_BYTES = 1 << 20;

/** The quick identity of a file. Throws the system's error where it cannot be read. */
export async function stampFile(path: string): Promise<Pick<FileStamp, 'bytes' | 'mtimeNs' | 'inode'>> {
  const info = await stat(path, { bigint: true });
  return { bytes: Number(info.size), mtimeNs: String(info.mtimeNs), inode: String(info.ino) };
}

/** Digest of a file's content as `sha256:<hex>`. `onBytes` hears how many bytes are done so far. */
export async function sha256File(
  path: string,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const handle = await open(path, 'r');
  try {
    let done = 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      done += bytesRead;
      options.onBytes?.(done);
    }
  } finally {
    await handle.close();
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Whether a file still holds what was recorded: same size, mtime and inode, else the same digest. */
export async function sameContent(
  record: FileStamp,
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const now = await stampFile(path).catch(() => undefined);
  if (!now || now.bytes !== record.bytes) return false;
  if (now.mtimeNs === record.mtimeNs && now.inode === record.inode) return true;
  return (await sha256File(path, options)) === record.sha256;
}
