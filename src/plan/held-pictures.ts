import type { Film } from '../model/media.ts';

/** A lead of less is cut off the sound, not shown: nothing is held for it. */
const LEAST_LEAD_SEC = 0.1;
/** The ends of films are known to a frame or so, but never so badly that there might be nothing held at all. */
const MOST_SLACK_FRAMES = 1.5;

/** How much later than its sound a film's picture begins, seconds; 0 without sound. */
function leadSec({ media, stream }: Film): number {
  const first = media.scan?.firstVideoSec ?? stream.startSec;
  return first - Math.min(first, ...media.audio.map((track) => track.startSec));
}

function lengthSec({ media: { scan }, stream }: Film): number | undefined {
  return scan ? scan.lastVideoEndSec - scan.firstVideoSec : stream.durationSec;
}

/**
 * Seconds for which a film holds its first picture where the other one has only sound: a delivery of a film whose sound
 * begins first does so, to keep both in step. Both signs must agree: the sound's lead that is gone, and as much more
 * picture. 0 for anything else.
 */
export function heldSec(film: Film, other: Film, framesPerSec: number): number {
  const [own, others] = [lengthSec(film), lengthSec(other)];
  if (own === undefined || others === undefined) return 0;
  const goneSec = leadSec(other) - leadSec(film);
  const frames = goneSec * framesPerSec;
  const slack = Math.min(MOST_SLACK_FRAMES, frames / 2);
  const isHeld = goneSec > LEAST_LEAD_SEC && Math.abs((own - others) * framesPerSec - frames) < slack;
  return isHeld ? Math.round(frames) / framesPerSec : 0;
}
