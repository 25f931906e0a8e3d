import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { SgError } from '../model/errors.ts';
import { reasonOf, systemCode } from './file-error.ts';

/** The regular files of a folder by their paths below it, with forward slashes. */
export interface PackageFolder {
  readonly sizes: ReadonlyMap<string, number>;
  /** A whole file, or a part of it; what lies beyond its end is missing from the answer. */
  read(path: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array>;
}

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

async function readPart(
  path: string,
  size: number,
  range: { readonly offset: number; readonly length: number } = { offset: 0, length: size },
): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const length = Math.max(0, Math.min(range.length, size - range.offset));
    const bytes = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await handle.read(bytes, at, length - at, range.offset + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await handle.close();
  }
}
