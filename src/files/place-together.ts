import { renameSync, unlinkSync } from 'node:fs';
import { copyFile, link, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { placeFile, type Replace } from './place.ts';
import { earlierName, type Undo, writePlacingJournal } from './placing-journal.ts';

/** A finished file, where it goes, and what may be replaced there. */
export interface FileToPlace {
  readonly from: string;
  readonly to: string;
  readonly replace: Replace;
}

/** Files that are in place, until something that belongs to them fails. */
export interface PlacedTogether {
  /** Leaves every destination as it was before; again and again does no harm. Errors are ignored, as in an exit handler. */
  takeBackSync(): void;
}

/** Keeps what is at `to` under another name; undefined where nothing is. */
async function keep(to: string, as: string): Promise<string | undefined> {
  if (!(await stat(to).catch(() => undefined))) return undefined;
  // Where there are no hard links, a copy brings the content back, though not the file.
  await link(to, as).catch(() => copyFile(to, as));
  return as;
}

/** Leaves a destination as it was before. Errors are ignored. */
export function undoSync({ to, earlier }: Undo): void {
  try {
    if (earlier === undefined) unlinkSync(to);
    else renameSync(earlier, to);
  } catch {
    // Gone, or beyond reach.
  }
}

/**
 * Puts finished files into place, all or none, each as `placeFile` does. `scratch` is a folder of the same file system, in which
 * what is replaced is kept for as long as it may be wanted back, beside the destinations. `film` is what they belong to, which
 * follows them: where the process is killed before that, the next run in the folder takes them back. Throws SgError USAGE or
 * ENCODE.
 */
export async function placeTogether(
  files: readonly FileToPlace[],
  scratch: string,
  film?: Pick<FileToPlace, 'from' | 'to'>,
): Promise<PlacedTogether> {
  const undos: Undo[] = [];
  const takeBackSync = (): void => {
    for (let undo = undos.pop(); undo; undo = undos.pop()) undoSync(undo);
  };
  await writePlacingJournal(scratch, files, film);
  try {
    for (const [n, { from, to, replace }] of files.entries()) {
      const earlier = replace === false ? undefined : await keep(to, join(scratch, earlierName(n)));
      await placeFile(from, to, { replace });
      undos.push({ to, earlier });
    }
  } catch (error) {
    takeBackSync();
    throw error;
  }
  return { takeBackSync };
}
