import type { PacketSize } from '../model/quality.ts';
import { valueOf } from '../model/rational.ts';
import type { ResolvedExport } from './resolved.ts';

/** A stretch of the output's own time line, seconds. */
export interface Part {
  readonly fromSec: number;
  readonly durationSec: number;
  /** Where the source's keyframe lies from which it is decoded; undefined where that is not known. */
  readonly keySec?: number | undefined;
}

/**
 * Up to this length the whole film is encoded: samples of it would cost nearly as much and tell less (34.5 s of film with
 * keyframes far apart: samples took 71 to 80 % of the export's own time). Seconds.
 */
const WHOLE_SEC = 45;
/** A sample is a GOP: it pays for one keyframe, as the film does. */
const GOP_SEC = 2;
const SHARE = { ofFilm: 0.165, leastSec: 16, mostSec: 32 } as const;
/** Where there is an index, ffmpeg looks for the keyframe up to 3/23 s before what it is asked for (5.1.9, Matroska with B-frames). */
const BEHIND_KEY_SEC = 0.2;
/** Places for a part behind a keyframe lie so far from each other. */
const STEP_SEC = 0.5;
/** A cut this near to the edge of a part is not in it: less than a picture. Seconds. */
const EDGE_SEC = 0.01;
/** Pictures at regular distances lie as far from each other as this, seconds. */
const REGULAR_SEC = 0.05;
/**
 * What makes a place worse, in seconds that are decoded in vain: to hold a cut more or less than its share of the film's, and to
 * lie at the edge of its share of the film rather than in its middle. In windows of 50 to 118 s of five films, with three encoders:
 * 0.65 s decoded in vain for a part of 2 s where evenly spread ones take 2.75 s, and nine in ten within 7.8 % of the size where those were within 8.0 %.
 */
const WORSE = { cutSec: 4, edgeSec: 0.5 } as const;

/** What the source's keyframes tell, seconds on the output's time line. */
interface Keys {
  readonly all: readonly number[];
  /** Those that come before a GOP's usual length is over: the picture changed. */
  readonly cuts: readonly number[];
}

function keysOf(packets: readonly PacketSize[], zeroSec: number): Keys {
  const all = packets.flatMap(({ sec, key }) => (key ? [sec - zeroSec] : []));
  const gaps = all.slice(1).map((sec, n) => sec - (all[n] ?? 0));
  const usual = gaps.reduce((most, gap) => Math.max(most, gap), 0) - REGULAR_SEC;
  return { all, cuts: all.slice(1).filter((_, n) => (gaps[n] ?? 0) < usual) };
}

/** Cuts of the picture within a stretch: not where it begins or ends. */
const cutsIn = ({ cuts }: Keys, fromSec: number, toSec: number): number =>
  cuts.filter((sec) => sec > fromSec + EDGE_SEC && sec < toSec - EDGE_SEC).length;

interface Place {
  readonly atSec: number;
  readonly keySec?: number;
}

/** Where parts may begin within a stretch: soon behind keyframes, and at steps from there. */
function* placesIn(keys: Keys, fromSec: number, toSec: number): Generator<Place> {
  const before = keys.all.findLastIndex((sec) => sec + BEHIND_KEY_SEC <= fromSec);
  let lastSec = Number.NEGATIVE_INFINITY;
  for (let n = Math.max(0, before); n < keys.all.length; n += 1) {
    const keySec = keys.all[n] ?? 0;
    if (keySec > toSec) return;
    const nextSec = keys.all[n + 1] ?? Number.POSITIVE_INFINITY;
    const firstSec = keySec + BEHIND_KEY_SEC;
    const skipped = Math.max(0, Math.ceil((Math.max(fromSec, lastSec + STEP_SEC) - firstSec) / STEP_SEC));
    for (let atSec = firstSec + skipped * STEP_SEC; atSec < Math.min(nextSec, toSec); atSec += STEP_SEC) {
      yield { atSec, keySec };
      lastSec = atSec;
    }
  }
}

/** Whether a film is so short that it is encoded whole. */
export const isOwnSample = ({ timeline }: Pick<ResolvedExport, 'timeline'>): boolean =>
  timeline.durationSec <= WHOLE_SEC;

/** How many parts, and how long each is: a GOP. */
function shareOf({ timeline: { durationSec }, video }: Pick<ResolvedExport, 'timeline' | 'video'>, fps: number) {
  const gopSec = Math.ceil((video.gop.sec || GOP_SEC) * fps - 0.001) / fps;
  const inAll = Math.min(SHARE.mostSec, Math.max(SHARE.leastSec, durationSec * SHARE.ofFilm));
  return { count: Math.max(2, Math.round(inAll / gopSec)), gopSec };
}

/** The place that is least bad: the middle where nothing is known of keyframes. */
function bestOf(places: Iterable<Place>, middleSec: number, worseOf: (place: Place) => number): Place {
  let best: Place = { atSec: middleSec };
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const worse = worseOf(place);
    if (worse < least) [best, least] = [place, worse];
  }
  return best;
}

/**
 * The stretches that stand for the film: each as long as its GOPs are, one in each of as many equal shares of it, in all a
 * sixth of a short film and at most 32 s of a long one. They lie soon behind the source's keyframes, as `packets` tell, so
 * that little is decoded in vain, and hold as many of its cuts as is their share. The whole film where that is as cheap.
 */
export function sampleParts(resolved: ResolvedExport, packets: readonly PacketSize[]): readonly Part[] {
  const { timeline, video } = resolved;
  const { durationSec } = timeline;
  if (isOwnSample(resolved)) return [{ fromSec: 0, durationSec }];
  const fps = video.frameRate ? valueOf(video.frameRate) : 30;
  const { count, gopSec } = shareOf(resolved, fps);
  const everySec = durationSec / count;
  const keys = keysOf(packets, timeline.startSec - timeline.holdSec);
  // Bare streams, whose packets have no times, cannot be sought: they are read from their beginning.
  const unknownSec = packets.length === 0 ? 0 : undefined;
  let owedCuts = 0;
  let last: Part | undefined;
  return Array.from({ length: count }, (_, n) => {
    const fromSec = n * everySec;
    const middleSec = fromSec + (everySec - gopSec) / 2;
    owedCuts += (cutsIn(keys, fromSec, fromSec + everySec) * gopSec) / everySec;
    const worseOf = ({ atSec, keySec = atSec }: Place): number => {
      // Behind a part of the same GOP it is read on.
      const decodedSec = last && last.keySec === keySec ? last.fromSec + gopSec : keySec;
      const offCuts = Math.abs(owedCuts - cutsIn(keys, atSec, atSec + gopSec));
      return atSec - decodedSec + offCuts * WORSE.cutSec + (Math.abs(atSec - middleSec) / everySec) * WORSE.edgeSec;
    };
    const places = placesIn(keys, fromSec, fromSec + everySec - gopSec);
    const { atSec, keySec = unknownSec } = bestOf(places, middleSec, worseOf);
    owedCuts -= cutsIn(keys, atSec, atSec + gopSec);
    last = { fromSec: Math.round(atSec * fps) / fps, durationSec: gopSec, keySec };
    return last;
  });
}

export const areWhole = (parts: readonly Part[], { timeline }: ResolvedExport): boolean =>
  parts.length === 1 && parts[0]?.durationSec === timeline.durationSec;
