import type { FragmentedFile } from './fragmented-file.ts';
import { isSync, ticksOf } from './mp4-fragment.ts';
import type { Chunk } from './write-fragments.ts';

/** One segment: the chunks that it is made of. */
export type CutSegment = readonly Chunk[];

/** Places in the list of samples, and the ticks there. */
function chunkOf({ samples }: FragmentedFile, from: number, to: number, startTicks: number): Chunk {
  return { samples: samples.slice(from, to), startTicks };
}

export const segmentTicks = (segment: CutSegment): number => segment.reduce((sum, chunk) => sum + ticksOf(chunk), 0);

/**
 * Cuts a picture track into groups of `gopFrames`, `gopsPerSegment` of them to a segment. Throws where one does not begin
 * with a keyframe: the encoder was told where they are.
 */
export function cutPicture(file: FragmentedFile, gopFrames: number, gopsPerSegment: number): readonly CutSegment[] {
  const segments: Chunk[][] = [];
  let ticks = file.startTicks;
  for (let at = 0, gop = 0; at < file.samples.length; at += gopFrames, gop++) {
    const first = file.samples[at];
    if (first && !isSync(first)) throw new Error(`picture ${at} is no keyframe, where a segment or its part begins`);
    const chunk = chunkOf(file, at, Math.min(at + gopFrames, file.samples.length), ticks);
    ticks += ticksOf(chunk);
    if (gop % gopsPerSegment === 0) segments.push([]);
    segments.at(-1)?.push(chunk);
  }
  return segments;
}

/** Cuts a sound track at the packets that begin nearest to multiples of the picture's segments; into as many as those are, at most. */
export function cutSound(file: FragmentedFile, segmentSec: number, most: number): readonly CutSegment[] {
  const segments: CutSegment[] = [];
  let ticks = file.startTicks;
  let [from, fromTicks] = [0, ticks];
  for (const [at, { duration }] of file.samples.entries()) {
    const bound = (segments.length + 1) * segmentSec * file.timescale;
    if (at > from && segments.length + 1 < most && ticks + duration / 2 > bound) {
      segments.push([chunkOf(file, from, at, fromTicks)]);
      [from, fromTicks] = [at, ticks];
    }
    ticks += duration;
  }
  if (from < file.samples.length) segments.push([chunkOf(file, from, file.samples.length, fromTicks)]);
  return segments;
}
