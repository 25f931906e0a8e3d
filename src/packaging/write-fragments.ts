import { boxesIn } from './boxes.ts';
import { isSync, type Sample } from './mp4-fragment.ts';

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * n);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export const fullBox = (type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer =>
  box(type, words((version << 24) | flags), ...parts);

const brands = (type: string, major: string, ...others: readonly string[]): Buffer =>
  box(type, Buffer.from(major, 'latin1'), words(0), Buffer.from([major, ...others].join(''), 'latin1'));

/** Boxes of what people wrote into a source: places, names, dates. A header that everybody downloads is no place for them. */
const LEFT_OUT: readonly string[] = ['udta', 'meta'];
const OPENED: readonly string[] = ['moov', 'trak'];

function withoutWords(bytes: Buffer, from: number, to: number): readonly Buffer[] {
  return boxesIn(bytes, from, to).flatMap(({ type, at, start, end }) => {
    if (LEFT_OUT.includes(type)) return [];
    return [OPENED.includes(type) ? box(type, ...withoutWords(bytes, start, end)) : bytes.subarray(at, end)];
  });
}

/** The header of a track of CMAF (ISO/IEC 23000-19): `ftyp`, and `moov` without anything that people wrote into the source. */
export const headerBytes = (moov: Buffer): Buffer =>
  Buffer.concat([brands('ftyp', 'iso6', 'cmfc', 'cmf2'), ...withoutWords(moov, 0, moov.length)]);

/** What begins a segment that is a file of its own. */
export const segmentType = (): Buffer => brands('styp', 'msdh', 'msix', 'cmfs');

const SYNC_FLAGS = 0x02000000;
const OTHER_FLAGS = 0x01010000;
const DURATION_EACH = 0x100;
const FLAGS_EACH = 0x400;
const SHIFT_EACH = 0x800;

/** What a chunk is made of: samples that follow each other. */
export interface Chunk {
  readonly samples: readonly Sample[];
  /** When the first one is decoded, ticks. */
  readonly startTicks: number;
}

function runFlags(samples: readonly Sample[]): number {
  const [first] = samples;
  const sameLength = samples.every(({ duration }) => duration === first?.duration);
  const oneKey = samples.every((sample, n) => isSync(sample) === (n === 0));
  const noneShifted = samples.every(({ shift }) => shift === 0);
  return 0x201 | (sameLength ? 0 : DURATION_EACH) | (oneKey ? 0x4 : FLAGS_EACH) | (noneShifted ? 0 : SHIFT_EACH);
}

function trun(samples: readonly Sample[], flags: number, dataOffset: number): Buffer {
  const rows = samples.flatMap((sample) => [
    ...((flags & DURATION_EACH) !== 0 ? [sample.duration] : []),
    sample.bytes,
    ...((flags & FLAGS_EACH) !== 0 ? [isSync(sample) ? SYNC_FLAGS : OTHER_FLAGS] : []),
    ...((flags & SHIFT_EACH) !== 0 ? [sample.shift] : []),
  ]);
  const head = [samples.length, dataOffset, ...((flags & 0x4) !== 0 ? [SYNC_FLAGS] : [])];
  return fullBox('trun', 1, flags, words(...head, ...rows));
}

/** Boxes that are added to a `traf`, told what stands before them in the `moof`. */
export type MoreBoxes = (before: number) => readonly Buffer[];

/** `moof` and the head of `mdat` of a chunk: its samples' bytes follow. `sequence` counts chunks from 1. */
export function chunkHead(
  { samples, startTicks }: Chunk,
  trackId: number,
  sequence: number,
  more: MoreBoxes = () => [],
): Buffer {
  const flags = runFlags(samples);
  const tfhd = fullBox('tfhd', 0, 0x020028, words(trackId, samples[0]?.duration ?? 0, OTHER_FLAGS));
  const mfhd = fullBox('mfhd', 0, 0, words(sequence));
  const moof = (dataOffset: number): Buffer => {
    const own = [tfhd, fullBox('tfdt', 1, 0, long(startTicks)), trun(samples, flags, dataOffset)];
    const before = own.reduce((sum, part) => sum + part.length, mfhd.length + 8);
    return box('moof', mfhd, box('traf', ...own, ...more(before)));
  };
  const bytes = moof(0).length;
  const payload = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  return Buffer.concat([moof(bytes + 8), words(payload + 8), Buffer.from('mdat', 'latin1')]);
}

/** One segment of an index: all begin with a picture that players may begin with. */
interface IndexedSegment {
  readonly bytes: number;
  readonly durationTicks: number;
}

/** `sidx` of a file whose first segment follows it at once. */
export function indexBytes(
  segments: readonly IndexedSegment[],
  {
    trackId,
    timescale,
    startTicks,
  }: { readonly trackId: number; readonly timescale: number; readonly startTicks: number },
): Buffer {
  const rows = segments.flatMap(({ bytes, durationTicks }) => [bytes, durationTicks, 0x90000000]);
  return fullBox('sidx', 1, 0, words(trackId, timescale), long(startTicks), long(0), words(segments.length, ...rows));
}
