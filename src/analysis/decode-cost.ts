import type { MediaInfo, VideoStream } from '../model/media.ts';
import { processorSec } from '../model/processor-sec.ts';
import { valueOf } from '../model/rational.ts';
import { INPUT_GUARD, sec } from '../plan/input-args.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { LookAt } from './look.ts';

/** Pixels that a measurement decodes: some 20 pictures of 1080p, a tenth of a second of H.264, which is as long as a process' own start. */
const MEASURED_PIXELS = 40e6;
const MOST_PICTURES = 200;
/** Fewer say nothing: a process' own start is as long. */
const LEAST_PICTURES = 5;
const ASSUMED_RATE = 25;

const streamOf = ({ video }: ResolvedExport, media: MediaInfo): VideoStream | undefined =>
  media.video.find((one) => one.index === video.index);

/** Pictures that are decoded for an export, about. */
export function decodedPictures(resolved: ResolvedExport, media: MediaInfo): number {
  const stream = streamOf(resolved, media);
  const rate = stream?.averageRate ?? stream?.frameRate;
  return resolved.timeline.durationSec * (rate ? valueOf(rate) : ASSUMED_RATE);
}

/** Pixels of one of its pictures. */
export function picturePixels(resolved: ResolvedExport, media: MediaInfo): number {
  const stream = streamOf(resolved, media);
  return (stream?.width ?? 0) * (stream?.height ?? 0);
}

/** Where nothing was decoded, the seconds are those of a start. */
const decodingSec = (said: string): number | undefined =>
  said.includes('Output file is empty') ? undefined : processorSec(said);

/**
 * Processor seconds that decoding takes for one picture: of some in the middle of what is read, or at the beginning where
 * that cannot be reached, by one thread, less what a process takes that decodes but the first of them. Undefined where it
 * cannot be told.
 */
export async function decodeCost(
  resolved: ResolvedExport,
  media: MediaInfo,
  look: LookAt,
): Promise<number | undefined> {
  const { timeline, video, source } = resolved;
  const pixels = picturePixels(resolved, media);
  const half = Math.floor(decodedPictures(resolved, media) / 2) - 1;
  const pictures = Math.min(half, MOST_PICTURES, Math.ceil(MEASURED_PIXELS / Math.max(1, pixels)));
  if (pixels === 0 || pictures < LEAST_PICTURES) return undefined;
  const measure = async (count: number, fromSec: number): Promise<number | undefined> =>
    decodingSec(
      await look([
        ...['-benchmark', '-threads', '1', '-noautorotate', ...INPUT_GUARD],
        ...(video.decoder ? [`-c:${video.index}`, video.decoder] : []),
        ...(fromSec > 0 ? ['-noaccurate_seek', '-ss', sec(fromSec)] : []),
        ...['-i', `file:${source}`],
        ...['-map', `0:${video.index}`, '-fps_mode', 'passthrough', '-frames:v', String(count), '-f', 'null', '-'],
      ]),
    );
  const costFrom = async (fromSec: number): Promise<number | undefined> => {
    const first = await measure(1, fromSec);
    const all = first === undefined ? undefined : await measure(1 + pictures, fromSec);
    return first === undefined || all === undefined ? undefined : Math.max(0, all - first) / pictures;
  };
  // A bare stream cannot be sought.
  return (await costFrom(timeline.seekSec + timeline.durationSec / 2)) ?? costFrom(0);
}
