import { mp4Structure } from '../ffmpeg/mp4-boxes.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import { formatTime } from '../model/units.ts';
import { mainVideo } from '../plan/resolve.ts';

/** A header's length is rounded, and a last frame may have none: only more than this means that something is missing. */
const MISSING_SEC = 0.5;

/** How much of a source its own header promises and the file lacks; undefined where nothing is missing or nobody can tell. */
async function missing(media: MediaInfo): Promise<string | undefined> {
  if (media.format.includes('mp4')) {
    const structure = await mp4Structure(media.path).catch(() => undefined);
    if (structure && structure.missingBytes > 0) return `${structure.missingBytes} bytes are missing at its end`;
  }
  // A subtitle may rightly outlast picture and sound.
  if (!media.scan || media.durationSec === undefined || media.subtitles.length > 0) return undefined;
  // Matroska counts its length from zero, others from their first timestamp.
  const promised = media.durationSec + (media.format.includes('matroska') ? 0 : media.startSec);
  return promised - media.scan.endSec > MISSING_SEC
    ? `it says ${formatTime(promised)}, but ends at ${formatTime(media.scan.endSec)}`
    : undefined;
}

/** A stream whose pictures nobody can decode has no size: a recording without a keyframe, an unknown codec. */
function unsized(media: MediaInfo): readonly Issue[] {
  const film = mainVideo(media);
  if (!film || (film.width > 0 && film.height > 0)) return [];
  return [
    {
      severity: 'error',
      code: 'source_without_size',
      message: `${media.path} holds no picture that ffmpeg can decode (${film.codec}, size unknown)`,
      path: 'input',
      hint: 'give a film with at least one keyframe, in a codec that this ffmpeg knows',
      exit: 'INPUT',
    },
  ];
}

const TIMES = 5;

/** Packets that the demuxer marks as damaged are known before anything is encoded, with their times. */
function damaged(media: MediaInfo, tolerate: boolean): readonly Issue[] {
  const at = media.scan?.corruptSec ?? [];
  if (at.length === 0) return [];
  const times = at.slice(0, TIMES).map((sec) => formatTime(Math.max(0, sec - media.startSec)));
  const more = at.length > TIMES ? ` and ${at.length - TIMES} more` : '';
  return [
    {
      severity: tolerate ? 'warning' : 'error',
      code: 'source_damaged',
      message: `${media.path} has decode errors: damaged packets at ${times.join(', ')}${more}`,
      path: 'input',
      hint: 'get a whole copy; --tolerate-errors delivers what can be decoded',
      exit: 'ENCODE',
    },
  ];
}

/** What is wrong with a source before any frame is decoded: ffmpeg itself would deliver the half and call it done (traps 1 and 2). */
export async function sourceIssues(media: MediaInfo, tolerate: boolean): Promise<readonly Issue[]> {
  const what = await missing(media);
  const known = [...unsized(media), ...damaged(media, tolerate)];
  if (what === undefined) return known;
  return [
    ...known,
    {
      severity: tolerate ? 'warning' : 'error',
      code: 'source_cut_short',
      message: `${media.path} is cut short: ${what}`,
      path: 'input',
      hint: 'get the whole file; --tolerate-errors delivers what is there',
      exit: 'INPUT',
    },
  ];
}
