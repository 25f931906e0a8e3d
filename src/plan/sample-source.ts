import type { PacketSize } from '../model/quality.ts';
import type { Timeline } from './resolved.ts';
import { type Part, READ_ON_SEC } from './samples.ts';

/** What the source tells of samples beyond themselves. */
export interface SampledSource {
  /** Its own bytes of picture: in all that is delivered, and in each part. */
  readonly total: number;
  readonly inParts: readonly number[];
  /** Pictures that are decoded for the parts and not for the film. */
  readonly inVain: number;
}

/** What the source has in the parts of a film, whose zero lies where the timeline says. */
export function sourceOfParts(
  packets: readonly PacketSize[],
  parts: readonly Part[],
  { startSec, holdSec, durationSec }: Timeline,
): SampledSource {
  const zeroSec = startSec - holdSec;
  const within = (fromSec: number, toSec: number) => packets.filter(({ sec }) => sec >= fromSec && sec < toSec);
  const bytesIn = (fromSec: number, lengthSec: number): number =>
    within(zeroSec + fromSec, zeroSec + fromSec + lengthSec).reduce((sum, { bytes }) => sum + bytes, 0);
  const keySecs = packets.flatMap(({ sec, key }) => (key ? [sec] : []));
  const inVain = parts.reduce((sum, part) => {
    const [fromSec, toSec] = [zeroSec + part.fromSec, zeroSec + part.fromSec + part.durationSec];
    const keySec = keySecs.findLast((sec) => sec <= fromSec) ?? fromSec;
    return sum + within(keySec, fromSec).length + within(toSec, toSec + READ_ON_SEC).length;
  }, 0);
  return {
    total: bytesIn(0, durationSec),
    inParts: parts.map((part) => bytesIn(part.fromSec, part.durationSec)),
    inVain,
  };
}
