import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Ports } from '../engine/ports.ts';
import { takeThumbnails } from '../engine/take-thumbnails.ts';
import { checkDestination } from '../files/destination.ts';
import type { Replace } from '../files/place.ts';
import { type PlacedTogether, placeTogether } from '../files/place-together.ts';
import { sameContent, stampFile } from '../files/stamp.ts';
import { unfinishedIn } from '../files/sweep.ts';
import { type Issue, SgError } from '../model/errors.ts';
import type { Check } from '../model/events.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { ThumbnailWish } from '../model/thumbnails.ts';
import { thumbnailsOf } from '../plan/thumbnails.ts';
import type { KnownOutputs } from './known-outputs.ts';

/** Pictures of one film, made and checked. They are in their places once `place` has put them there. */
export interface MadeThumbnails {
  /** Of their content, under the paths of their destinations. */
  readonly stamps: readonly FileStamp[];
  readonly wish: ThumbnailWish;
  readonly check: Check;
  readonly warnings: readonly string[];
  place(): Promise<void>;
  /** Their film is in its place too: from now on nothing takes them back. */
  keep(): void;
  /** Leaves their destinations as they were; for an exit handler too. */
  takeBackSync(): void;
  /** Removes the scratch folder. */
  discard(): Promise<void>;
}

interface Making {
  readonly plan: Plan;
  /** The finished film, wherever it lies now. */
  readonly film: string;
  readonly exportId: string;
  /** What may be replaced at a path. */
  readonly replaceAt: (path: string) => Promise<Replace>;
  readonly ports: Ports;
  readonly signal: AbortSignal;
}

/** Makes the pictures that a plan has beside its film, undefined where it has none. Throws SgError ENCODE, VERIFY, SIGINT, and then leaves nothing. */
export async function makeThumbnails(making: Making): Promise<MadeThumbnails | undefined> {
  const { plan, film, exportId, replaceAt, ports, signal } = making;
  const { thumbnails: wanted, destination } = plan;
  if (!wanted) return undefined;
  const filters = plan.settings.kept_source === true ? wanted.sourceFilters : wanted.filters;
  const workspace = await ports.openWorkspace(dirname(destination), exportId);
  try {
    const taken = await takeThumbnails(wanted, { path: film, filters }, destination, workspace, ports, signal);
    const files = taken.thumbnails.map(({ scratch, path }) => ({ from: workspace.file(scratch), to: path }));
    const stamps: FileStamp[] = [];
    for (const { from, to } of files) {
      stamps.push({ path: to, ...(await stampFile(from)), sha256: await ports.sha256(from, signal) });
    }
    let placed: PlacedTogether | undefined;
    return {
      stamps,
      wish: { sizes: wanted.sizes, count: taken.thumbnails.length / wanted.sizes.length },
      check: taken.check,
      warnings: taken.warnings,
      place: async () => {
        const placing = files.map(async (file) => ({ ...file, replace: await replaceAt(file.to) }));
        const belongsTo = film === destination ? undefined : { from: film, to: destination };
        placed = await placeTogether(await Promise.all(placing), workspace.path, belongsTo);
      },
      keep: () => {
        placed = undefined;
      },
      takeBackSync: () => placed?.takeBackSync(),
      discard: () => workspace.remove(),
    };
  } catch (error) {
    await workspace.remove();
    throw error;
  }
}

/** Everything that shapes the pictures, but for the film itself. */
export function thumbnailHash({ thumbnails }: Plan): string {
  return createHash('sha256')
    .update(JSON.stringify([1, 'thumbnails', thumbnails]))
    .digest('hex');
}

/** What is remembered of the pictures: their source is the film. */
export const thumbnailRecords = (
  plan: Plan,
  stamps: readonly FileStamp[],
  film: FileStamp,
  exportId: string,
): readonly OutputRecord[] =>
  stamps.map((output) => ({ export_id: exportId, output, source: film, requestHash: thumbnailHash(plan) }));

/** The pictures beside a complete film, where all of them are there, whole, of this film and as asked for now; else undefined. */
export async function completeThumbnails(
  known: KnownOutputs,
  plan: Plan,
  film: FileStamp,
  signal: AbortSignal,
): Promise<readonly FileStamp[] | undefined> {
  if (!plan.thumbnails) return [];
  const stamps: FileStamp[] = [];
  for (const { path } of thumbnailsOf(plan.destination, plan.thumbnails)) {
    const record = known.find(path);
    const ours = record?.requestHash === thumbnailHash(plan) && record.source.sha256 === film.sha256;
    if (!record || !ours || !(await sameContent(record.output, path, { signal }))) return undefined;
    stamps.push(record.output);
  }
  return stamps;
}

/** What `--skip-existing` may replace: a picture that is known to be sg-export's own, as it is now. */
export async function replaceOwn(known: KnownOutputs, path: string): Promise<Replace> {
  if (!known.find(path)) return false;
  return stampFile(path).catch(() => false);
}

const HINT = '--overwrite replaces it; -o writes elsewhere';

/** Throws SgError USAGE where a file stands at a picture's place that nothing says sg-export wrote: `--skip-existing` leaves it alone. */
export async function refuseForeignThumbnails(
  known: KnownOutputs,
  destination: string,
  wish: ThumbnailWish | undefined,
): Promise<void> {
  if (!wish) return;
  const goes = await unfinishedIn(dirname(destination));
  for (const { path } of thumbnailsOf(destination, wish)) {
    if (goes.has(path) || known.find(path) || !(await lstat(path).catch(() => undefined))) continue;
    throw new SgError('USAGE', `the thumbnail ${path} exists, and nothing says that sg-export wrote it${known.why}`, {
      hint: HINT,
    });
  }
}

/** What the film's own place says already. */
const OF_THE_FOLDER = /^output_folder_/;

/** Findings about the places of the pictures. */
export async function thumbnailPlaceIssues(
  destination: string,
  wish: ThumbnailWish | undefined,
  inputs: string | readonly string[],
  overwrite: boolean,
): Promise<readonly Issue[]> {
  if (!wish) return [];
  const goes = await unfinishedIn(dirname(destination));
  const found = await Promise.all(
    thumbnailsOf(destination, wish).map(({ path }) =>
      checkDestination(path, inputs, { overwrite: overwrite || goes.has(path) }),
    ),
  );
  return found.flat().filter(({ code }) => !OF_THE_FOLDER.test(code));
}
