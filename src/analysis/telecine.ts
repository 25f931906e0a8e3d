import type { TelecineFinding } from '../model/analyses.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { LookAt } from './look.ts';

const SAMPLE_SEC = 2;
/** In telecined film two pictures of five repeat a field; elsewhere next to none do. */
const LEAST_SHARE = 0.25;

/** Looks for the repeated fields of 2:3 pulldown in three samples. Still pictures repeat every field: they are let pass. */
export async function findTelecine(media: MediaInfo, stream: VideoStream, look: LookAt): Promise<TelecineFinding> {
  const lengthSec = media.durationSec ?? 0;
  const starts = lengthSec > 4 * SAMPLE_SEC ? [0.15, 0.5, 0.85].map((part) => part * lengthSec) : [0];
  let [repeated, all] = [0, 0];
  for (const startSec of starts) {
    const text = await look([
      ...[
        '-protocol_whitelist',
        'file',
        ...(startSec > 0 ? ['-ss', startSec.toFixed(3)] : []),
        '-t',
        String(SAMPLE_SEC),
      ],
      ...['-i', `file:${media.path}`, '-map', `0:${stream.index}`, '-vf', 'idet', '-f', 'null', '-'],
    ]);
    const found = /Repeated Fields:\s*Neither:\s*(\d+)\s*Top:\s*(\d+)\s*Bottom:\s*(\d+)/.exec(text);
    const [neither = 0, top = 0, bottom = 0] = found?.slice(1).map(Number) ?? [];
    repeated += top + bottom;
    all += neither + top + bottom;
  }
  const share = all > 0 ? repeated / all : 0;
  return { telecined: all === 0 || share >= LEAST_SHARE, repeatedShare: Math.round(share * 1000) / 1000 };
}
