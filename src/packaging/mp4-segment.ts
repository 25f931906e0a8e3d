import type { Box } from './boxes.ts';
import { boxesOfFile } from './file-boxes.ts';
import {
  type Fragment,
  isSync,
  readMoof,
  readSidx,
  type Sample,
  type SegmentIndex,
  shownFrom,
  ticksOf,
} from './mp4-fragment.ts';
import type { InitTrack } from './mp4-init.ts';
import { isRandomAccessPoint } from './nal-units.ts';
import type { ByteRange, Resource } from './package.ts';
import type { PackageFiles } from './ports.ts';
import type { SegmentFacts, StreamFacts } from './stream-facts.ts';

/** More than this is no `moof` of a segment. */
const MAX_MOOF = 64 * 1024 * 1024;
/** Enough to find the first slice behind parameter sets and messages. */
const SAMPLE_HEAD = 64 * 1024;

const topBoxes = (files: PackageFiles, path: string, range: ByteRange): Promise<readonly Box[]> =>
  boxesOfFile((part) => files.read(path, part), range);

const rangeOf = (files: PackageFiles, { path, range }: Resource): ByteRange =>
  range ?? { offset: 0, length: files.sizes.get(path) ?? 0 };

/** The `moof` boxes of a segment; offsets are the file's. */
export async function fragmentBoxes(files: PackageFiles, segment: Resource): Promise<readonly Box[]> {
  const boxes = await topBoxes(files, segment.path, rangeOf(files, segment));
  return boxes.filter(({ type, at, end }) => type === 'moof' && end - at <= MAX_MOOF);
}

/** A segment of fragmented MP4, or a range of a file, without reading its pictures. */
export async function readMp4Segment(
  files: PackageFiles,
  segment: Resource,
  tracks: readonly InitTrack[],
): Promise<SegmentFacts> {
  const range = rangeOf(files, segment);
  const boxes = await topBoxes(files, segment.path, range);
  const fragments: Fragment[] = [];
  for (const box of boxes.filter(({ type, at, end }) => type === 'moof' && end - at <= MAX_MOOF)) {
    const bytes = await files.read(segment.path, { offset: box.at, length: box.end - box.at });
    fragments.push(...readMoof(bytes, box.at, tracks));
  }
  const streams: StreamFacts[] = [];
  for (const track of tracks) {
    const facts = await streamOf(files, segment.path, track, fragments);
    if (facts) streams.push(facts);
  }
  return { bytes: range.length, streams, faults: faultsOf(boxes, range, fragments, tracks) };
}

async function streamOf(
  files: PackageFiles,
  path: string,
  track: InitTrack,
  all: readonly Fragment[],
): Promise<StreamFacts | undefined> {
  const fragments = all.filter(({ trackId }) => trackId === track.id);
  const [first] = fragments;
  const start = first?.samples[0];
  if (!first || !start || track.kind === 'other') return undefined;
  return {
    kind: track.kind,
    id: track.id,
    timescale: track.timescale,
    decodeTicks: first.decodeTicks,
    startTicks: Math.min(...fragments.map(shownFrom)),
    editTicks: track.editTicks,
    durationTicks: fragments.reduce((sum, fragment) => sum + ticksOf(fragment), 0),
    samples: fragments.reduce((sum, { samples }) => sum + samples.length, 0),
    startsWithKeyframe: isSync(start) && (await beginsRandomAccess(files, path, track, start)),
    sampleCounted: true,
  };
}

/** The flags of a sample are the muxer's word; where NAL units can be read, they decide. */
async function beginsRandomAccess(
  files: PackageFiles,
  path: string,
  track: InitTrack,
  { offset, bytes: size }: Sample,
): Promise<boolean> {
  const { nalLengthBytes, codec, protection } = track;
  if (nalLengthBytes === undefined || protection) return true;
  const bytes = await files.read(path, { offset, length: Math.min(size, SAMPLE_HEAD) });
  return isRandomAccessPoint(bytes, nalLengthBytes, codec) ?? true;
}

function faultsOf(
  boxes: readonly Box[],
  range: ByteRange,
  fragments: readonly Fragment[],
  tracks: readonly InitTrack[],
): readonly string[] {
  const end = range.offset + range.length;
  const last = boxes.at(-1);
  const faults: string[] = [];
  if (!boxes.some(({ type }) => type === 'moof')) faults.push('it has no movie fragment (moof)');
  else if (fragments.length === 0) faults.push('its movie fragments (moof) have no samples');
  if (last && last.end > end) faults.push(`it ends ${last.end - end} bytes before its last box (${last.type}) does`);
  else if ((last?.end ?? range.offset) < end) faults.push('there is something in it that is no box');
  if (fragments.some(({ decodeTicks }) => decodeTicks === undefined)) faults.push('a fragment has no tfdt');
  const unknown = fragments.find(({ trackId }) => !tracks.some(({ id }) => id === trackId));
  if (unknown) faults.push(`its track ${unknown.trackId} is not in the initialization segment`);
  return faults;
}

export interface FoundIndex {
  /** Where the `sidx` itself is. */
  readonly range: ByteRange;
  readonly index: SegmentIndex;
}

/** The first `sidx` of a file, or within a range of it. */
export async function findIndex(
  files: PackageFiles,
  path: string,
  within?: ByteRange,
): Promise<FoundIndex | undefined> {
  const range = within ?? { offset: 0, length: files.sizes.get(path) ?? 0 };
  const box = (await topBoxes(files, path, range)).find(({ type }) => type === 'sidx');
  if (!box) return undefined;
  const bytes = await files.read(path, { offset: box.start, length: box.end - box.start });
  const index = readSidx(bytes, box.end);
  return index && { range: { offset: box.at, length: box.end - box.at }, index };
}

/** The header of a file that holds header and segments both: all before the first of index, segment mark and fragment. */
export async function headerRange(files: PackageFiles, path: string): Promise<ByteRange | undefined> {
  const size = files.sizes.get(path) ?? 0;
  const boxes = await topBoxes(files, path, { offset: 0, length: size });
  const moov = boxes.find(({ type }) => type === 'moov');
  return moov && { offset: 0, length: moov.end };
}

/** What begins a segment, and what may stand before the fragments of one. */
const SEGMENT_MARKS = ['styp', 'sidx'];
const FRAGMENT_MARKS = [...SEGMENT_MARKS, 'moof', 'emsg', 'prft'];

/**
 * Ranges of the segments of a single file: from each `styp` or `sidx` to the next one, as muxers of segments write them; where
 * there are none, or one for the whole file, each fragment is a segment.
 */
export async function segmentRanges(files: PackageFiles, path: string): Promise<readonly ByteRange[]> {
  const size = files.sizes.get(path) ?? 0;
  const boxes = await topBoxes(files, path, { offset: 0, length: size });
  const marked = rangesFrom(boxes, SEGMENT_MARKS);
  return marked.length > 1 ? marked : rangesFrom(boxes, FRAGMENT_MARKS);
}

/** Each range ends with the last `mdat` before the next mark. */
function rangesFrom(boxes: readonly Box[], marks: readonly string[]): readonly ByteRange[] {
  const ranges: { offset: number; length: number }[] = [];
  let open = false;
  for (const { type, at, end } of boxes) {
    if (marks.includes(type) && !open) {
      ranges.push({ offset: at, length: 0 });
      open = true;
    }
    const range = ranges.at(-1);
    if (type !== 'mdat' || !range) continue;
    range.length = end - range.offset;
    open = false;
  }
  return ranges.filter(({ length }) => length > 0);
}
