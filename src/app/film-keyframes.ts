import { keyframeTimes } from '../ffmpeg/measure.ts';
import { openFile } from '../files/package-folder.ts';
import { boxAt } from '../packaging/boxes.ts';
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

async function byTables(path: string): Promise<readonly number[] | undefined> {
  try {
    const moov = await readMoov(path);
    return moov && keyframesByTables(moov);
  } catch {
    // What is wrong with it is told by those who read all of it.
    return undefined;
  }
}

/** When keyframes of a film are shown, seconds in order: by the tables of an MP4 or MOV, else by ffprobe, which reads the whole file. */
export async function keyframesOf(ffprobe: string, path: string, signal: AbortSignal): Promise<readonly number[]> {
  return (await byTables(path)) ?? keyframeTimes(ffprobe, path, { signal });
}
