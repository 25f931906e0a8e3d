import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepRun } from '../engine/judge-step.ts';
import { runParts } from '../engine/run-parts.ts';
import { openFile, type PackageFolder, writerBelow } from '../files/package-folder.ts';
import { SgError } from '../model/errors.ts';
import { type CutSegment, cutPicture, cutSound } from '../packaging/cut.ts';
import { type FragmentedFile, readFragmentedFile } from '../packaging/fragmented-file.ts';
import { keyframesOf } from '../packaging/keyframes.ts';
import { type MeasuredTrack, measureTrack } from '../packaging/measure-track.ts';
import type { AudioTrack, KeyframePlaylist, VideoTrack } from '../packaging/package.ts';
import { type WrittenTrack, writeTrack } from '../packaging/write-track.ts';
import type { Rung } from '../plan/ladder.ts';
import { TS_ZERO_SEC, transportStep } from '../plan/rendition.ts';
import type { SoundTrack } from '../plan/stream-tracks.ts';
import { commonEncryption, protectionOf } from './package-encrypt.ts';
import type { PlannedPackage } from './planned-package.ts';

/** A package that is being made, and what runs ffmpeg in its scratch folder. */
export interface OpenParts {
  readonly planned: PlannedPackage;
  readonly run: StepRun;
}

type Files = PackageFolder;

/** What a rendition is called in its package: its folder or single file, and its playlist. */
interface TrackFiles {
  readonly base: string;
  readonly playlist: string;
}

/** A folder that holds one rendition's segments holds its playlist too. */
function trackFiles(id: string, { ladder }: PlannedPackage): TrackFiles {
  return { base: id, playlist: ladder.isSingleFile ? `${id}.m3u8` : `${id}/playlist.m3u8` };
}

/** Names of the codecs whose samples are NAL units. */
export const unitsOf = ({ codec }: Rung): 'avc' | 'hevc' | undefined =>
  codec === 'h264' ? 'avc' : codec === 'h265' ? 'hevc' : undefined;

export const rungId = ({ id }: Rung): string => `video_${id}`;

const broken = (name: string, what: string): SgError =>
  new SgError('VERIFY', `${name} cannot be cut into segments: ${what}`, {
    hint: 'this is a fault of sg-export or of its encoder: the command with -v tells more',
  });

type Cutter = (file: FragmentedFile) => readonly CutSegment[];

