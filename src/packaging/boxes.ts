/** A box of ISO/IEC 14496-12 within some bytes. */
export interface Box {
  readonly type: string;
  /** First byte of its header. */
  readonly at: number;
  /** First byte of its payload. */
  readonly start: number;
  /** Byte after its last; beyond the bytes at hand where it is cut off. */
  readonly end: number;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function fourcc(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/**
 * The header of a box.
 *
 * @param atLeast bytes from `at` to the end of what holds the box: what a size of 0 means.
 * @returns undefined where there is no whole header, or no box
 */
export function boxAt(bytes: Uint8Array, at: number, atLeast: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined;
  const view = viewOf(bytes);
  const size = view.getUint32(at);
  const type = fourcc(bytes, at + 4);
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return undefined;
  if (size === 0) return { type, at, start: at + 8, end: at + atLeast };
  if (size !== 1) return size >= 8 ? { type, at, start: at + 8, end: at + size } : undefined;
  if (at + 16 > bytes.length) return undefined;
  const large = Number(view.getBigUint64(at + 8));
  return large >= 16 ? { type, at, start: at + 16, end: at + large } : undefined;
}

/** The boxes between two offsets, in order, up to the first that is none or is cut off. */
export function boxesIn(bytes: Uint8Array, start = 0, end = bytes.length): readonly Box[] {
  const found: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const box = boxAt(bytes, at, end - at);
    if (!box || box.end > end) break;
    found.push(box);
    at = box.end;
  }
  return found;
}

/** The first box at the end of a path of types below a box. */
export function boxBelow(bytes: Uint8Array, parent: Box, ...path: readonly string[]): Box | undefined {
  let box: Box | undefined = parent;
  for (const type of path) box = box && boxesIn(bytes, box.start, box.end).find((one) => one.type === type);
  return box;
}

export const payload = (bytes: Uint8Array, box: Box): Uint8Array => bytes.subarray(box.start, box.end);

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Reads whole bits from the highest on; beyond the end they are zero. */
export class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  skip(count: number): this {
    this.#at += count;
    return this;
  }
}
