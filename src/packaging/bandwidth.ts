import type { Segment, Track } from './package.ts';

/** Bits a second of a track, as RFC 8216, 4.1 defines them: segments as they are fetched, headers (EXT-X-MAP) left out. */
export interface BitRates {
  /** Of any run of segments that lasts between half and one and a half target durations. */
  readonly peak: number;
  readonly average: number;
}

type Timed = Pick<Track, 'timescale' | 'segments'>;

/** EXT-X-TARGETDURATION: the longest segment of all tracks, rounded to the nearest second as RFC 8216, 4.3.3.1 compares it. */
export function targetDurationSec(tracks: readonly Timed[]): number {
  const longest = tracks.flatMap(({ segments, timescale }) =>
    segments.map((segment) => Math.round(segment.durationTicks / timescale)),
  );
  return Math.max(1, ...longest);
}

/** The same of an I-frame playlist, whose entries are groups of pictures and no segments. */
export const keyframeTargetSec = (film: Timed, keyframes: Pick<Timed, 'segments'>): number =>
  targetDurationSec([{ timescale: film.timescale, segments: keyframes.segments }]);

/** Bit rates of a track, rounded up: a player that has this much never falls behind. */
export function bitRates(track: Timed, targetSec: number): BitRates {
  const { segments, timescale } = track;
  const bits = segments.reduce((sum, segment) => sum + segment.bytes * 8, 0);
  const sec = segments.reduce((sum, segment) => sum + segment.durationTicks, 0) / timescale;
  const average = sec > 0 ? bits / sec : 0;
  return { peak: Math.ceil(Math.max(average, peak(segments, timescale, targetSec))), average: Math.ceil(average) };
}

function peak(segments: readonly Segment[], timescale: number, targetSec: number): number {
  let highest = 0;
  for (let first = 0; first < segments.length; first++) {
    let bits = 0;
    let sec = 0;
    for (const segment of segments.slice(first)) {
      bits += segment.bytes * 8;
      sec += segment.durationTicks / timescale;
      if (sec > 1.5 * targetSec) break;
      if (sec >= 0.5 * targetSec) highest = Math.max(highest, bits / sec);
    }
  }
  return highest;
}
