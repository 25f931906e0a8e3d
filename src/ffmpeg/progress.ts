import type { FfmpegProgress } from '../model/process.ts';

/** Later than any film, in microseconds: what ffmpeg prints for "no time yet" lies far beyond. */
const ABSURD_US = 1e14;

function figure(text: string | undefined): number | null {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : null;
}

/** Averages that are not known yet: ffmpeg counts no frame rate in its first second, and says 0. */
function average(text: string | undefined): number | null {
  const value = figure(text);
  return value === 0 ? null : value;
}

/** `out_time_ms` is microseconds too, and missing in some versions: only `out_time_us` is read. */
function outTimeSec(text: string | undefined): number | null {
  const us = figure(text);
  if (us === null || Math.abs(us) > ABSURD_US) return null;
  // Before the first picture it may be a few milliseconds below zero.
  return Math.max(0, us / 1e6);
}

/** Reads `-progress` lines; calls back with each whole block. `progress=end` proves nothing, so it is not told. */
export function progressReader(onProgress: (progress: FfmpegProgress) => void): (line: string) => void {
  let block = new Map<string, string>();
  return (line) => {
    const equals = line.indexOf('=');
    if (equals < 1) return;
    const key = line.slice(0, equals).trim();
    const value = line.slice(equals + 1).trim();
    if (key !== 'progress') {
      // A block has some 15 keys, and one more per output stream: anything longer is not ffmpeg's.
      if (block.size < 500) block.set(key, value);
      return;
    }
    onProgress({
      outTimeSec: outTimeSec(block.get('out_time_us')),
      frame: figure(block.get('frame')),
      fps: average(block.get('fps')),
      speed: average(block.get('speed')),
      totalBytes: figure(block.get('total_size')),
    });
    block = new Map();
  };
}
