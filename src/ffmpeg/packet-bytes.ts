import { sourceInput } from './probe.ts';
import { parsePacket } from './scan.ts';
import { runTool } from './spawn.ts';

/** A stretch of a file on its own time line, seconds. */
export interface Window {
  readonly fromSec: number;
  readonly toSec: number;
}

/**
 * Bytes of one stream's packets within `within`, and of those in each window (in order, apart). Undefined where ffprobe
 * cannot read them; throws the signal's reason on abort.
 */
export async function packetBytes(
  ffprobe: string,
  file: string,
  stream: number,
  within: Window,
  windows: readonly Window[],
  signal: AbortSignal,
): Promise<{ readonly total: number; readonly inWindows: readonly number[] } | undefined> {
  let total = 0;
  const inWindows = windows.map(() => 0);
  const result = await runTool({
    program: ffprobe,
    args: [
      ...['-v', 'error', ...sourceInput(file), '-select_streams', `${stream}`],
      ...['-show_entries', 'packet=codec_type,stream_index,pts_time,dts_time,duration_time,size,flags'],
      ...['-of', 'compact=p=0:nk=0'],
    ],
    signal,
    onLine: (line) => {
      const packet = parsePacket(line);
      const atSec = packet?.ptsSec ?? packet?.dtsSec;
      if (!packet?.bytes || atSec === undefined || atSec < within.fromSec || atSec >= within.toSec) return;
      total += packet.bytes;
      const at = windows.findIndex(({ fromSec, toSec }) => atSec >= fromSec && atSec < toSec);
      if (at >= 0) inWindows[at] = (inWindows[at] ?? 0) + packet.bytes;
    },
  });
  signal.throwIfAborted();
  return result.outcome === 'exited' && total > 0 ? { total, inWindows } : undefined;
}
