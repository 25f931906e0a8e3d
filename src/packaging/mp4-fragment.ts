import { type Box, boxBelow, boxesIn, payload, viewOf } from './boxes.ts';
import type { InitTrack, SampleDefaults } from './mp4-init.ts';
import type { ByteRange } from './package.ts';

/** A sample, and where it lies in its file. Times in the track's ticks. */
export interface Sample {
  readonly offset: number;
  readonly bytes: number;
  readonly duration: number;
  /** Shown so much later than it is decoded; may be negative. */
  readonly shift: number;
  readonly flags: number;
}

/** What one `moof` says of one track. Times in the track's ticks. */
export interface Fragment {
  readonly trackId: number;
  /** `tfdt`: decode time of the first sample; undefined where it is missing. */
  readonly decodeTicks: number | undefined;
  /** One at least, in the order of decoding. */
  readonly samples: readonly Sample[];
}

/** ISO/IEC 14496-12, 8.8.3.1: `sample_is_non_sync_sample`. */
const NON_SYNC = 0x10000;
/** Players may begin here. */
export const isSync = ({ flags }: Pick<Sample, 'flags'>): boolean => (flags & NON_SYNC) === 0;

export const ticksOf = ({ samples }: Pick<Fragment, 'samples'>): number =>
  samples.reduce((sum, { duration }) => sum + duration, 0);

/** Earliest presentation time, edit lists not applied. */
export function shownFrom({ decodeTicks = 0, samples }: Fragment): number {
  let decode = decodeTicks;
  let earliest = Number.POSITIVE_INFINITY;
  for (const { shift, duration } of samples) {
    earliest = Math.min(earliest, decode + shift);
    decode += duration;
  }
  return earliest;
}

interface Cursor {
  readonly view: DataView;
  at: number;
}

const next = (cursor: Cursor): number => {
  const value = cursor.at + 4 <= cursor.view.byteLength ? cursor.view.getUint32(cursor.at) : 0;
  cursor.at += 4;
  return value;
};

type Tracks = readonly Pick<InitTrack, 'id' | 'defaults'>[];

/**
 * The track fragments of a `moof`.
 *
 * @param bytes begin with the header of the `moof`
 * @param at its offset in its file
 */
export function readMoof(bytes: Uint8Array, at: number, tracks: Tracks): readonly Fragment[] {
  const [moof] = boxesIn(bytes);
  if (moof?.type !== 'moof') return [];
  return boxesIn(bytes, moof.start, moof.end).flatMap((box) =>
    box.type === 'traf' ? readTraf(bytes, box, at, tracks) : [],
  );
}

function readTraf(bytes: Uint8Array, traf: Box, moofAt: number, tracks: Tracks): readonly Fragment[] {
  const tfhd = boxBelow(bytes, traf, 'tfhd');
  if (!tfhd || tfhd.end - tfhd.start < 8) return [];
  const { trackId, base, defaults } = readTfhd(payload(bytes, tfhd), moofAt, tracks);
  const tfdt = boxBelow(bytes, traf, 'tfdt');
  const decodeTicks = tfdt && readTfdt(payload(bytes, tfdt));
  const samples: Sample[] = [];
  for (const box of boxesIn(bytes, traf.start, traf.end)) {
    if (box.type === 'trun') for (const one of readTrun(payload(bytes, box), base, defaults)) samples.push(one);
  }
  return samples.length > 0 ? [{ trackId, decodeTicks, samples }] : [];
}

function readTfhd(
  tfhd: Uint8Array,
  moofAt: number,
  tracks: Tracks,
): { readonly trackId: number; readonly base: number; readonly defaults: SampleDefaults } {
  const cursor: Cursor = { view: viewOf(tfhd), at: 0 };
  const flags = next(cursor) & 0xffffff;
  const trackId = next(cursor);
  const inherited = tracks.find(({ id }) => id === trackId)?.defaults ?? { duration: 0, size: 0, flags: 0 };
  const base = flags & 0x1 ? next(cursor) * 2 ** 32 + next(cursor) : moofAt;
  if (flags & 0x2) next(cursor);
  const duration = flags & 0x8 ? next(cursor) : inherited.duration;
  const size = flags & 0x10 ? next(cursor) : inherited.size;
  return { trackId, base, defaults: { duration, size, flags: flags & 0x20 ? next(cursor) : inherited.flags } };
}

function readTfdt(tfdt: Uint8Array): number | undefined {
  const view = viewOf(tfdt);
  if (tfdt[0] === 1) return tfdt.length >= 12 ? Number(view.getBigUint64(4)) : undefined;
  return tfdt.length >= 8 ? view.getUint32(4) : undefined;
}

/** The samples of a run; its offset counts from `base`. */
function readTrun(trun: Uint8Array, base: number, defaults: SampleDefaults): readonly Sample[] {
  const cursor: Cursor = { view: viewOf(trun), at: 0 };
  const head = next(cursor);
  const flags = head & 0xffffff;
  const count = next(cursor);
  let offset = base + (flags & 0x1 ? next(cursor) | 0 : 0);
  const firstFlags = flags & 0x4 ? next(cursor) : undefined;
  const samples: Sample[] = [];
  // A broken count must not outlast the box: where samples say nothing of themselves, no box bounds them.
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  const possible = perSample > 0 ? Math.floor((trun.length - cursor.at) / perSample) : MAX_IMPLICIT_SAMPLES;
  for (let i = 0; i < Math.min(count, possible); i++) {
    const duration = flags & 0x100 ? next(cursor) : defaults.duration;
    const bytes = flags & 0x200 ? next(cursor) : defaults.size;
    const own = flags & 0x400 ? next(cursor) : defaults.flags;
    // Signed in version 1; writers of version 0 that mean negative ones exist too.
    const shift = flags & 0x800 ? next(cursor) | 0 : 0;
    samples.push({ offset, bytes, duration, shift, flags: i === 0 && firstFlags !== undefined ? firstFlags : own });
    offset += bytes;
  }
  return samples;
}

const MAX_IMPLICIT_SAMPLES = 1_000_000;

/** One reference of a `sidx`. */
export interface IndexEntry {
  readonly range: ByteRange;
  readonly durationTicks: number;
  readonly startsWithSap: boolean;
}

export interface SegmentIndex {
  readonly timescale: number;
  readonly startTicks: number;
  readonly entries: readonly IndexEntry[];
}

/**
 * A `sidx`.
 *
 * @param end offset in its file of the first byte after it, from where its references count
 */
export function readSidx(sidx: Uint8Array, end: number): SegmentIndex | undefined {
  const long = sidx[0] === 1;
  if (sidx.length < (long ? 32 : 24)) return undefined;
  const cursor: Cursor = { view: viewOf(sidx), at: 8 };
  const timescale = next(cursor);
  const wide = () => (long ? next(cursor) * 2 ** 32 + next(cursor) : next(cursor));
  const startTicks = wide();
  let offset = end + wide();
  const count = next(cursor) & 0xffff;
  const entries: IndexEntry[] = [];
  for (let i = 0; i < count && cursor.at + 12 <= sidx.length; i++) {
    const length = next(cursor) & 0x7fffffff;
    const durationTicks = next(cursor);
    const startsWithSap = next(cursor) >>> 31 === 1;
    entries.push({ range: { offset, length }, durationTicks, startsWithSap });
    offset += length;
  }
  return { timescale, startTicks, entries };
}
