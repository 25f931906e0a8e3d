// What both the build and the set-up know about this checkout.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const DIST = join(ROOT, 'dist');
export const STAMP = join(DIST, '.built-from');

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** All files below a folder, as sorted absolute paths. */
function filesBelow(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

/**
 * One digest of everything that the bundle is made from. Contents rather than times, because a fresh clone and a
 * branch switch both scramble times.
 */
export function sourceDigest() {
  const hash = createHash('sha256');
  const folders = ['src', 'presets'].flatMap((name) => filesBelow(join(ROOT, name)));
  const files = ['.dev/build.mjs', 'package.json', 'package-lock.json'].map((name) => join(ROOT, name));
  for (const path of [...folders, ...files]) {
    hash.update(`${relative(ROOT, path).split(sep).join('/')}\0`);
    hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

export function isBuilt() {
  if (!existsSync(STAMP) || !existsSync(join(DIST, 'cli.js')) || !existsSync(join(DIST, 'index.js'))) return false;
  return readFileSync(STAMP, 'utf8').trim() === sourceDigest();
}