/** Cuts what ffmpeg made of one rendition, in the scratch folder, into the segments of the package; what was cut goes. */
export async function cutTrack(
  open: OpenParts,
  folder: string,
  id: string,
  cut: Cutter,
  units?: 'avc' | 'hevc',
): Promise<WrittenTrack> {
  const { planned } = open;
  const path = join(planned.scratch, `${id}.mp4`);
  const file = await openFile(path);
  try {
    const fragmented = await readFragmentedFile(file);
    const segments = cut(fragmented);
    if (planned.ladder.format === 'ts') return await transportTrack(open, folder, id, segments);
    const names = { base: trackFiles(id, planned).base, isSingle: planned.ladder.isSingleFile };
    return await writeTrack(file, fragmented, segments, names, writerBelow(folder), protectionOf(planned, units));
  } catch (error) {
    if (error instanceof SgError) throw error;
    throw broken(id, error instanceof Error ? error.message : String(error));
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** The same in MPEG-TS, which ffmpeg writes: told by count where a segment begins. */
async function transportTrack(
  { planned, run }: OpenParts,
  folder: string,
  id: string,
  segments: readonly CutSegment[],
): Promise<WrittenTrack> {
  const counts = segments.map((segment) => segment.reduce((sum, { samples }) => sum + samples.length, 0));
  const bounds = counts.slice(0, -1).map((_, n) => counts.slice(0, n + 1).reduce((sum, count) => sum + count, 0));
  const step = transportStep(id, bounds, planned.resolved.timeline.durationSec);
  await runParts(run, [step]);
  const { base } = trackFiles(id, planned);
  await mkdir(join(folder, base));
  const places = step.writes.map((name, n) => ({ from: name, path: `${base}/${String(n + 1).padStart(5, '0')}.ts` }));
  for (const { from, path } of places) await rename(join(planned.scratch, from), join(folder, path));
  return { init: undefined, segments: places.map(({ path }) => ({ path })) };
}

export const pictureCut =
  ({ cut }: PlannedPackage) =>
  (file: FragmentedFile): readonly CutSegment[] =>
    cutPicture(file, cut.gopFrames, cut.gopsPerSegment);

export const soundCut =
  ({ cut }: PlannedPackage, most: number) =>
  (file: FragmentedFile): readonly CutSegment[] =>
    cutSound(file, cut.segmentSec, most);

/** The finished segments, read again. Throws SgError VERIFY where they are not what was written. */
async function measured(files: Files, id: string, written: WrittenTrack): Promise<MeasuredTrack> {
  const { init, segments } = written;
  const single = segments[0]?.range !== undefined;
  const found = await measureTrack(
    files,
    single
      ? { kind: 'single-file', path: init?.path ?? '' }
      : { kind: 'segments', init: init?.path, paths: segments.map(({ path }) => path) },
  );
  if (typeof found === 'string') throw broken(id, found);
  const [fault] = found.faults;
  if (fault !== undefined) throw broken(id, fault);
  return found;
}

/** Where players look for pictures while they are wound. Of what is encrypted whole, a part cannot be read. */
async function keyframePlaylist(
  { ladder }: PlannedPackage,
  id: string,
  files: Files,
  found: MeasuredTrack,
): Promise<KeyframePlaylist | undefined> {
  if (ladder.encryption?.method === 'aes-128' || ladder.kind === 'dash') return undefined;
  return {
    playlist: ladder.isSingleFile ? `${id}_keyframes.m3u8` : `${id}/keyframes.m3u8`,
    segments: await keyframesOf(files, found),
  };
}

/** In ticks of MPEG-TS. */
export const TS_ZERO_TICKS = TS_ZERO_SEC * 90_000;

export async function videoTrack(
  planned: PlannedPackage,
  rung: Rung,
  files: Files,
  written: WrittenTrack,
): Promise<VideoTrack> {
  const id = rungId(rung);
  const found = await measured(files, id, written);
  const frameRate = planned.resolved.video.frameRate ?? { num: 25, den: 1 };
  const { transfer } = planned.resolved.video.colour.to;
  return {
    ...{ id, playlist: trackFiles(id, planned).playlist, format: found.format, codec: found.codec },
    ...{ timescale: found.timescale, init: found.init, index: found.index, segments: found.segments },
    zeroTicks: found.format === 'ts' ? TS_ZERO_TICKS : 0,
    ...(found.size ?? { width: rung.width, height: rung.height }),
    frameRate: found.frameRate ?? frameRate,
    videoRange: found.videoRange ?? (transfer === 'smpte2084' ? 'PQ' : transfer === 'arib-std-b67' ? 'HLG' : 'SDR'),
    keyframes: await keyframePlaylist(planned, id, files, found),
    encryption: commonEncryption(planned),
  };
}

export async function audioTrack(
  planned: PlannedPackage,
  sound: SoundTrack,
  files: Files,
  written: WrittenTrack,
): Promise<AudioTrack> {
  const { id, group, language, name, isDefault, role, resolved } = sound;
  const found = await measured(files, id, written);
  return {
    ...{ id, playlist: trackFiles(id, planned).playlist, format: found.format, codec: found.codec },
    ...{ timescale: found.timescale, init: found.init, index: found.index, segments: found.segments },
    zeroTicks: found.format === 'ts' ? TS_ZERO_TICKS : 0,
    ...{ group, language, name, isDefault, role },
    channels: found.channels ?? resolved.channels,
    sampleRate: found.sampleRate ?? resolved.sampleRate,
    encryption: commonEncryption(planned),
  };
}
