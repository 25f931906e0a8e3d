import type { Issue } from '../model/errors.ts';
import type { AudioStream, MediaInfo } from '../model/media.ts';
import { wrong } from './finding.ts';
import type { Timeline } from './resolved.ts';

/** A start this late is heard or seen; the rounding of a container is not. Seconds. */
const LATE_SEC = 0.02;

interface Copies {
  readonly picture: boolean;
  readonly sound: boolean;
}

/**
 * A copied stream that starts later than the others keeps its delay in an edit list. Where the platform wants none,
 * the delay would be lost, and picture and sound would part: such a stream has to be encoded.
 */
export function copyTimeIssues(
  media: MediaInfo,
  tracks: readonly AudioStream[],
  timeline: Timeline,
  copies: Copies,
): readonly Issue[] {
  const late = (what: string, sec: number, flag: string): readonly Issue[] => {
    if (sec <= LATE_SEC) return [];
    const why = `${what} starts ${sec.toFixed(2)} s late, which only an edit list can say of a copy, and the platform wants none`;
    return [wrong('copy_needs_edit_list', flag, why, `leave ${flag} copy out`)];
  };
  const soundSec = Math.max(0, ...tracks.map((track) => track.startSec - media.startSec));
  return [
    ...(copies.picture ? late('the picture', timeline.holdSec, '--codec') : []),
    ...(copies.sound ? late('the sound', soundSec, '--audio-codec') : []),
  ];
}
