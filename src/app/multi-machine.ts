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
 * leaves the number to its encoders, as a lone export does; others get two at least. Two each for four rungs on two cores hold 57 MB less
 * than x264's three and take up to 2 % longer (12 s, in turns of two seconds, twice: 24.6 and 25.1 s, 24.9 and 25.0).
 */
const sharedThreads = (together: number, lanes: number, part: number): number | undefined =>
  2 * together > lanes ? undefined : Math.max(2, part);

/** What an encode may take of the machine. */
export interface MachinePart {
  /** Undefined: the encoder's own number. */
  readonly threads: number | undefined;
  readonly leanLookahead: boolean;
}

/**
 * Rungs of a package that keep all cores busy together are looked at ahead in time even where but one picture waits for it: four of 1080p to
 * 360p took 23.0 s and 918 MB so, 24.1 s and 944 MB as x264 does of itself, and 25.0 s and 900 MB without threads for it, for then all
 * encoders look ahead in the one thread that feeds them (8 s, medium, two cores, 5.1.9, means of three by turns).
 */
const hasLeanLookahead = ({ resolved }: Prepared, together: number, cores: number): boolean =>
  resolved?.video.gop.exact === true && together >= cores;

/**
 * Gives each encode its part of the machine's threads, by its work among those that it is likely to run with: the ones
 * after it. The same request on the same machine always gets the same threads, and so the same film. `togetherOf` says how many films
 * the process of one makes.
 */
export function machineParts(
  ready: readonly Prepared[],
  lanes: number,
  togetherOf: (index: number) => number,
): readonly MachinePart[] {
  const cores = availableParallelism();
  const works = ready.map(workOf);
  return ready.map((prepared, index) => {
    const leanLookahead = hasLeanLookahead(prepared, togetherOf(index), cores);
    const first = Math.max(0, Math.min(index, ready.length - lanes));
    const beside = works.slice(first, first + lanes);
    if (beside.length < 2) return { threads: undefined, leanLookahead };
    const all = beside.reduce((sum, work) => sum + work, 0);
    const part = all > 0 ? Math.max(1, Math.min(cores, Math.ceil((cores * (works[index] ?? 0)) / all))) : 1;
    const together = togetherOf(index);
    return { threads: together > 1 ? sharedThreads(together, lanes, part) : part, leanLookahead };
  });
}

/** The same decision with its part of the machine. */
export function withPart(prepared: Prepared, part: MachinePart | undefined): Prepared {
  const { resolved, plan, media } = prepared;
  const isWhole = part === undefined || (part.threads === undefined && !part.leanLookahead);
  if (!resolved || !plan || isWhole || resolved.video.codec === 'copy') return prepared;
  const share = (one: ResolvedExport): ResolvedExport => ({ ...one, video: { ...one.video, ...part } });
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
