import { type Box, boxBelow, boxesIn, fourcc, payload, viewOf } from './boxes.ts';

/** Runs of equal values, one after the other: how `stts` and `ctts` list samples. */
interface Run {
  readonly count: number;
  readonly ticks: number;
}

/** What part of a track is shown: its own ticks, from the start of the film on. */
interface Shown {
  readonly fromTicks: number;
  /** Undefined: to its end. */
  readonly untilTicks: number | undefined;
  readonly delaySec: number;
}

const timescaleOf = (header: Uint8Array): number => viewOf(header).getUint32(header[0] === 1 ? 20 : 12);

/** Rows of a table behind its version, flags and count; undefined where it holds fewer than it says. */
function rowsOf<T>(
  table: Uint8Array,
  bytes: number,
  read: (view: DataView, at: number) => T,
): readonly T[] | undefined {
  const view = viewOf(table);
  const count = view.getUint32(4);
  if (8 + count * bytes > table.length) return undefined;
  return Array.from({ length: count }, (_, row) => read(view, 8 + row * bytes));
}

const runsOf = (table: Uint8Array, isSigned: boolean): readonly Run[] | undefined =>
  rowsOf(table, 8, (view, at) => ({
    count: view.getUint32(at),
    ticks: isSigned ? view.getInt32(at + 4) : view.getUint32(at + 4),
  }));

/** At most a gap and one part at its own speed: what encoders write. Undefined for more. */
function shownOf(elst: Uint8Array | undefined, movieTicks: number, trackTicks: number): Shown | undefined {
  if (!elst) return { fromTicks: 0, untilTicks: undefined, delaySec: 0 };
  const long = elst[0] === 1;
  const edits = rowsOf(elst, long ? 20 : 12, (view, at) => ({
    duration: long ? Number(view.getBigUint64(at)) : view.getUint32(at),
    mediaTime: long ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4),
    rate: view.getInt32(at + (long ? 16 : 8)) / 65536,
  }));
  const gaps = edits?.filter(({ mediaTime }) => mediaTime < 0) ?? [];
  const [part, ...more] = edits?.slice(gaps.length) ?? [];
  if (!part || part.mediaTime < 0 || part.rate !== 1 || more.length > 0) return undefined;
  return {
    fromTicks: part.mediaTime,
    untilTicks: part.duration > 0 ? part.mediaTime + (part.duration / movieTicks) * trackTicks : undefined,
    delaySec: gaps.reduce((sum, { duration }) => sum + duration, 0) / movieTicks,
  };
}

/** Walks through runs: what the sample of a number has, and the sum before it. Numbers, from 0, must not fall. */
function walker(runs: readonly Run[]): (sample: number) => { readonly ticks: number; readonly before: number } {
  let [run, first, sum] = [0, 0, 0];
  return (sample) => {
    for (let at = runs[run]; at && sample >= first + at.count; at = runs[run]) {
      first += at.count;
      sum += at.count * at.ticks;
      run += 1;
    }
    const ticks = runs[run]?.ticks ?? 0;
    return { ticks, before: sum + (sample - first) * ticks };
  };
}

/** The one film track's boxes; undefined where there are several, which only a demuxer tells apart. */
function filmTrack(bytes: Uint8Array, moov: Box): Box | undefined {
  const films = boxesIn(bytes, moov.start, moov.end).filter((box) => {
    const hdlr = box.type === 'trak' ? boxBelow(bytes, box, 'mdia', 'hdlr') : undefined;
    return hdlr !== undefined && fourcc(bytes, hdlr.start + 8) === 'vide';
  });
  return films.length === 1 ? films[0] : undefined;
}

/** What a film track's tables say of its samples; those that are keyframes counted from 0. */
interface Samples {
  readonly timescale: number;
  readonly shown: Shown;
  readonly lengths: readonly Run[];
  readonly shifts: readonly Run[];
  readonly keys: readonly number[];
}

/** Undefined where they do not fit together. */
function readSamples(part: (...path: readonly string[]) => Uint8Array | undefined, movieTicks: number) {
  const table = (type: string) => part('mdia', 'minf', 'stbl', type);
  const [mdhd, stts, stsz, ctts, stss] = [part('mdia', 'mdhd'), ...['stts', 'stsz', 'ctts', 'stss'].map(table)];
  // Partial sync samples are keyframes to some demuxers.
  if (!mdhd || !stts || !stsz || table('stps')) return undefined;
  const timescale = timescaleOf(mdhd);
  const samples = viewOf(stsz).getUint32(8);
  const shown = shownOf(part('edts', 'elst'), movieTicks, timescale);
  const lengths = runsOf(stts, false);
  const shifts = ctts ? runsOf(ctts, true) : [];
  const keys = stss
    ? rowsOf(stss, 4, (view, at) => view.getUint32(at) - 1)
    : Array.from({ length: samples }, (_, sample) => sample);
  const counted = lengths?.reduce((sum, { count }) => sum + count, 0);
  const inOrder = keys?.every((sample, at) => sample > (keys[at - 1] ?? -1) && sample < samples);
  if (!shown || !lengths || !shifts || !keys || !inOrder || counted !== samples || timescale === 0) return undefined;
  return { timescale, shown, lengths, shifts, keys } satisfies Samples;
}

function timesOf({ timescale, shown, lengths, shifts, keys }: Samples): readonly number[] {
  const [lengthAt, shiftAt] = [walker(lengths), walker(shifts)];
  const { fromTicks, untilTicks = Number.POSITIVE_INFINITY, delaySec } = shown;
  return keys
    .map((sample) => lengthAt(sample).before + shiftAt(sample).ticks)
    .filter((ticks) => ticks >= fromTicks && ticks < untilTicks)
    .map((ticks) => (ticks - fromTicks) / timescale + delaySec)
    .sort((a, b) => a - b);
}

/**
 * When keyframes are shown, seconds in order, by the tables of a `moov`: what a demuxer reads too, without starting one.
 * Undefined where it is fragmented, has several films or an edit list of more than a delay and a part, or tables that do
 * not fit together. Throws RangeError for a box that is too short.
 */
export function keyframesByTables(bytes: Uint8Array): readonly number[] | undefined {
  const [moov] = boxesIn(bytes);
  const mvhd = moov?.type === 'moov' ? boxBelow(bytes, moov, 'mvhd') : undefined;
  if (!moov || !mvhd || boxBelow(bytes, moov, 'mvex')) return undefined;
  const movieTicks = timescaleOf(payload(bytes, mvhd));
  const trak = filmTrack(bytes, moov);
  if (!trak || movieTicks === 0) return undefined;
  const part = (...path: readonly string[]): Uint8Array | undefined => {
    const box = boxBelow(bytes, trak, ...path);
    return box && payload(bytes, box);
  };
  const samples = readSamples(part, movieTicks);
  return samples && timesOf(samples);
}
