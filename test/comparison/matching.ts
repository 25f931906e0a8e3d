import { BEFORE_ZERO_MS, type Film } from './film.ts';

// Where the pictures and the sound of a source are in what was made of it.

const NEAR_SEC = 1;
const CHANGES = 24;

/** Mean difference of two small pictures, steps of 255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n += 1) sum += Math.abs((a[n] ?? 0) - (b[n] ?? 0));
  return sum / a.length;
}

/** How alike two pictures are, whatever their brightness: 1 the same, 0 nothing in common. */
function likeness(a: Uint8Array, b: Uint8Array): number {
  const mean = (list: Uint8Array) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n += 1) {
    const [x, y] = [(a[n] ?? 0) - ma, (b[n] ?? 0) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 && bb === 0 ? 1 : ab / Math.sqrt(aa * bb);
}

export const median = (list: readonly number[]): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

interface Pair {
  readonly source: Uint8Array;
  readonly made: Uint8Array;
  /** Seconds by which it comes later than in the source. */
  readonly laterSec: number;
}

/** The pictures of a source that differ most from the ones before them: their times can be told. */
function changesOf({ pictures }: Film): readonly number[] {
  const steps = pictures.map((picture, n) => ({ n, by: n === 0 ? 0 : distance(picture, pictures[n - 1] ?? picture) }));
  return steps
    .filter(({ by }) => by > 0.5)
    .sort((a, b) => b.by - a.by)
    .slice(0, CHANGES)
    .map(({ n }) => n);
}

/** Each such picture with the first one that is most like it in what was made. */
function pairsOf(source: Film, made: Film): readonly Pair[] {
  const [from = 0, to = 0] = [source.shownSec[0], made.shownSec[0]];
  return changesOf(source).flatMap((n) => {
    const [picture, sec] = [source.pictures[n], source.shownSec[n]];
    if (!picture || sec === undefined) return [];
    const near = made.pictures.flatMap((other, at) => {
      const otherSec = made.shownSec[at] ?? Number.NaN;
      const isNear = Math.abs(otherSec - to - (sec - from)) <= NEAR_SEC;
      return isNear ? [{ made: other, sec: otherSec, unlike: 1 - likeness(picture, other) }] : [];
    });
    const least = Math.min(...near.map(({ unlike }) => unlike));
    const found = near.find(({ unlike }) => unlike <= least * 1.05 + 1e-6);
    return found ? [{ source: picture, made: found.made, laterSec: found.sec - sec }] : [];
  });
}

export interface Matched {
  /** Seconds by which the pictures come later than in the source. */
  readonly laterSec: number;
  /** The greatest difference from that, of nine in ten pictures. */
  readonly strayedSec: number;
  /** Of the least alike pair but one in ten. */
  readonly likeness: number;
  /** Mean difference of the colours shown, steps of 255. */
  readonly steps: number;
}

export function matchPictures(source: Film, made: Film): Matched | undefined {
  const pairs = pairsOf(source, made);
  if (pairs.length === 0) return undefined;
  const laterSec = median(pairs.map((pair) => pair.laterSec));
  const tenth = (list: readonly number[]) =>
    [...list].sort((a, b) => b - a)[Math.floor(list.length / 10)] ?? Number.NaN;
  return {
    laterSec,
    strayedSec: tenth(pairs.map((pair) => Math.abs(pair.laterSec - laterSec))),
    likeness: 1 - tenth(pairs.map((pair) => 1 - likeness(pair.source, pair.made))),
    steps: median(pairs.map((pair) => distance(pair.source, pair.made))),
  };
}

/** Correlation of levels where the made sound comes `later` milliseconds after the source's. */
function correlation(a: Float32Array, b: Float32Array, later: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = Math.max(0, -later); n < a.length && n + later < b.length; n += 1) {
    const [x, y] = [a[n] ?? 0, b[n + later] ?? 0];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/** What is louder or softer than its second: steady sound tells no time. */
function changes(levels: Float32Array): Float32Array {
  const ends = new Float64Array(levels.length + 1);
  for (let n = 0; n < levels.length; n += 1) ends[n + 1] = (ends[n] ?? 0) + (levels[n] ?? 0);
  return levels.map((level, n) => {
    const [from, to] = [Math.max(0, n - 500), Math.min(levels.length, n + 500)];
    return level - ((ends[to] ?? 0) - (ends[from] ?? 0)) / (to - from);
  });
}

/** Seconds by which the sound comes later than in the source, looked for near where the pictures are. */
export function soundLater(source: Film, made: Film, nearSec: number): { readonly sec: number; readonly sure: number } {
  const [a, b] = [changes(source.levels), changes(made.levels)];
  const middle = Math.round(nearSec * 1000);
  let best = { sec: Number.NaN, sure: 0 };
  for (let later = middle - 600; later <= middle + 600; later += 1) {
    const sure = correlation(a, b, later);
    if (sure > best.sure) best = { sec: later / 1000, sure };
  }
  return best;
}

/** Decibels by which the sound is louder than the source's. */
export function louderDb(source: Film, made: Film): number {
  const energy = ({ levels }: Film) => levels.reduce((sum, one) => sum + one * one, 0);
  return 10 * Math.log10(energy(made) / energy(source));
}

/** Seconds of sound, from the first sample after the empty lead. */
export const soundEndSec = ({ levels }: Film): number => (levels.length - BEFORE_ZERO_MS) / 1000;
