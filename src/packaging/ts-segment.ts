import { viewOf } from './boxes.ts';
import { describeSound, describeVideo, type TsStream } from './ts-streams.ts';
import { type Elementary, type Pes, parsePat, parsePes, parsePmt } from './ts-tables.ts';

const PACKET = 188;
const SYNC = 0x47;
/** Enough of the first picture to find its parameter sets and first slice. */
const UNIT_HEAD = 64 * 1024;

/** What a segment of an MPEG-2 transport stream holds (ISO/IEC 13818-1). */
export interface TsSegment {
  readonly bytes: number;
  /** Clock: 90000 ticks a second. */
  readonly streams: readonly TsStream[];
  readonly faults: readonly string[];
}

/** One packet id's packets as they come. */
interface Collected {
  readonly elementary: Elementary;
  readonly pes: Pes[];
  /** Head of the first access unit, or all of a sound stream. */
  readonly payload: Uint8Array[];
  payloadBytes: number;
  randomAccess: boolean;
  done: boolean;
}

class TsReader {
  readonly #collected = new Map<number, Collected>();
  #pmtPid: number | undefined;
  readonly #faults: string[] = [];
  #seenPmt = false;
  #mediaBeforeTables = false;

  read(bytes: Uint8Array): TsSegment {
    let lost = 0;
    for (let at = 0; at + PACKET <= bytes.length; at += PACKET) {
      if (bytes[at] === SYNC) this.#packet(bytes.subarray(at, at + PACKET));
      else lost++;
    }
    if (lost > 0) this.#faults.push(`${lost} of its packets are no transport stream packets`);
    const rest = bytes.length % PACKET;
    if (rest > 0) this.#faults.push(`it ends in the middle of a packet (${rest} of ${PACKET} bytes)`);
    if (this.#pmtPid === undefined) this.#faults.push('it has no program table (PAT)');
    else if (!this.#seenPmt) this.#faults.push('it has no program map (PMT)');
    if (this.#mediaBeforeTables) this.#faults.push('its program map (PMT) comes after its first pictures or sound');
    const streams = [...this.#collected.values()].flatMap((one) => this.#finish(one));
    return { bytes: bytes.length, streams, faults: this.#faults };
  }

  #packet(packet: Uint8Array): void {
    const head = viewOf(packet).getUint32(0);
    const starts = (head & 0x400000) !== 0;
    const pid = (head >>> 8) & 0x1fff;
    const adaptation = (head >>> 4) & 3;
    const skipped = adaptation & 2 ? 1 + (packet[4] ?? 0) : 0;
    const data = adaptation & 1 ? packet.subarray(4 + skipped) : new Uint8Array();
    if (pid === 0 && starts) this.#pmtPid = parsePat(data) ?? this.#pmtPid;
    else if (pid === this.#pmtPid && starts) this.#tables(data);
    else if (data.length > 0) this.#media(pid, starts, skipped > 1 && ((packet[5] ?? 0) & 0x40) !== 0, data);
  }

  #tables(data: Uint8Array): void {
    if (this.#seenPmt) return;
    for (const elementary of parsePmt(data)) {
      this.#seenPmt = true;
      this.#collected.set(elementary.pid, {
        elementary,
        pes: [],
        payload: [],
        payloadBytes: 0,
        randomAccess: false,
        done: false,
      });
    }
  }

  #media(pid: number, starts: boolean, randomAccess: boolean, data: Uint8Array): void {
    const stream = this.#collected.get(pid);
    if (!stream) {
      // A stream id of sound or film before the tables that tell what it is.
      if (starts && !this.#seenPmt && parsePes(data)) this.#mediaBeforeTables = true;
      return;
    }
    let body = data;
    if (starts) {
      const pes = parsePes(data);
      if (!pes) return;
      body = data.subarray(pes.headerBytes);
      if (stream.pes.length === 0) stream.randomAccess = randomAccess;
      else if (stream.elementary.kind === 'video') stream.done = true;
      stream.pes.push(pes);
    }
    if (stream.pes.length === 0 || stream.done) return;
    if (stream.elementary.kind === 'video' && stream.payloadBytes > UNIT_HEAD) return;
    stream.payload.push(body);
    stream.payloadBytes += body.length;
  }

  #finish({ elementary, pes, payload, payloadBytes, randomAccess }: Collected): readonly TsStream[] {
    const times = pes.flatMap(({ ptsTicks }) => (ptsTicks === undefined ? [] : [ptsTicks]));
    const [first] = times;
    if (first === undefined || elementary.kind === 'other') return [];
    const joined = new Uint8Array(payloadBytes);
    let at = 0;
    for (const part of payload) {
      joined.set(part, at);
      at += part.length;
    }
    const timing = {
      pid: elementary.pid,
      times: times.map((time) => unwrapped(time, first)),
      decode: pes[0]?.dtsTicks,
    };
    return elementary.kind === 'video'
      ? [describeVideo(elementary, timing, joined, randomAccess)]
      : [describeSound(elementary, timing, joined)];
  }
}

const WRAP = 2 ** 33;

/** Times count in 33 bits: one that is far below the first has begun anew. */
function unwrapped(time: number, first: number): number {
  return time - first < -WRAP / 2 ? time + WRAP : time;
}

export const readTsSegment = (bytes: Uint8Array): TsSegment => new TsReader().read(bytes);

/** Bytes from a segment's start to the end of its first picture: up to where the second one's first packet begins. */
export function firstUnitBytes(bytes: Uint8Array): number {
  const film = readTsSegment(bytes).streams.find(({ kind }) => kind === 'video');
  let pictures = 0;
  for (let at = 0; at + PACKET <= bytes.length; at += PACKET) {
    const head = viewOf(bytes.subarray(at, at + 4)).getUint32(0);
    if (((head >>> 8) & 0x1fff) === film?.id && (head & 0x400000) !== 0 && ++pictures === 2) return at;
  }
  return bytes.length;
}
