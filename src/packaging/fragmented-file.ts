import { boxesOfFile } from './file-boxes.ts';
import { type Fragment, readMoof, type Sample, ticksOf } from './mp4-fragment.ts';
import { readInit } from './mp4-init.ts';

/** Reads parts of a file; short where it ends. */
export interface RandomAccess {
  readonly bytes: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/** A fragmented MP4 of one track, as ffmpeg writes it. */
export interface FragmentedFile {
  /** All of `moov`. */
  readonly moov: Buffer;
  readonly timescale: number;
  readonly trackId: number;
  /** In the order of decoding, without gaps. */
  readonly samples: readonly Sample[];
  /** When the first sample is decoded, ticks. */
  readonly startTicks: number;
}

/** Throws where they are not of one track, or where there is a hole in time between them. */
function joined(fragments: readonly Fragment[]): { readonly startTicks: number; readonly samples: readonly Sample[] } {
  const [first] = fragments;
  if (!first) throw new Error('it holds no fragments');
  const startTicks = first.decodeTicks ?? 0;
  const samples: Sample[] = [];
  let atTicks = startTicks;
  for (const fragment of fragments) {
    const { decodeTicks, trackId } = fragment;
    if (trackId !== first.trackId) throw new Error('it holds more than one track');
    if (decodeTicks !== atTicks)
      throw new Error(`a fragment begins at tick ${decodeTicks ?? '?'}, and the one before it ends at ${atTicks}`);
    atTicks += ticksOf(fragment);
    for (const sample of fragment.samples) samples.push(sample);
  }
  return { startTicks, samples };
}

/** Reads where the samples of a fragmented MP4 lie; what they hold is not read. Throws where it is no such file, or has holes in time. */
export async function readFragmentedFile(file: RandomAccess): Promise<FragmentedFile> {
  const boxes = await boxesOfFile(({ offset, length }) => file.read(offset, length), { offset: 0, length: file.bytes });
  if ((boxes.at(-1)?.end ?? 0) !== file.bytes) throw new Error('the file ends within a box');
  const head = boxes.find(({ type }) => type === 'moov');
  if (!head) throw new Error('it has no header');
  const moov = await file.read(head.at, head.end - head.at);
  const tracks = readInit(moov);
  const [track] = tracks;
  if (!track) throw new Error('its header has no track');
  const fragments: Fragment[] = [];
  for (const { type, at, end } of boxes)
    if (type === 'moof') for (const one of readMoof(await file.read(at, end - at), at, tracks)) fragments.push(one);
  return { moov, timescale: track.timescale, trackId: track.id, ...joined(fragments) };
}
