import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StepRun } from '../engine/judge-step.ts';
import type { Ports, WorkspacePort } from '../engine/ports.ts';
import { runParts } from '../engine/run-parts.ts';
import { openPackageFolder, writerBelow } from '../files/package-folder.ts';
import { placeFolder } from '../files/place-folder.ts';
import { SgError } from '../model/errors.ts';
import type { Step } from '../model/plan.ts';
import type { StreamPackage, SubtitleTrack, VideoTrack } from '../packaging/package.ts';
import { packageManifests } from '../packaging/package-manifests.ts';
import type { WrittenTrack } from '../packaging/write-track.ts';
import { type Rung, startingFirst } from '../plan/ladder.ts';
import { soundStep, textStep } from '../plan/rendition.ts';
import type { SoundTrack } from '../plan/stream-tracks.ts';
import type { ScriptedPackage } from './dry-run.ts';
import { encryptTrack } from './package-encrypt.ts';
import { type StandingPackage, standingPackage } from './package-result.ts';
import { makeText } from './package-text.ts';
import { makeSheets } from './package-thumbnails.ts';
import {
  audioTrack,
  cutTrack,
  type OpenParts,
  pictureCut,
  rungId,
  soundCut,
  unitsOf,
  videoTrack,
} from './package-tracks.ts';
import type { PlannedPackage } from './planned-package.ts';
import { realPorts } from './ports.ts';
import { judgePackageFolder } from './validate-package.ts';

const STALL_SEC = 60;
/** The package's folder while it is made, in the scratch folder. */
const INSIDE = 'package';

/** A package that is being made: its scratch folder stands, and its place is taken. */
export interface OpenPackage {
  readonly planned: PlannedPackage;
  readonly workspace: WorkspacePort;
  readonly ports: Ports;
  /** Lets go of place and folder; what is in place stays. */
  readonly close: () => Promise<void>;
}

/** Makes the scratch folder and takes the place. Throws SgError USAGE or ENCODE. */
export async function openPackage(planned: PlannedPackage, signal: AbortSignal): Promise<OpenPackage> {
  const ports = realPorts(planned.whole.toolchain);
  const parent = dirname(planned.destination);
  const lock = await ports.lockDestination(planned.destination, planned.scratchId, signal);
  const workspace = await ports.openWorkspace(parent, planned.scratchId).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  const close = async () => {
    await workspace.remove();
    await lock.release();
  };
  if (workspace.path === planned.scratch) return { planned, workspace, ports, close };
  // The exports were told another place.
  await close();
  throw new SgError('INTERNAL', `there is already a folder ${planned.scratch}`);
}

/** What runs ffmpeg in the scratch folder of a package. */
function stepRun({ planned, workspace, ports }: OpenPackage, signal: AbortSignal): StepRun {
  const { media, sourcePath, values } = planned.whole;
  return {
    ...{ plan: { source: sourcePath }, ports, workspace, signal, warnings: [] },
    options: {
      midGop: media.scan?.startsOnKeyframe === false,
      stallSec: STALL_SEC,
      tolerateErrors: values.tolerateErrors === true,
    },
  };
}

/** The steps that make sound and text, each in a file of its own in the scratch folder. */
function partSteps({ resolved, whole, sounds, texts }: PlannedPackage): readonly Step[] {
  const sound = sounds.map((one) => one.resolved);
  const text = texts.map((one) => one.resolved);
  const named = (tracks: readonly { readonly id: string }[], ending: string) =>
    tracks.map(({ id }) => `${id}.${ending}`);
  return [
    ...(sound.length > 0 ? [soundStep(resolved, sound, named(sounds, 'mp4'), whole.media)] : []),
    ...(text.length > 0 ? [textStep(resolved, text, named(texts, 'vtt'))] : []),
  ];
}

/** What a dry run says of it beside its exports. */
export const scriptedPackage = (planned: PlannedPackage): ScriptedPackage => ({
  label: planned.label,
  scratch: planned.scratch,
  destination: planned.destination,
  steps: [...partSteps(planned), ...(planned.sheets ? [planned.sheets.step] : [])],
  toolchain: planned.whole.toolchain,
  segmentSec: planned.cut.segmentSec,
});

/** Makes sound and text. Throws SgError. */
export async function makeParts(open: OpenPackage, signal: AbortSignal): Promise<void> {
  await runParts(stepRun(open, signal), partSteps(open.planned));
}

