import type { PictureCount } from '../engine/source-troubles.ts';
import { valueOf } from '../model/rational.ts';
import { naturalRate } from '../plan/timeline.ts';
import type { Prepared } from './call.ts';

/** Codecs whose every packet holds a picture that is shown; VP8, VP9 and MPEG-4 have others. */
const ONE_EACH = ['h264', 'hevc', 'mpeg1video', 'mpeg2video', 'prores', 'dnxhd', 'mjpeg'];

/**
 * Where the film must yield as many pictures as it has packets: sources without an index, read from end to end.
 * Not where fields may come in packets of their own, nor where a part is cut out.
 */
export function picturesOf({ media, resolved }: Prepared): PictureCount | undefined {
  const { scan } = media;
  const stream = media.video.find((one) => one.index === resolved?.video.index);
  if (!scan?.startsOnKeyframe || !stream || !resolved || resolved.video.codec === 'copy') return undefined;
  const { cutStart, cutEnd, seekSec } = resolved.timeline;
  const fields = stream.fieldOrder !== undefined && stream.fieldOrder !== 'progressive';
  if (cutStart || cutEnd || seekSec > 0 || fields || !ONE_EACH.includes(stream.codec)) return undefined;
  const leadSec = (scan.firstKeyframeSec ?? scan.firstVideoSec) - scan.firstVideoSec;
  return { stream: stream.index, hidden: 1 + Math.round(leadSec * valueOf(naturalRate(stream, media))) };
}
