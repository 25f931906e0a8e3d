import { counted } from '../model/counted.ts';
import { SgError } from '../model/errors.ts';
import type { Check } from '../model/events.ts';
import type { ProcessResult } from '../model/process.ts';
import type { ThumbnailPlan } from '../model/thumbnails.ts';
import { type Choice, choosePictures, type Look, lookAtAll } from '../plan/thumbnail-choice.ts';
import {
  enoughSamples,
  LOOKS_FILE,
  lookArgs,
  type Sampling,
  samplingsOf,
  type Thumbnail,
  takeArgs,
  thumbnailsOf,
} from '../plan/thumbnails.ts';
import { readComplaints } from './complaints.ts';
import { jpegSize } from './jpeg-size.ts';
import type { Ports, WorkspacePort } from './ports.ts';
import { VerifyError } from './verify-error.ts';

/** Pictures of a film that are made and checked, and lie in the scratch folder. */
export interface TakenThumbnails {
  readonly thumbnails: readonly Thumbnail[];
  readonly check: Check;
  readonly warnings: readonly string[];
}

/** The film as it stands: its file, and the filters that its colours need. */
export interface FilmToShow {
  readonly path: string;
  readonly filters: readonly string[];
}

interface Place {
  readonly workspace: WorkspacePort;
  readonly ports: Ports;
  readonly signal: AbortSignal;
}

const STALL_SEC = 120;

async function run(args: readonly string[], { workspace, ports, signal }: Place): Promise<ProcessResult> {
  const result = await ports.runFfmpeg({ args, cwd: workspace.path, signal, stallSec: STALL_SEC });
  if (result.outcome === 'aborted') throw new SgError('SIGINT', 'cancelled');
  return result;
}

function notTaken(result: ProcessResult, cause?: unknown): SgError {
  const why = readComplaints(result.lines, false).reasons[0] ?? result.reason ?? 'ffmpeg wrote none';
  return new SgError('ENCODE', `the thumbnails could not be taken of the finished film: ${why}`, { cause });
}

interface Sampled {
  readonly sampling: Sampling;
  readonly looks: readonly Look[];
}

/** What came is not all that the film has to show: a full disk, a process that was killed. What a decoder complains of is the film's own. */
const isCutShort = ({ outcome, signal, lines }: ProcessResult): boolean =>
  outcome !== 'exited' || signal !== null || readComplaints(lines, false).diskFull;

async function sampled(plan: ThumbnailPlan, film: string, place: Place): Promise<Sampled> {
  let result: ProcessResult | undefined;
  let found: Sampled | undefined;
  for (const sampling of samplingsOf(plan)) {
    result = await run(lookArgs(film, sampling), place);
    if (isCutShort(result)) throw notTaken(result);
    const grey = await place.workspace.readBase64(LOOKS_FILE).catch(() => '');
    found = { sampling, looks: lookAtAll(Buffer.from(grey, 'base64')) };
    await place.workspace.discard(LOOKS_FILE);
    if (found.looks.length >= enoughSamples(plan)) return found;
  }
  if (!found || found.looks.length === 0) {
    throw result ? notTaken(result) : new SgError('INTERNAL', 'a plan of thumbnails without a sampling');
  }
  return found;
}

/** What the pictures should be and are: each opens, has its size, and decodes without a complaint. */
async function checked(thumbnails: readonly Thumbnail[], { workspace, ports, signal }: Place): Promise<Check> {
  const expected = `${thumbnails.length} pictures of their sizes`;
  for (const { scratch, size } of thumbnails) {
    const found = jpegSize(Buffer.from(await workspace.readBase64(scratch), 'base64'));
    const [complaint] = found ? await ports.decode(workspace.file(scratch), [{}], signal) : ['no JPEG'];
    const same = found?.width === size.width && found.height === size.height;
    const actual = complaint ?? (same ? undefined : `${scratch} has ${found?.width}x${found?.height}`);
    if (actual !== undefined) return { name: 'thumbnails', expected, actual, ok: false };
  }
  return { name: 'thumbnails', expected, actual: expected, ok: true };
}

function warningsOf({ places, poor, alike }: Choice, { count }: ThumbnailPlan): readonly string[] {
  const made = places.length;
  const few = counted(made, 'moment');
  return [
    ...(made < count
      ? [`the film has no more than ${few} to show: so many thumbnails are made, in place of ${count}`]
      : []),
    ...(poor > 0
      ? [`${poor} of the ${made} thumbnails: dark, flat or blurred, because the film has too little else`]
      : []),
    ...(alike > 0
      ? [`${alike} of the ${made} thumbnails: much like another, because the film shows too little else`]
      : []),
  ];
}

/**
 * Chooses moments of a finished film, takes their pictures into the scratch folder, and checks each. Throws SgError
 * ENCODE where none can be had, VERIFY where one is not what was asked for, SIGINT on abort.
 */
export async function takeThumbnails(
  plan: ThumbnailPlan,
  film: FilmToShow,
  destination: string,
  workspace: WorkspacePort,
  ports: Ports,
  signal: AbortSignal,
): Promise<TakenThumbnails> {
  const place: Place = { workspace, ports, signal };
  const { sampling, looks } = await sampled(plan, film.path, place);
  const choice = choosePictures(looks, plan.count);
  const result = await run(takeArgs(film.path, sampling, choice.places, plan, film.filters), place);
  if (result.outcome !== 'exited' || result.exitCode !== 0) throw notTaken(result);
  const thumbnails = thumbnailsOf(destination, { ...plan, count: choice.places.length });
  try {
    await Promise.all(thumbnails.map(({ scratch }) => ports.fileBytes(workspace.file(scratch))));
  } catch (cause) {
    throw notTaken(result, cause);
  }
  const check = await checked(thumbnails, place);
  if (!check.ok) throw new VerifyError({ ok: false, checks: [check] });
  return { thumbnails, check, warnings: warningsOf(choice, plan) };
}
