import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { PackageFiles } from '../../src/packaging/ports.ts';

/** The real files of a folder, for tests of the pure layer. */
export function filesOf(folder: string): PackageFiles {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const named = paths.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return {
    sizes: new Map(named.map((path) => [path, statSync(join(folder, path)).size])),
    read: async (path, range) => {
      const bytes = readFileSync(join(folder, path));
      return range ? bytes.subarray(range.offset, range.offset + range.length) : bytes;
    },
  };
}

export const made = (folder: string): string => {
  mkdirSync(folder, { recursive: true });
  return folder;
};
