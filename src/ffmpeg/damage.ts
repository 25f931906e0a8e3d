import { sourceInput } from './probe.ts';
import { runTool } from './spawn.ts';

const MOST = 5;
/** Complaints closer together than this are about one place. */
const APART_SEC = 1;
/** It only says where: a run that already failed does not wait for ever. */
const PATIENCE_SEC = 120;
const SHOWN = /\bpts_time:(-?[\d.]+)/;

/**
 * Where in a film its decoders complain: seconds from its start, at most five, in order. One thread and no encoder, so that a
 * complaint stands beside the picture that it is about. Never throws: what cannot be told is left out.
 */
export async function damageTimes(
  ffmpeg: string,
  file: string,
  isComplaint: (line: string) => boolean,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const found: number[] = [];
  const enough = new AbortController();
  let shownSec = 0;
  await runTool({
    program: ffmpeg,
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info', '-threads', '1'],
      ...sourceInput(file),
      ...['-map', '0:V:0', '-map', '0:a?', '-filter:v:0', 'showinfo', '-f', 'null', '-'],
    ],
    signal: AbortSignal.any([signal, enough.signal]),
    timeoutSec: PATIENCE_SEC,
    onErrorLine: (line) => {
      const [, pts] = SHOWN.exec(line) ?? [];
      if (pts !== undefined) shownSec = Math.max(shownSec, Number(pts));
      else if (isComplaint(line)) {
        if (shownSec - (found.at(-1) ?? Number.NEGATIVE_INFINITY) >= APART_SEC) found.push(shownSec);
        if (found.length === MOST) enough.abort();
      }
    },
  });
  return found;
}
