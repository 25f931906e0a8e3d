import type { PacketSize } from '../model/quality.ts';
import type { Point } from './chart.ts';

const STRETCHES_SEC = [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300];
const MOST_STRETCHES = 120;

/** kbps of a film, stretch by stretch. */
export interface Bitrate {
  readonly points: readonly Point[];
  readonly stretchSec: number;
  /** kbps over the whole film; undefined where its packets have no times. */
  readonly kbps: number | undefined;
}

/** Packets in the order in which they are shown, added up over stretches of equal length. */
export function bitrateCurve(packets: readonly PacketSize[], lengthSec: number): Bitrate {
  const stretchSec = STRETCHES_SEC.find((one) => lengthSec / one <= MOST_STRETCHES) ?? lengthSec / MOST_STRETCHES;
  if (packets.length === 0 || !(lengthSec > 0)) return { points: [], stretchSec, kbps: undefined };
  const count = Math.max(1, Math.ceil(lengthSec / stretchSec - 1e-6));
  const bytes = new Array<number>(count).fill(0);
  let total = 0;
  for (const packet of packets) {
    const at = Math.min(count - 1, Math.floor(packet.sec / stretchSec + 1e-6));
    bytes[at] = (bytes[at] ?? 0) + packet.bytes;
    total += packet.bytes;
  }
  const points = bytes.map((sum, n) => {
    const sec = n * stretchSec;
    return { sec, value: (sum * 8) / 1000 / Math.min(stretchSec, lengthSec - sec) };
  });
  return { points, stretchSec, kbps: (total * 8) / 1000 / lengthSec };
}
