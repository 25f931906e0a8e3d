import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { PackageFiles } from '../../src/packaging/ports.ts';

/** Files by their paths, which a test may change before they are judged. */
export type Files = Map<string, Uint8Array>;

export function loadFiles(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return new Map(paths.map((path) => [path, new Uint8Array(readFileSync(join(folder, path)))]));
}

/** The port that the pure layer reads through, over files in memory. */
export function portOf(files: Files): PackageFiles {
  return {
    sizes: new Map([...files].map(([path, bytes]) => [path, bytes.length])),
    read: async (path, range) => {
      const bytes = files.get(path) ?? new Uint8Array();
      return range ? bytes.subarray(range.offset, range.offset + range.length) : bytes;
    },
  };
}

export const filesOf = (folder: string): PackageFiles => portOf(loadFiles(folder));

/** Replaces text in a playlist; fails where it is not there, so that no test changes nothing. */
export function edit(files: Files, path: string, from: string | RegExp, to: string): void {
  const before = new TextDecoder().decode(files.get(path));
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} has no ${from}:\n${before}`);
  files.set(path, new TextEncoder().encode(after));
}

export function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
