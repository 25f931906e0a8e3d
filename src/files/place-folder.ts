import { lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Issue, SgError } from '../model/errors.ts';
import { systemCode, writeError } from './file-error.ts';

/** Names of files by which a folder is known for a package that may be replaced. */
interface FolderRules {
  readonly overwrite: boolean;
  /** One of these must stand in a folder that is replaced. */
  readonly knownBy: readonly string[];
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false;
      throw writeError(`cannot look at ${path}`, error);
    },
  );

/** Where the old folder waits while the new one takes its place. */
const asidePath = (path: string): string => join(dirname(path), `.${basename(path)}.sg-export-old`);

function usage(code: string, path: string, message: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}

/** What is wrong with making a folder at `path`; all USAGE. Nothing is touched. `sources` are the inputs' absolute paths. */
export async function checkFolderPlace(
  path: string,
  sources: readonly string[],
  { overwrite, knownBy }: FolderRules,
): Promise<readonly Issue[]> {
  if (!(await exists(path))) return [];
  if (!overwrite) {
    const hint = '--overwrite replaces it once the new one is verified; or another --output-folder';
    return [usage('output_exists', path, `${path} exists`, hint)];
  }
  const info = await stat(path).catch(() => undefined);
  const names = info?.isDirectory() ? await readdir(path).catch(() => []) : [];
  const inside = sources.find((source) => source.startsWith(`${path}/`));
  if (inside !== undefined) {
    const what = `${path} holds the source ${inside}, and would be replaced`;
    return [usage('output_holds_input', path, what, 'another --output-folder')];
  }
  if (!knownBy.some((name) => names.includes(name))) {
    const what = `${path} is no package: it has no ${knownBy.join(' or ')}, and is not replaced`;
    return [usage('output_not_a_package', path, what, 'remove it, or another --output-folder')];
  }
  return [];
}

/**
 * Puts a finished folder at its place, which is in the same file system: by renaming, so that it is there whole or not at
 * all. Where one is replaced, it waits beside until the new one stands, and comes back if that fails. Throws SgError USAGE
 * where one came while the new one was made.
 */
export async function placeFolder(from: string, to: string, overwrite: boolean): Promise<void> {
  const aside = asidePath(to);
  try {
    const isThere = await exists(to);
    if (isThere && !overwrite) {
      throw new SgError('USAGE', `${to} exists: it came while the package was made and was left alone`, {
        hint: '--overwrite replaces it; or another --output-folder',
      });
    }
    if (!isThere) {
      await rename(from, to);
      return;
    }
    await rm(aside, { recursive: true, force: true });
    await rename(to, aside);
    await rename(from, to).catch(async (error: unknown) => {
      await rename(aside, to);
      throw error;
    });
    await rm(aside, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  } catch (error) {
    if (error instanceof SgError) throw error;
    throw writeError(`cannot put the package at ${to}`, error);
  }
}

/** A run that was killed between the two renamings left its place empty: what stood there comes back. */
export async function restoreFolder(to: string): Promise<void> {
  const aside = asidePath(to);
  if ((await exists(to)) || !(await exists(aside))) return;
  await rename(aside, to);
}
