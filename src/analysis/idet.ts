import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { LookAt } from './look.ts';

const SAMPLE_SEC = 2;

/** What idet says of three samples of a film, or of all of a short one. */
export async function idetSamples(media: MediaInfo, stream: VideoStream, look: LookAt): Promise<readonly string[]> {
  const lengthSec = media.durationSec ?? 0;
  const starts = lengthSec > 4 * SAMPLE_SEC ? [0.15, 0.5, 0.85].map((part) => part * lengthSec) : [0];
  const said: string[] = [];
  for (const startSec of starts) {
    const seek = startSec > 0 ? ['-ss', startSec.toFixed(3)] : [];
    said.push(
      await look([
        ...['-protocol_whitelist', 'file', ...seek, '-t', String(SAMPLE_SEC), '-i', `file:${media.path}`],
        ...['-map', `0:${stream.index}`, '-vf', 'idet', '-f', 'null', '-'],
      ]),
    );
  }
  return said;
}
