import type { InterlaceFinding } from '../model/analyses.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { idetSamples } from './idet.ts';
import type { LookAt } from './look.ts';

const FLAGGED = ['tt', 'bb', 'tb', 'bt'];
/** Heights of interlaced formats, for streams that do not say their field order. */
const BROADCAST_HEIGHTS = [480, 486, 576, 1080];
const OFTEN_INTERLACED = ['mpeg2video', 'dvvideo', 'h264', 'prores', 'dnxhd'];

export const isFlaggedInterlaced = (stream: VideoStream): boolean => FLAGGED.includes(stream.fieldOrder ?? '');

/** Whether the pictures must be looked at: flags lie both ways (trap 22), but a progressive flag on delivery formats is believed. */
export function needsInterlaceCheck(stream: VideoStream, choice: string | undefined): boolean {
  if (choice === 'on' || choice === 'off') return false;
  if (isFlaggedInterlaced(stream)) return true;
  const unknown = stream.fieldOrder === undefined || stream.fieldOrder === 'unknown';
  return unknown && BROADCAST_HEIGHTS.includes(stream.height) && OFTEN_INTERLACED.includes(stream.codec);
}

/** Looks at three samples with idet and counts pictures by what the motion between their fields says. */
export async function findInterlace(media: MediaInfo, stream: VideoStream, look: LookAt): Promise<InterlaceFinding> {
  let [combed, whole] = [0, 0];
  for (const text of await idetSamples(media, stream, look)) {
    const found = /Multi frame detection:\s*TFF:\s*(\d+)\s*BFF:\s*(\d+)\s*Progressive:\s*(\d+)/.exec(text);
    combed += Number(found?.[1] ?? 0) + Number(found?.[2] ?? 0);
    whole += Number(found?.[3] ?? 0);
  }
  const judged = combed + whole;
  // Still pictures say nothing: then the flag is all there is.
  if (judged === 0) return { interlaced: isFlaggedInterlaced(stream), confidence: 0.5, judged };
  const interlaced = combed >= whole;
  return { interlaced, confidence: Math.max(combed, whole) / judged, judged };
}
