import { availableParallelism } from 'node:os';
import { encodeBytes, encodeWork } from '../codecs/appetite.ts';
import { valueOf } from '../model/rational.ts';
import { planAttempts } from '../plan/attempts.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Prepared } from './call.ts';

function sourceFrame({ media, resolved }: Prepared) {
  const stream = media.video.find((one) => one.index === resolved?.video.index);
  return { width: stream?.width ?? 0, height: stream?.height ?? 0 };
}

const workOf = ({ resolved }: Prepared): number => {
  if (!resolved) return 0;
  const { video } = resolved;
  return encodeWork(video.encoder, {
    ...video.geometry,
    framesPerSec: video.frameRate ? valueOf(video.frameRate) : 30,
  });
};

/**
 * Threads of an encode that shares its process with others. ffmpeg 5.1 hands pictures to all its encoders from one thread, in which an
 * encoder of one thread also encodes: a ladder of four with 2, 1, 1 and 1 threads took 23.4 s where 2 each took 16.7 and x264's own
 * number, 3 on two cores, 16.0 (6 s of 1080p, medium speed, medians of two and three). So a process that has the machine to itself
 * leaves the number to its encoders, as a lone export does; others get two at least.
 */
const sharedThreads = (together: number, lanes: number, part: number): number | undefined =>
  2 * together > lanes ? undefined : Math.max(2, part);

/**
 * Gives each encode its part of the machine's threads, by its work among those that it is likely to run with: the ones
 * after it. The same request on the same machine always gets the same threads, and so the same film. `togetherOf` says how many films
 * the process of one makes.
 */
export function shareThreads(
  ready: readonly Prepared[],
  lanes: number,
  togetherOf: (index: number) => number,
): readonly (number | undefined)[] {
  const cores = availableParallelism();
  const works = ready.map(workOf);
  return ready.map((_, index) => {
    const first = Math.max(0, Math.min(index, ready.length - lanes));
    const beside = works.slice(first, first + lanes);
    if (beside.length < 2) return undefined;
    const all = beside.reduce((sum, work) => sum + work, 0);
    const part = all > 0 ? Math.max(1, Math.min(cores, Math.ceil((cores * (works[index] ?? 0)) / all))) : 1;
    const together = togetherOf(index);
    return together > 1 ? sharedThreads(together, lanes, part) : part;
  });
}

/** The same decision with its part of the threads. */
export function withThreads(prepared: Prepared, threads: number | undefined): Prepared {
  const { resolved, plan, media } = prepared;
  if (!resolved || !plan || threads === undefined || resolved.video.codec === 'copy') return prepared;
  const share = (one: ResolvedExport): ResolvedExport => ({ ...one, video: { ...one.video, threads } });
  const attempts = prepared.attempts.map((one) => ({ ...one, resolved: share(one.resolved) }));
  const { sizeLimits } = plan;
  return {
    ...prepared,
    resolved: share(resolved),
    attempts,
    plan: { ...planAttempts(attempts, media), ...(sizeLimits ? { sizeLimits } : {}) },
  };
}

/** Bytes that its encode is expected to need. */
export function memoryOf(prepared: Prepared): number {
  const video = prepared.resolved?.video;
  if (!video) return 0;
  const { geometry, pixelFormat, encoder } = video;
  return encodeBytes(encoder, { ...geometry, pixelFormat }, sourceFrame(prepared));
}
