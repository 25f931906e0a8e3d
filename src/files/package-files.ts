import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeError } from './file-error.ts';

/** A file that is read in parts, until it is closed. */
interface OpenFile {
  readonly bytes: number;
  /** Short where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

async function readPart(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

export async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    bytes: size,
    read: (offset, length) => readPart(handle, offset, length),
    close: () => handle.close(),
  };
}

/** Writes files below a folder, with the folders that they need, and on the disk: what is in place is there after a power cut. Throws SgError ENCODE where the disk is full. */
export function writerBelow(folder: string) {
  return async (path: string, parts: AsyncIterable<Buffer> | readonly Buffer[]): Promise<number> => {
    const whole = join(folder, path);
    try {
      await mkdir(dirname(whole), { recursive: true });
      const handle = await open(whole, 'w');
      try {
        let bytes = 0;
        for await (const part of parts) {
          await handle.writeFile(part);
          bytes += part.length;
        }
        await handle.sync();
        return bytes;
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw writeError(`cannot write ${path} of the package`, error);
    }
  };
}
