import { rmSync } from 'node:fs';
import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemCode, writeError } from './file-error.ts';
import { type Owner, thisProcess } from './owner.ts';

/** A job's hidden scratch folder beside its destination: what is finished there moves into place without a copy. */
export interface Workspace {
  /** Absolute path. */
  readonly path: string;
  /** Absolute path of a plain name in the folder. */
  file(name: string): string;
  /** Makes `target` readable in the folder under a plain name, so that no odd name ever needs escaping. */
  link(target: string, name: string): Promise<void>;
  /** Removes the folder and all in it; again and again does no harm. Errors are ignored: a later run sweeps. */
  remove(): Promise<void>;
  /** The same for an exit handler, where nothing can be awaited. */
  removeSync(): void;
}

const PREFIX = '.sg-export-';
const NAME = /^\.sg-export-(.+)-(\d+)-(\d+)-[A-Za-z0-9]+$/;

/** Whose a scratch folder is, by its name; undefined when the name is none of ours. */
export function workspaceOwner(name: string): Owner | undefined {
  const [, host, pid, startTicks] = NAME.exec(name) ?? [];
  return host && pid && startTicks ? { host, pid: Number(pid), startTicks } : undefined;
}

/** Absolute path of the scratch folder that this process will make for an export, unless one of that name is there. */
export function workspacePath(destinationFolder: string, exportId: string): string {
  const { host, pid, startTicks } = thisProcess();
  const short = exportId.replace(/[^A-Za-z0-9]/g, '').slice(0, 8) || '0';
  return join(destinationFolder, `${PREFIX}${host}-${pid}-${startTicks}-${short}`);
}

/**
 * Makes the scratch folder of an export in the destination's folder, which must exist. Only its owner may
 * enter it; files made in it get the user's umask as anywhere. Throws SgError USAGE, or ENCODE on a full disk.
 */
export async function createWorkspace(destinationFolder: string, exportId: string): Promise<Workspace> {
  const first = workspacePath(destinationFolder, exportId);
  for (let attempt = 0; ; attempt++) {
    const path = attempt === 0 ? first : `${first}x${attempt}`;
    try {
      await mkdir(path, { mode: 0o700 });
      return workspaceAt(path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST' && attempt < 1000) continue;
      throw writeError(`cannot make a scratch folder in ${destinationFolder}`, error);
    }
  }
}

function workspaceAt(path: string): Workspace {
  const file = (name: string): string => {
    if (name === '' || name === '.' || name === '..' || basename(name) !== name) {
      throw new Error(`not a plain file name: ${name}`);
    }
    return join(path, name);
  };
  return {
    path,
    file,
    link: async (target, name) => {
      try {
        await symlink(target, file(name));
      } catch (error) {
        // exFAT, SMB and Windows without the privilege have no symbolic links.
        if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error))) throw error;
        await copyFile(target, file(name));
      }
    },
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined),
    removeSync: () => {
      try {
        rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      } catch {
        // The next run sweeps it.
      }
    },
  };
}
