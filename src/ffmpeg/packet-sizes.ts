import { SgError } from '../model/errors.ts';
import type { PacketSize } from '../model/quality.ts';
import { sourceInput } from './probe.ts';
import { parsePacket } from './scan.ts';
import { runTool } from './spawn.ts';

const FIELDS = 'packet=codec_type,stream_index,pts_time,size,flags';

/**
 * The size of each packet of one stream, in the order in which they are shown. What an edit list discards is left out, and
 * so are packets without a time, of which bare streams have no others. Throws SgError INPUT when ffprobe fails, and the
 * signal's reason on abort.
 */
export async function readPacketSizes(
  ffprobe: string,
  file: string,
  stream: string,
  signal?: AbortSignal,
): Promise<readonly PacketSize[]> {
  const sizes: PacketSize[] = [];
  const select = ['-select_streams', stream, '-show_entries', FIELDS, '-of', 'compact=p=0:nk=0'];
  const result = await runTool({
    program: ffprobe,
    args: ['-v', 'error', ...sourceInput(file), ...select],
    signal,
    onLine: (line) => {
      const packet = parsePacket(line);
      if (packet?.ptsSec === undefined || packet.discard) return;
      sizes.push({ sec: packet.ptsSec, bytes: packet.bytes ?? 0, key: packet.key });
    },
  });
  signal?.throwIfAborted();
  if (result.outcome !== 'exited') throw new SgError('INPUT', `cannot read the packets of ${file}`);
  const firstSec = sizes.reduce((first, { sec }) => Math.min(first, sec), Number.POSITIVE_INFINITY);
  return sizes.map((size) => ({ ...size, sec: size.sec - firstSec })).sort((a, b) => a.sec - b.sec);
}
