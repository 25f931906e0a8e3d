import { viewOf } from './boxes.ts';

/** A stream that a program map names. */
export interface Elementary {
  readonly pid: number;
  readonly kind: 'video' | 'audio' | 'other';
  /** What its bytes are; undefined for what we do not read. */
  readonly codec: 'avc' | 'hevc' | 'aac' | 'ac-3' | 'ec-3' | 'mp3' | undefined;
}

/** Stream types of ISO/IEC 13818-1, and of ATSC and Apple for Dolby's. */
const STREAM_TYPES: Readonly<Record<number, Omit<Elementary, 'pid'>>> = {
  3: { kind: 'audio', codec: 'mp3' },
  4: { kind: 'audio', codec: 'mp3' },
  15: { kind: 'audio', codec: 'aac' },
  27: { kind: 'video', codec: 'avc' },
  36: { kind: 'video', codec: 'hevc' },
  129: { kind: 'audio', codec: 'ac-3' },
  135: { kind: 'audio', codec: 'ec-3' },
};

/** A section behind its pointer field; undefined where it is another table or none. */
function section(data: Uint8Array, table: number): Uint8Array | undefined {
  const start = 1 + (data[0] ?? 0);
  if (start + 8 > data.length || data[start] !== table) return undefined;
  const length = viewOf(data).getUint16(start + 1) & 0xfff;
  // Without the checksum at its end.
  return data.subarray(start, Math.min(data.length, start + 3 + length - 4));
}

/** Packet id of the first program's map. */
export function parsePat(data: Uint8Array): number | undefined {
  const pat = section(data, 0);
  for (let at = 8; pat && at + 4 <= pat.length; at += 4) {
    const view = viewOf(pat);
    if (view.getUint16(at) !== 0) return view.getUint16(at + 2) & 0x1fff;
  }
  return undefined;
}

export function parsePmt(data: Uint8Array): readonly Elementary[] {
  const pmt = section(data, 2);
  if (!pmt || pmt.length < 12) return [];
  const view = viewOf(pmt);
  const found: Elementary[] = [];
  for (let at = 12 + (view.getUint16(10) & 0xfff); at + 5 <= pmt.length; ) {
    const row = STREAM_TYPES[view.getUint8(at)] ?? { kind: 'other', codec: undefined };
    found.push({ pid: view.getUint16(at + 1) & 0x1fff, ...row });
    at += 5 + (view.getUint16(at + 3) & 0xfff);
  }
  return found;
}

/** The head of a packetized elementary stream's packet. */
export interface Pes {
  readonly headerBytes: number;
  /** 90 kHz. */
  readonly ptsTicks: number | undefined;
  readonly dtsTicks: number | undefined;
}

export function parsePes(data: Uint8Array): Pes | undefined {
  if (data.length < 9 || data[0] !== 0 || data[1] !== 0 || data[2] !== 1) return undefined;
  const flags = (data[7] ?? 0) >> 6;
  const headerBytes = 9 + (data[8] ?? 0);
  const ptsTicks = flags & 2 && data.length >= 14 ? timestamp(data, 9) : undefined;
  const dtsTicks = flags === 3 && data.length >= 19 ? timestamp(data, 14) : ptsTicks;
  return { headerBytes, ptsTicks, dtsTicks };
}

/** 33 bits in five bytes, with marker bits between them. */
function timestamp(data: Uint8Array, at: number): number {
  const byte = (i: number) => data[at + i] ?? 0;
  const high = (byte(0) >> 1) & 7;
  return high * 2 ** 30 + byte(1) * 2 ** 22 + (byte(2) >> 1) * 2 ** 15 + byte(3) * 2 ** 7 + (byte(4) >> 1);
}
