import type { SourceStamp } from '../engine/ports.ts';
import { sameStamp, sourceChanged } from '../engine/same-source.ts';
import { sha256File, stampFile } from '../files/stamp.ts';
import type { FileStamp, History } from '../model/history.ts';
import { isMapping } from '../model/mapping.ts';

/** A source as it was before anything read it. */
interface SourceFile {
  readonly sourcePath: string;
  readonly sourceStamp: SourceStamp;
}

export interface KnownSource extends SourceFile {
  /** The file by which its content is known: itself, unless another had it before. */
  readonly content: () => Promise<SourceStamp>;
}

/** Throws SgError ENCODE where it was changed or went away meanwhile: what was found is of neither film. */
export async function expectUnchanged({ sourcePath, sourceStamp }: SourceFile): Promise<void> {
  if (!sameStamp(sourceStamp, await stampFile(sourcePath).catch(() => undefined))) throw sourceChanged(sourcePath);
}

/** A file that was read whole, and its digest. */
type ReadFile = Omit<FileStamp, 'path'>;
type Kept = Pick<History, 'getCached' | 'putCached'>;

const KIND = 'contents';
/** Of one size, as recordings of a fixed length and rate are: the newest are kept. */
const MOST_OF_A_SIZE = 100;
/** Reading so much once more takes half a second (0.52 s from the page cache, digest and all). */
const LIGHT_BYTES = 256 * 1024 ** 2;

function isReadFile(value: unknown): value is ReadFile {
  if (!isMapping(value) || typeof value.bytes !== 'number') return false;
  return [value.mtimeNs, value.inode, value.sha256].every((text) => typeof text === 'string');
}

/** Those of one size, in the order in which they were read. */
function readBefore(history: Kept, bytes: number): readonly ReadFile[] {
  const kept = history.getCached(KIND, `${bytes}`);
  return Array.isArray(kept) ? kept.filter(isReadFile) : [];
}

/** From now on its content is known again, wherever it lies. */
export function rememberContent(history: Kept, { bytes, mtimeNs, inode, sha256 }: ReadFile): void {
  const file = { bytes, mtimeNs, inode, sha256 };
  const before = readBefore(history, bytes);
  if (before.some((one) => sameStamp(one, file) && one.sha256 === sha256)) return;
  const others = before.filter((one) => !sameStamp(one, file));
  history.putCached(KIND, `${bytes}`, [...others, file].slice(-MOST_OF_A_SIZE));
}

/** Reads it, and says what it is; undefined where it cannot be read or is not any more what it was. */
async function read(source: SourceFile, signal: AbortSignal): Promise<ReadFile | undefined> {
  try {
    const sha256 = await sha256File(source.sourcePath, { signal });
    await expectUnchanged(source);
    return { ...source.sourceStamp, sha256 };
  } catch {
    // Whoever needs the file says what is wrong with it, or that the run was stopped.
    return undefined;
  }
}

/** Lets the content of a file that nothing else reads whole be known again, where that costs next to nothing. */
export async function readContent(history: Kept, source: SourceFile, signal: AbortSignal): Promise<void> {
  const file = source.sourceStamp.bytes > LIGHT_BYTES ? undefined : await read(source, signal);
  if (file) rememberContent(history, file);
}

/**
 * The file that had this one's content first, else itself: what was found of one is true of the other. It is read whole only
 * where another of exactly its size was.
 */
export async function firstOfContent(history: Kept, source: SourceFile, signal: AbortSignal): Promise<SourceStamp> {
  const { sourceStamp } = source;
  const before = readBefore(history, sourceStamp.bytes);
  if (before.length === 0) return sourceStamp;
  const file = before.find((one) => sameStamp(one, sourceStamp)) ?? (await read(source, signal));
  if (!file) return sourceStamp;
  rememberContent(history, file);
  const { bytes, mtimeNs, inode } = before.find(({ sha256 }) => sha256 === file.sha256) ?? file;
  return { bytes, mtimeNs, inode };
}
