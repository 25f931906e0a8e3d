import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileStamp } from '../model/history.ts';
import { isMapping } from '../model/mapping.ts';
import { writeError } from './file-error.ts';
import { stampFile } from './stamp.ts';

type Stamp = Pick<FileStamp, 'bytes' | 'mtimeNs' | 'inode'>;

/** A file on its way into place. Names are plain ones of the folder that the scratch folder is in. */
interface Placing extends Stamp {
  readonly name: string;
  /** Under which what was there before is kept in the scratch folder. */
  readonly earlier: string;
}

interface Journal {
  /** The file without which the others have no business there; null where it was there before. */
  readonly film: (Stamp & { readonly name: string }) | null;
  readonly files: readonly Placing[];
}

/** A file that was put into place, and what was there before. */
export interface Undo {
  readonly to: string;
  readonly earlier: string | undefined;
}

const NAME = 'placing.json';

/** Under which what stands at the `n`-th destination is kept in the scratch folder. */
export const earlierName = (n: number): string => `earlier-${n}`;

/**
 * Says in the scratch folder which files are about to go into place beside it: one that is killed then cannot take them
 * back itself, and the next run does (`takeBack`). On the disk when this returns. Throws SgError ENCODE or USAGE.
 */
export async function writePlacingJournal(
  scratch: string,
  files: readonly { readonly from: string; readonly to: string }[],
  film: { readonly from: string; readonly to: string } | undefined,
): Promise<void> {
  try {
    const placings = files.map(async ({ from, to }, n) => ({
      ...{ name: basename(to), earlier: earlierName(n) },
      ...(await stampFile(from)),
    }));
    const journal: Journal = {
      film: film ? { name: basename(film.to), ...(await stampFile(film.from)) } : null,
      files: await Promise.all(placings),
    };
    const handle = await open(join(scratch, NAME), 'wx');
    try {
      await handle.writeFile(JSON.stringify(journal));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw writeError(`cannot write in ${scratch}`, error);
  }
}

/** A name that leads out of the folder is none of ours. */
function isNamed(value: unknown): value is Stamp & { readonly name: string } {
  if (!isMapping(value) || typeof value.name !== 'string' || basename(value.name) !== value.name) return false;
  return typeof value.bytes === 'number' && typeof value.mtimeNs === 'string' && typeof value.inode === 'string';
}

const isPlacing = (value: unknown): value is Placing =>
  isNamed(value) && 'earlier' in value && typeof value.earlier === 'string' && /^earlier-\d+$/.test(value.earlier);

function readJournal(text: string): Journal | undefined {
  try {
    const raw: unknown = JSON.parse(text);
    if (!isMapping(raw) || !Array.isArray(raw.files) || !raw.files.every(isPlacing)) return undefined;
    if (raw.film !== null && !isNamed(raw.film)) return undefined;
    return { film: raw.film, files: raw.files };
  } catch {
    return undefined;
  }
}

const sameTimes = (now: Stamp | undefined, then: Stamp): boolean =>
  now !== undefined && now.bytes === then.bytes && now.mtimeNs === then.mtimeNs;

/**
 * What the killed owner of a scratch folder had put into place beside it and nobody has touched since; none where its film
 * had come too, to which they belong.
 */
export async function unfinishedPlacings(scratch: string): Promise<readonly Undo[]> {
  const journal = readJournal(await readFile(join(scratch, NAME), 'utf8').catch(() => ''));
  if (!journal) return [];
  const folder = dirname(scratch);
  const at = (name: string) => stampFile(join(folder, name)).catch(() => undefined);
  const { film, files } = journal;
  if (film && sameTimes(await at(film.name), film)) return [];
  const undos: Undo[] = [];
  for (const { name, earlier, ...then } of files) {
    const now = await at(name);
    if (now?.inode !== then.inode || !sameTimes(now, then)) continue;
    const kept = join(scratch, earlier);
    undos.push({ to: join(folder, name), earlier: (await stat(kept).catch(() => undefined)) ? kept : undefined });
  }
  return undos;
}
