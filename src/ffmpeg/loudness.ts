import { sourceInput } from './probe.ts';
import { runTool } from './spawn.ts';

/** EBU R128's absolute gate: below it there is nothing to measure, and ffmpeg prints just this. */
const SILENCE_LUFS = -70;

/** Integrated loudness in the summary that `ebur128` prints last, LUFS; undefined for silence or no summary. */
export function parseLoudness(text: string): number | undefined {
  const found = [...text.matchAll(/\bI:\s+(-?[\d.]+) LUFS/g)].at(-1)?.[1];
  const lufs = found === undefined ? Number.NaN : Number(found);
  return lufs > SILENCE_LUFS ? lufs : undefined;
}

/** Integrated loudness of one audio track (EBU R128), LUFS: decodes all of it. Throws the signal's reason on abort. */
export async function measureLoudness(
  ffmpeg: string,
  file: string,
  index: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const result = await runTool({
    program: ffmpeg,
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info', '-vn', '-sn', '-dn', ...sourceInput(file)],
      ...['-map', `0:${index}`, '-af', 'ebur128=framelog=verbose', '-f', 'null', '-'],
    ],
    signal,
  });
  signal?.throwIfAborted();
  return result.exitCode === 0 ? parseLoudness(result.stderr) : undefined;
}
