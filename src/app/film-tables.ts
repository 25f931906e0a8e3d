import { keyframeTimes } from '../ffmpeg/measure.ts';
import { openFile } from '../files/package-folder.ts';
import type { FilmSample, FilmTables } from '../model/media.ts';
import { boxAt, boxBelow, boxesIn } from '../packaging/boxes.ts';
import { readFragmentedFile } from '../packaging/fragmented-file.ts';
import { isSync } from '../packaging/mp4-fragment.ts';
import { readInit } from '../packaging/mp4-init.ts';
import { keyframesByTables } from '../packaging/sample-tables.ts';

/** The tables of a day of film have some tens of megabytes. */
const MOST_BYTES = 256 * 1024 * 1024;
const HEADER_BYTES = 16;

/** All of an MP4's `moov`; undefined where there is none, or none that is there as a whole. */
async function readMoov(path: string): Promise<Buffer | undefined> {
  const file = await openFile(path);
  try {
    for (let at = 0; at < file.bytes; ) {
      const box = boxAt(await file.read(at, HEADER_BYTES), 0, file.bytes - at);
      if (!box || box.end <= 0) return undefined;
      if (box.type !== 'moov') at += box.end;
      else return box.end <= Math.min(MOST_BYTES, file.bytes - at) ? await file.read(at, box.end) : undefined;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** Of a file of one track, without an edit list: others are left to a demuxer. */
async function inFragments(path: string): Promise<FilmTables | undefined> {
  const file = await openFile(path);
  try {
    const { moov, timescale, startTicks, samples: found } = await readFragmentedFile(file);
    const [track, ...others] = readInit(moov);
    const [box] = boxesIn(moov);
    if (track?.kind !== 'video' || others.length > 0 || !box || boxBelow(moov, box, 'trak', 'edts')) return undefined;
    let ticks = startTicks;
    const samples = found.map((sample): FilmSample => {
      const decodeTicks = ticks;
      ticks += sample.duration;
      return {
        ptsSec: (decodeTicks + sample.shift) / timescale,
        dtsSec: decodeTicks / timescale,
        durationSec: sample.duration / timescale,
        key: isSync(sample),
      };
    });
    const keys = samples.filter(({ key }) => key).map(({ ptsSec }) => ptsSec);
    return { keyframeSec: keys.sort((a, b) => a - b), samples };
  } finally {
    await file.close();
  }
}

/** What the tables of an MP4 or MOV tell of its film; undefined where there are none that do. Never throws. */
export async function readFilmTables(path: string): Promise<FilmTables | undefined> {
  try {
    const moov = await readMoov(path);
    if (!moov) return undefined;
    const keyframeSec = keyframesByTables(moov);
    return keyframeSec ? { keyframeSec, samples: undefined } : await inFragments(path);
  } catch {
    // What is wrong with it is told by those who read all of it.
    return undefined;
  }
}

/** When keyframes of a film are shown, seconds in order: by the tables of an MP4 or MOV, else by ffprobe, which reads the whole file. */
export async function keyframesOf(ffprobe: string, path: string, signal: AbortSignal): Promise<readonly number[]> {
  return (await readFilmTables(path))?.keyframeSec ?? keyframeTimes(ffprobe, path, { signal });
}
