import type { Analyses } from '../model/analyses.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import { turnFilters } from '../plan/filters.ts';
import { turnedSize, turnOf, unmirrors } from '../plan/geometry.ts';
import { findBars } from './bars.ts';
import { findInterlace, needsInterlaceCheck } from './interlace.ts';
import type { LookAt } from './look.ts';
import { findTelecine } from './telecine.ts';

/** Measures of the picture what a decision about it depends on, and nothing else. */
export async function analysePicture(
  media: MediaInfo,
  stream: VideoStream,
  values: OptionValues,
  look: LookAt,
): Promise<Analyses> {
  const turn = turnOf(stream, values);
  return {
    ...(needsInterlaceCheck(stream, values.deinterlace) ? { interlace: await findInterlace(media, stream, look) } : {}),
    ...(values.deinterlace === 'detelecine' ? { telecine: await findTelecine(media, stream, look) } : {}),
    ...(values.crop?.kind === 'auto'
      ? {
          bars: await findBars(
            media,
            stream,
            turnFilters({ turn, unmirror: unmirrors(stream, values) }),
            turnedSize(stream, turn),
            look,
          ),
        }
      : {}),
  };
}
