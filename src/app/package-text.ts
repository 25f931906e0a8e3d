import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writerBelow } from '../files/package-folder.ts';
import type { Segment, SubtitleTrack } from '../packaging/package.ts';
import { type Cue, cuesBetween, cuesOfPart, readCues, webvttText } from '../packaging/webvtt.ts';
import type { TextTrack } from '../plan/stream-tracks.ts';
import { TS_ZERO_TICKS } from './package-tracks.ts';
import type { PlannedPackage } from './planned-package.ts';

const MS = 1000;

/** Writes the segments of a text, as many and as long as the picture's, and what lists them. */
async function writeSegments(planned: PlannedPackage, folder: string, id: string, cues: readonly Cue[], count: number) {
  const write = writerBelow(folder);
  const lengthMs = planned.resolved.timeline.durationSec * MS;
  const { cut, ladder } = planned;
  const segments: Segment[] = [];
  for (let n = 0; n < count; n++) {
    const fromMs = Math.round(n * cut.segmentSec * MS);
    const toMs = Math.round(n === count - 1 ? lengthMs : (n + 1) * cut.segmentSec * MS);
    const text = webvttText(cuesBetween(cues, fromMs, toMs), ladder.format === 'ts' ? TS_ZERO_TICKS : 0);
    const path = `${id}/${String(n + 1).padStart(5, '0')}.vtt`;
    const bytes = await write(path, [Buffer.from(text)]);
    segments.push({ path, startTicks: fromMs, durationTicks: toMs - fromMs, bytes, startsWithKeyframe: true });
  }
  return segments;
}

/** Makes the track of a text that was written out in the scratch folder, in `count` segments. Undefined where nothing is said in this part. */
export async function makeText(
  planned: PlannedPackage,
  folder: string,
  text: TextTrack,
  count: number,
): Promise<SubtitleTrack | undefined> {
  const { id, language, name, isDefault, role } = text;
  const { seekSec, originSec, durationSec } = planned.resolved.timeline;
  const all = readCues(await readFile(join(planned.scratch, `${id}.vtt`), 'utf8'));
  const cues = cuesOfPart(all, (seekSec + originSec) * MS, durationSec * MS);
  if (cues.length === 0) return undefined;
  const { kind } = planned.ladder;
  const whole = kind === 'hls' ? undefined : `${id}.vtt`;
  if (whole) await writerBelow(folder)(whole, [Buffer.from(webvttText(cues))]);
  const segments = kind === 'dash' ? [] : await writeSegments(planned, folder, id, cues, count);
  return {
    ...{ id, playlist: `${id}/playlist.m3u8`, timescale: MS, init: undefined, segments },
    ...{ language, name, isDefault, role, whole },
  };
}