/** Cuts what is in the scratch folder into segments, one track after the other, since for a while each is there twice. Those of the picture say how many there are. */
async function writeTracks(open: OpenParts, folder: string) {
  const { planned, run } = open;
  const pictures: { rung: Rung; written: WrittenTrack }[] = [];
  for (const rung of startingFirst(planned.rungs)) {
    run.signal.throwIfAborted();
    const written = await cutTrack(open, folder, rungId(rung), pictureCut(planned), unitsOf(rung));
    pictures.push({ rung, written });
  }
  const count = pictures[0]?.written.segments.length ?? 1;
  const sounds: { sound: SoundTrack; written: WrittenTrack }[] = [];
  for (const sound of planned.sounds) {
    run.signal.throwIfAborted();
    sounds.push({ sound, written: await cutTrack(open, folder, sound.id, soundCut(planned, count)) });
  }
  const subtitles: SubtitleTrack[] = [];
  for (const text of planned.texts) {
    const track = await makeText(planned, folder, text, count);
    if (track) subtitles.push(track);
  }
  return { pictures, sounds, subtitles };
}

/** Players go from one rung to another at any join. Throws SgError VERIFY where they are not all at the same time. */
function expectAligned(video: readonly VideoTrack[]): void {
  const joins = video.map(({ segments, timescale }) =>
    segments.map(({ startTicks }) => Math.round((startTicks * 1000) / timescale)).join(),
  );
  const other = video.find((_, n) => joins[n] !== joins[0]);
  if (other) throw new SgError('VERIFY', `the segments of ${other.id} do not begin where those of ${video[0]?.id} do`);
}

/** Makes all renditions, and reads them again. */
async function makeTracks(open: OpenParts, folder: string): Promise<StreamPackage> {
  const { planned } = open;
  // Before films are cut: what is cut is no film any more.
  const images = await makeSheets(open, folder);
  const { pictures, sounds, subtitles } = await writeTracks(open, folder);
  const files = await openPackageFolder(folder, folder);
  const [video, audio] = await Promise.all([
    Promise.all(pictures.map(({ rung, written }) => videoTrack(planned, rung, files, written))),
    Promise.all(sounds.map(({ sound, written }) => audioTrack(planned, sound, files, written))),
  ]);
  expectAligned(video);
  return { kind: planned.ladder.kind, video, audio, subtitles, images };
}

async function encrypted(planned: PlannedPackage, folder: string, pack: StreamPackage): Promise<StreamPackage> {
  const { key, ladder } = planned;
  if (!key || ladder.encryption?.method !== 'aes-128') return pack;
  const { keyUri } = ladder.encryption;
  const video = [];
  for (const track of pack.video) video.push(await encryptTrack(folder, track, key, keyUri));
  const audio = [];
  for (const track of pack.audio) audio.push(await encryptTrack(folder, track, key, keyUri));
  return { ...pack, video, audio };
}

async function writeManifests(folder: string, pack: StreamPackage): Promise<void> {
  const write = writerBelow(folder);
  for (const { path, text } of packageManifests(pack)) await write(path, [Buffer.from(text)]);
}

/** The whole folder is read again by the judge that knows nothing of how it was made. Throws SgError VERIFY. */
async function expectSound({ whole, label }: PlannedPackage, folder: string, signal: AbortSignal): Promise<void> {
  const { ffprobe } = whole.toolchain;
  const { issues } = await judgePackageFolder(folder, label, async () => ffprobe.path, signal);
  const errors = issues.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new SgError('VERIFY', `the package is not what was planned: ${first.message}${more}`, {
    hint: 'nothing was put into place; this is a fault of sg-export or of its encoder',
  });
}

/**
 * Makes the folder of what its exports and parts left in the scratch folder, judges it, and puts it into place: whole, or not
 * at all. Throws SgError.
 */
export async function finishPackage(open: OpenPackage, signal: AbortSignal): Promise<StandingPackage> {
  const { planned, workspace } = open;
  const folder = join(workspace.path, INSIDE);
  await mkdir(folder);
  const plain = await makeTracks({ planned, run: stepRun(open, signal) }, folder);
  await writeManifests(folder, plain);
  await expectSound(planned, folder, signal);
  if (planned.ladder.encryption?.method === 'aes-128') {
    // What is encrypted whole cannot be looked into: it was judged before, and its places are judged now.
    await writeManifests(folder, await encrypted(planned, folder, plain));
    await expectSound(planned, folder, signal);
  }
  signal.throwIfAborted();
  await placeFolder(folder, planned.destination, planned.overwrite);
  return standingPackage(planned);
}
