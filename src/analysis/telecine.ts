import type { TelecineFinding } from '../model/analyses.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { idetSamples } from './idet.ts';
import type { LookAt } from './look.ts';

/** In telecined film two pictures of five repeat a field; elsewhere next to none do. */
const LEAST_SHARE = 0.25;

/** Looks for the repeated fields of 2:3 pulldown in three samples. Still pictures repeat every field: they are let pass. */
export async function findTelecine(media: MediaInfo, stream: VideoStream, look: LookAt): Promise<TelecineFinding> {
  let [repeated, all] = [0, 0];
  for (const text of await idetSamples(media, stream, look)) {
    const found = /Repeated Fields:\s*Neither:\s*(\d+)\s*Top:\s*(\d+)\s*Bottom:\s*(\d+)/.exec(text);
    const [neither = 0, top = 0, bottom = 0] = found?.slice(1).map(Number) ?? [];
    repeated += top + bottom;
    all += neither + top + bottom;
  }
  const share = all > 0 ? repeated / all : 0;
  return { telecined: all === 0 || share >= LEAST_SHARE, repeatedShare: Math.round(share * 1000) / 1000 };
}
