import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Issue } from '../model/errors.ts';
import { checkFolder } from './destination.ts';

/** A small file that goes with a delivery: its receipt, its depfile, its report. */
export interface SideFile {
  readonly flag: string;
  /** Absolute path. */
  readonly path: string;
  /** Whether a file that begins like this may be replaced: only what looks as if it had been written before. */
  readonly mayReplace: (head: string) => boolean;
  /** True where even such a file is replaced only when asked, and nobody asked. */
  readonly keeps?: boolean;
}

/** A file that a side file must not be, and what to call it. */
export interface KeptFile {
  readonly name: string;
  readonly path: string;
}

const HEAD_BYTES = 4096;

/**
 * What is wrong with where the side files go: on a kept file (by path or any link), on each other, on a file that
 * is nothing of the kind, or where nothing can be written. `toMake`: folders that are made before any of them is written, each
 * judged by itself. All findings at once, all USAGE. Nothing is touched.
 */
export async function checkSideFiles(
  files: readonly SideFile[],
  kept: readonly KeptFile[],
  toMake: readonly string[] = [],
): Promise<readonly Issue[]> {
  const issues: Issue[] = [];
  const taken = [...kept];
  for (const file of files) {
    const finding = await checkOne(file, taken, toMake);
    if (finding) issues.push(finding);
    taken.push({ name: `the file of ${file.flag}`, path: file.path });
  }
  return issues;
}

async function checkOne(
  file: SideFile,
  taken: readonly KeptFile[],
  toMake: readonly string[],
): Promise<Issue | undefined> {
  const say = (code: string, message: string, hint: string): Issue => ({
    severity: 'error',
    code,
    message: `${file.flag}: ${message}`,
    path: file.flag,
    hint,
    exit: 'USAGE',
  });
  const [folder] = toMake.includes(dirname(file.path)) ? [] : await checkFolder(file.path);
  if (folder) return say(folder.code, folder.message, folder.hint);
  for (const { name, path } of taken) {
    if (await isSame(file.path, path)) {
      return say('side_file_is_taken', `${file.path} is ${name}`, 'Give it a name of its own.');
    }
  }
  const info = await stat(file.path).catch(() => undefined);
  if (!info) return undefined;
  if (!info.isFile()) {
    return say(
      'side_file_not_a_file',
      `${file.path} is ${info.isDirectory() ? 'a folder' : 'no file'}`,
      'Name a file.',
    );
  }
  if (file.keeps)
    return say('side_file_exists', `${file.path} exists`, 'Use --overwrite to replace it, or choose another name.');
  const head = await headOf(file.path);
  if (head !== undefined && (head === '' || file.mayReplace(head))) return undefined;
  return say('side_file_exists', `${file.path} exists and is something else: it is left alone`, 'Choose another name.');
}

/** By path, through linked folders, and by device and inode where both exist. */
async function isSame(one: string, other: string): Promise<boolean> {
  if ((await plainPath(one)) === (await plainPath(other))) return true;
  const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function plainPath(path: string): Promise<string> {
  const folder = dirname(path);
  return join(await realpath(folder).catch(() => folder), basename(path));
}

async function headOf(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
