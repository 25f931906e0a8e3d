import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { measureLoudness } from '../analysis/loudness.ts';
import { readComplaints } from '../engine/complaints.ts';
import type { Ports } from '../engine/ports.ts';
import { damageTimes } from '../ffmpeg/damage.ts';
import { countFrames, decodeCheck } from '../ffmpeg/measure.ts';
import { mp4Structure } from '../ffmpeg/mp4-boxes.ts';
import { probeMedia } from '../ffmpeg/probe.ts';
import { runFfmpeg, runTool } from '../ffmpeg/spawn.ts';
import { lookAtWhole } from '../ffmpeg/whole-look.ts';
import { freeBytes } from '../files/disk.ts';
import { type HeldLock, lockDestination } from '../files/lock.ts';
import { placeFile } from '../files/place.ts';
import { type SlotWait, takeSlot } from '../files/session-slots.ts';
import { sha256File, stampFile } from '../files/stamp.ts';
import { sweepLeftovers } from '../files/sweep.ts';
import { createWorkspace, type Workspace } from '../files/workspace.ts';
import type { SessionPool } from '../model/hardware.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { keyframesOf, readFilmTables } from './film-tables.ts';

interface Standing {
  removeSync(): void;
}

/** What this process has begun and not ended: an exit handler ends it where nothing can be awaited. */
const standing = new Set<Standing>();

/** Has `clearStanding` call something, until what this returns is called. */
export function standUntil(one: Standing): () => void {
  standing.add(one);
  return () => {
    standing.delete(one);
  };
}

/** The last resort at process exit: nothing of ours stays behind. What was begun last ends first: folders empty before they go. */
export function clearStanding(): void {
  for (const one of [...standing].reverse()) one.removeSync();
  standing.clear();
}

function tracked(workspace: Workspace) {
  const ended = standUntil(workspace);
  return {
    path: workspace.path,
    file: (name: string) => workspace.file(name),
    writeText: (name: string, text: string) => writeFile(workspace.file(name), text),
    readText: (name: string) => readFile(workspace.file(name), 'utf8'),
    discard: (name: string) => rm(workspace.file(name), { force: true }),
    readBase64: (name: string) => readFile(workspace.file(name), 'base64'),
    remove: async () => {
      await workspace.remove();
      ended();
    },
  };
}

/** A lock that goes with this process. */
function untilReleased(lock: HeldLock | undefined): { release(): Promise<void> } {
  if (!lock) return { release: () => Promise.resolve() };
  const ended = standUntil({ removeSync: () => lock.releaseSync() });
  return {
    release: async () => {
      await lock.release();
      ended();
    },
  };
}

/** Does something while it holds a place among a device's encodes; without one where none came free in time. */
export async function withSession<T>(
  pool: SessionPool | undefined,
  wait: SlotWait,
  work: () => Promise<T>,
): Promise<T> {
  const held = pool && untilReleased(await takeSlot(pool, wait));
  try {
    return await work();
  } finally {
    await held?.release();
  }
}

/** The real world, for one toolchain. */
export function realPorts(toolchain: Toolchain): Ports {
  const { ffmpeg, ffprobe } = toolchain;
  return {
    runFfmpeg: (request) => runFfmpeg({ ...request, program: ffmpeg.path }),
    openWorkspace: async (folder, exportId) => {
      await sweepLeftovers(folder);
      return tracked(await createWorkspace(folder, exportId));
    },
    lockDestination: async (path, exportId, signal) => untilReleased(await lockDestination(path, { exportId, signal })),
    takeSession: async (pool, exportId, signal, onWait) =>
      untilReleased(await takeSlot(pool, { exportId, signal, onWait })),
    placeFile,
    probe: (path, signal) => probeMedia(ffprobe.path, path, { signal }),
    lookAtWhole: async (path, stretches, signal) => {
      const isAll = stretches.every(({ fromSec, durationSec }) => !fromSec && durationSec === undefined);
      if (isAll) return lookAtWhole(ffprobe.path, path, signal);
      const tables = await readFilmTables(path);
      return tables && lookAtWhole(ffprobe.path, path, signal, { stretches, tables });
    },
    mp4Structure: async (path) => {
      const found = await mp4Structure(path);
      if (!found) return undefined;
      const { moovBeforeMdat, fragmented } = found;
      return { moovBeforeMdat, fragmented, editLists: found.tracks.filter((track) => track.editsMatter).length };
    },
    keyframeTimes: (path, signal) => keyframesOf(ffprobe.path, path, signal),
    loudness: async (path, track, signal) =>
      (await measureLoudness(['-i', `file:${path}`], `0:a:${track}`, lookWith(toolchain, signal)))?.lufs,
    damageTimes: (path, midGop, signal) =>
      damageTimes(ffmpeg.path, path, (line) => readComplaints([line], midGop).source.length > 0, signal),
    decode: (path, stretches, signal) => decodeCheck(ffmpeg.path, path, stretches, signal),
    countFrames: (path, how, signal) => countFrames(ffprobe.path, path, { how, signal }),
    copyFile: async (from, to) => {
      await pipeline(createReadStream(from), createWriteStream(to));
    },
    fileBytes: async (path) => (await stat(path)).size,
    freeBytes,
    sha256: (path, signal) => sha256File(path, { signal }),
    sourceStamp: stampFile,
    nowMs: () => performance.now(),
  };
}

/** What an ffmpeg said that only looked at something; `whole`: it came to its end. */
export interface LookResult {
  readonly text: string;
  readonly whole: boolean;
}

/** Runs an ffmpeg that only looks at something, for analyses: returns what it said at level info. */
export function lookWith(toolchain: Toolchain, signal: AbortSignal): (args: readonly string[]) => Promise<string> {
  const look = lookResultWith(toolchain, signal);
  return async (args) => (await look(args)).text;
}

export function lookResultWith(
  toolchain: Toolchain,
  signal: AbortSignal,
): (args: readonly string[]) => Promise<LookResult> {
  return async (args) => {
    const result = await runTool({
      program: toolchain.ffmpeg.path,
      args: ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info', ...args],
      signal,
    });
    signal.throwIfAborted();
    const exited = result.outcome === 'exited';
    return { text: exited ? result.stderr : '', whole: exited && result.exitCode === 0 };
  };
}
