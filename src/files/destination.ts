import { type BigIntStats, constants } from 'node:fs';
import { access, lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Issue } from '../model/errors.ts';
import { reasonOf, systemCode, writeError } from './file-error.ts';

/**
 * What is wrong with writing to `output`: it is one of the inputs (by path, symbolic or hard link), exists
 * and may not be replaced, is no file, or its folder is missing or closed. All paths absolute; all findings at
 * once, all USAGE. Nothing is touched.
 */
export async function checkDestination(
  output: string,
  inputs: string | readonly string[],
  options: { readonly overwrite?: boolean } = {},
): Promise<readonly Issue[]> {
  const issues: Issue[] = [...(await checkFolder(output))];
  const entry = await lookAt(output, lstat);
  const target = await lookAt(output, stat);
  if (entry instanceof Error) {
    const known = ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(entry));
    if (!known) {
      const hint =
        systemCode(entry) === 'ENAMETOOLONG' ? 'Give a shorter one with -o or --name.' : 'Choose another -o.';
      issues.push(issue('output_not_usable', output, `cannot use ${output}: ${reasonOf(entry)}`, hint));
    }
    return issues;
  }
  const same = target instanceof Error ? undefined : await inputThatIs(target, [inputs].flat());
  if (same !== undefined) {
    const message = `the output ${output} is the input${same === output ? '' : ` ${same} under another name`}`;
    issues.push(issue('output_is_input', output, message, 'Choose another name or folder with -o.'));
  } else if (!(target instanceof Error) && !target.isFile()) {
    const kind = target.isDirectory() ? 'a folder' : 'a device or pipe';
    issues.push(issue('output_not_a_file', output, `${output} is ${kind}`, 'Give the name of a file with -o.'));
  } else if (!options.overwrite) {
    const hint = 'Use --overwrite to replace it, --skip-existing to keep a finished one, or another -o.';
    issues.push(issue('output_exists', output, `${output} exists`, hint));
  }
  return issues;
}

type Look = (path: string, options: { bigint: true }) => Promise<BigIntStats>;

async function lookAt(path: string, look: Look): Promise<BigIntStats | Error> {
  try {
    return await look(path, { bigint: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Device and inode tell the same file under any name: symbolic links, hard links, other cases, bind mounts. */
async function inputThatIs(target: BigIntStats, inputs: readonly string[]): Promise<string | undefined> {
  for (const input of inputs) {
    const info = await lookAt(input, stat);
    if (!(info instanceof Error) && info.dev === target.dev && info.ino === target.ino) return input;
  }
  return undefined;
}

/** What is wrong with the folder in which a file is to be written; all USAGE. */
export async function checkFolder(output: string): Promise<readonly Issue[]> {
  const folder = dirname(output);
  const info = await lookAt(folder, stat);
  if (info instanceof Error) {
    const missing = systemCode(info) === 'ENOENT';
    const message = missing ? `the folder ${folder} does not exist` : `cannot use ${folder}: ${reasonOf(info)}`;
    const hint = missing ? `Make it first: mkdir -p '${folder.replaceAll("'", "'\\''")}'` : 'Choose another -o.';
    return [issue(missing ? 'output_folder_missing' : 'output_folder_unusable', output, message, hint)];
  }
  if (!info.isDirectory()) {
    return [issue('output_folder_unusable', output, `${folder} is not a folder`, 'Choose another -o.')];
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const message = `cannot write in the folder ${folder}: ${reasonOf(error)}`;
    return [issue('output_folder_not_writable', output, message, 'Choose another folder with -o.')];
  }
}

/** What is wrong with a folder that is to be made, or is there already: the nearest part of it that exists says it. All USAGE. */
export async function checkFolderToMake(folder: string): Promise<readonly Issue[]> {
  const info = await lookAt(folder, stat);
  const missing = info instanceof Error && systemCode(info) === 'ENOENT' && dirname(folder) !== folder;
  return missing ? checkFolderToMake(dirname(folder)) : checkFolder(join(folder, 'file'));
}

/** Makes a folder and those above it. Returns the ones that were not there, the innermost first. Throws SgError USAGE or ENCODE. */
export async function makeFolder(folder: string): Promise<readonly string[]> {
  // One by one: where a file system lets nobody make folders and says ENOENT (/proc), Node's `recursive` never ends.
  const missing: string[] = [];
  for (let at = folder; !(await isThere(at)) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  const made: string[] = [];
  for (const path of missing) {
    try {
      await mkdir(path);
      made.unshift(path);
    } catch (error) {
      // Another process was faster: it is not ours to remove.
      if (systemCode(error) !== 'EEXIST') throw writeError(`cannot make the folder ${folder}`, error);
    }
  }
  return made;
}

const isThere = async (path: string): Promise<boolean> => {
  const info = await lookAt(path, stat);
  return !(info instanceof Error && systemCode(info) === 'ENOENT');
};

function issue(code: string, path: string, message: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}
