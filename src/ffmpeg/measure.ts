import { SgError } from '../model/errors.ts';
import { runTool, type ToolRequest, type ToolResult } from './spawn.ts';

/** What the null muxer says about time stamps that no real muxer ever sees. */
const MUXER_NOISE = /non monotonically increasing dts|Application provided invalid/;

export interface DecodeStretch {
  /** Seconds from the start of the file. */
  readonly fromSec?: number;
  readonly durationSec?: number;
}

function stretchInput(file: string, { fromSec, durationSec }: DecodeStretch): readonly string[] {
  const seek = fromSec ? ['-ss', String(fromSec)] : [];
  const length = durationSec === undefined ? [] : ['-t', String(durationSec)];
  return [...seek, ...length, '-i', `file:${file}`];
}

/**
 * Decodes pictures and sound of a file, or of stretches of it in one go, and returns what ffmpeg complains about;
 * empty when all is well. A stretch of a file with open GOPs may complain about pictures before its first keyframe
 * that no player shows.
 */
export async function decodeCheck(
  ffmpeg: string,
  file: string,
  stretches: readonly DecodeStretch[] = [{}],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const inputs = stretches.flatMap((stretch) => stretchInput(file, stretch));
  const rest = ['-fps_mode', 'passthrough', '-f', 'null', '-'];
  const outputs = stretches.flatMap((_, at) => ['-map', `${at}:v?`, '-map', `${at}:a?`, ...rest]);
  const result = await measure({
    program: ffmpeg,
    args: ['-hide_banner', '-nostdin', '-v', 'error', ...inputs, ...outputs],
    signal,
  });
  const complaints = result.stderr.split('\n').filter((line) => line.trim() !== '' && !MUXER_NOISE.test(line));
  if (result.exitCode !== 0 && complaints.length === 0) complaints.push(`ffmpeg exited with ${result.exitCode}`);
  return complaints;
}

/**
 * Number of pictures of the film: `packets` reads the file, `decode` decodes every picture. Undefined when there
 * is no film stream.
 */
export async function countFrames(
  ffprobe: string,
  file: string,
  options: { readonly how?: 'packets' | 'decode'; readonly signal?: AbortSignal } = {},
): Promise<number | undefined> {
  const key = options.how === 'decode' ? 'nb_read_frames' : 'nb_read_packets';
  const count = options.how === 'decode' ? ['-threads', '0', '-count_frames'] : ['-count_packets'];
  const select = ['-select_streams', 'V:0', '-show_entries', `stream=${key}`, '-of', 'default=nk=0:nw=1'];
  const result = await measure({
    program: ffprobe,
    args: ['-v', 'error', ...count, ...select, '-i', `file:${file}`],
    signal: options.signal,
  });
  const found = new RegExp(`^${key}=(\\d+)`, 'm').exec(result.stdout)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Presentation times of the film's keyframes, seconds, ascending. `maxPackets` reads only the start of the file. */
export async function keyframeTimes(
  ffprobe: string,
  file: string,
  options: { readonly maxPackets?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly number[]> {
  const limit = options.maxPackets ? ['-read_intervals', `%+#${options.maxPackets}`] : [];
  const select = ['-select_streams', 'V:0', '-show_entries', 'packet=pts_time,flags', '-of', 'compact=p=0:nk=0'];
  const times: number[] = [];
  await measure({
    program: ffprobe,
    args: ['-v', 'error', ...limit, ...select, '-i', `file:${file}`],
    signal: options.signal,
    onLine: (line) => {
      const [, sec] = /^pts_time=(-?[\d.]+)\|flags=K(?!D)/.exec(line) ?? [];
      if (sec !== undefined) times.push(Number(sec));
    },
  });
  return times.sort((a, b) => a - b);
}

async function measure(request: ToolRequest): Promise<ToolResult> {
  const result = await runTool(request);
  request.signal?.throwIfAborted();
  if (result.outcome === 'not-started') {
    throw new SgError('TOOLCHAIN', `${request.program} cannot be run: ${result.reason}`, {
      hint: 'Try: sg-export doctor',
    });
  }
  return result;
}
