import { closeSync, constants, openSync, read } from 'node:fs';
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { SgError } from '../model/errors.ts';
import { reasonOf, systemCode, writeError } from './file-error.ts';

/** The regular files of a folder by their paths below it, with forward slashes. */
export interface PackageFolder {
  readonly sizes: ReadonlyMap<string, number>;
  /** A whole file, or a part of it; what lies beyond its end is missing from the answer. */
  read(path: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array>;
}

const NOT_THROUGH_LINKS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** A package of a week in segments of a second and twenty rungs is not as large. */
const MAX_FILES = 1_000_000;

/**
 * Looks through a folder. Symbolic links, pipes and the like are passed over, as if they were not there: what they lead to is
 * not in the folder. Throws SgError INPUT where there is no such folder.
 *
 * @param folder an absolute path
 * @param typed the path as the user typed it
 */
export async function openPackageFolder(folder: string, typed: string): Promise<PackageFolder> {
  const sizes = new Map<string, number>();
  for (const path of await filesBelow(folder, typed)) {
    const info = await lstat(path);
    if (info.isFile()) sizes.set(relative(folder, path).split(sep).join('/'), info.size);
  }
  return { sizes, read: (path, range) => readPart(join(folder, path), sizes.get(path) ?? 0, range) };
}

async function filesBelow(folder: string, typed: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    if (files.length > MAX_FILES) throw inputError(`${typed} holds ${files.length} files, which no package does`);
    return files.map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof SgError) throw error;
    if (systemCode(error) === 'ENOTDIR') throw inputError(`${typed} is a file, not the folder of a package`, error);
    throw inputError(`cannot read the folder ${typed}: ${reasonOf(error)}`, error);
  }
}

function inputError(message: string, cause?: unknown): SgError {
  return new SgError('INPUT', message, { hint: 'Give the folder that holds master.m3u8 or the .mpd manifest.', cause });
}

const readAt = promisify(read);

/** A package is read in thousands of small parts: only the reading itself is left to another thread, which takes longer to be asked than a file to be opened. */
async function readPart(
  path: string,
  size: number,
  { offset, length }: { readonly offset: number; readonly length: number } = { offset: 0, length: size },
): Promise<Uint8Array> {
  const file = openSync(path, NOT_THROUGH_LINKS);
  try {
    const within = Math.max(0, Math.min(length, size - offset));
    return await readWhole(file, offset, within);
  } finally {
    closeSync(file);
  }
}

/** A file that is read in parts, until it is closed. */
interface OpenFile {
  readonly bytes: number;
  /** Short where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a file that is no link. */
export async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, NOT_THROUGH_LINKS);
  const { size } = await handle.stat();
  return {
    bytes: size,
    read: (offset, length) => readWhole(handle.fd, offset, length),
    close: () => handle.close(),
  };
}

/** One read may bring less than was asked for. */
async function readWhole(file: number, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await readAt(file, buffer, at, length - at, offset + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return buffer.subarray(0, at);
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
