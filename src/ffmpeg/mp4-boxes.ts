import { type FileHandle, open } from 'node:fs/promises';

/** One entry of an edit list, in the file's own units. */
export interface Mp4Edit {
  /** Movie ticks. */
  readonly duration: number;
  /** Track ticks; -1 is a gap. */
  readonly mediaTime: number;
  readonly rate: number;
}

export interface Mp4Track {
  /** `vide`, `soun`, `text`, `tmcd`, … */
  readonly handler: string;
  /** Ticks a second. */
  readonly timescale: number;
  readonly edits: readonly Mp4Edit[];
  /** True where the edit list does more than play all from the start. */
  readonly editsMatter: boolean;
  /** Name of the first sample entry, such as `avc1` or `hvc1`. */
  readonly sampleEntry: string | undefined;
  readonly colr: Mp4Colour | undefined;
}

export interface Mp4Colour {
  /** `nclx`, `nclc` (QuickTime), `prof` or `rICC`. */
  readonly type: string;
  /** Code points of ISO/IEC 23091-2; undefined for a profile. */
  readonly primaries?: number;
  readonly transfer?: number;
  readonly matrix?: number;
  readonly fullRange?: boolean;
}

export interface Mp4Structure {
  readonly majorBrand: string | undefined;
  readonly compatibleBrands: readonly string[];
  /** Top-level boxes in order; a fragmented file's repeats are left out. */
  readonly boxes: readonly string[];
  /** Playback can start before the whole file is there. */
  readonly moovBeforeMdat: boolean;
  readonly fragmented: boolean;
  /** Ticks a second of edit durations. */
  readonly movieTimescale: number;
  readonly tracks: readonly Mp4Track[];
  /** Bytes that the last box promises beyond the end of the file: it was cut off. */
  readonly missingBytes: number;
}

interface Box {
  readonly type: string;
  /** First byte after the header. */
  readonly start: number;
  readonly end: number;
}

/** Boxes that hold boxes, on the way to what is read; the big sample tables beside them are never read. */
const CONTAINERS = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex'];
/** A broken file may promise any size. */
const MAX_PAYLOAD = 64 * 1024;
const MAX_BOXES = 20_000;
/** Bytes of a visual sample entry before its own boxes (ISO/IEC 14496-12). */
const VISUAL_ENTRY_BYTES = 78;

/**
 * The structure of an MP4 or MOV file, read from box headers and the small boxes of `moov`; `mdat` is never
 * read. Undefined when the file has no `moov` or is no such file. Throws the system's error when unreadable.
 */
export async function mp4Structure(file: string): Promise<Mp4Structure | undefined> {
  const handle = await open(file, 'r');
  try {
    const info = await handle.stat();
    return info.isFile() ? await new Mp4Reader(handle, info.size).read() : undefined;
  } finally {
    await handle.close();
  }
}

class Mp4Reader {
  readonly #handle: FileHandle;
  readonly #size: number;
  #budget = MAX_BOXES;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  async read(): Promise<Mp4Structure | undefined> {
    const top = await this.#children({ type: '', start: 0, end: this.#size });
    const moov = top.find((box) => box.type === 'moov');
    if (!moov) return undefined;
    const inMoov = await this.#children(moov);
    const ftyp = await this.#payload(top.find((box) => box.type === 'ftyp'));
    const mvhd = await this.#payload(inMoov.find((box) => box.type === 'mvhd'));
    const tracks: Mp4Track[] = [];
    for (const trak of inMoov.filter((box) => box.type === 'trak')) tracks.push(await this.#track(trak));
    const order = top.map((box) => box.type);
    return {
      majorBrand: ftyp && ftyp.length >= 4 ? fourcc(ftyp, 0) : undefined,
      compatibleBrands: brandsOf(ftyp),
      boxes: [...new Set(order)],
      moovBeforeMdat: !order.includes('mdat') || order.indexOf('moov') < order.indexOf('mdat'),
      // A recording that was made in fragments and then finished may keep its `mvex`.
      fragmented: order.includes('moof') || (!order.includes('mdat') && inMoov.some((box) => box.type === 'mvex')),
      movieTimescale: mvhd ? timescaleOf(mvhd) : 0,
      tracks,
      missingBytes: Math.max(0, (top.at(-1)?.end ?? 0) - this.#size),
    };
  }

  async #track(trak: Box): Promise<Mp4Track> {
    const boxes = await this.#descend(trak);
    const payload = (type: string) => this.#payload(boxes.find((box) => box.type === type));
    const hdlr = await payload('hdlr');
    const mdhd = await payload('mdhd');
    const edits = editsOf(await payload('elst'));
    const stsd = boxes.find((box) => box.type === 'stsd');
    const entry = stsd ? (await this.#children({ ...stsd, start: stsd.start + 8 }))[0] : undefined;
    const handler = hdlr && hdlr.length >= 12 ? fourcc(hdlr, 8) : '';
    return {
      handler,
      timescale: mdhd ? timescaleOf(mdhd) : 0,
      edits,
      editsMatter: edits.some((edit) => edit.mediaTime !== 0 || edit.rate !== 1) || edits.length > 1,
      sampleEntry: entry?.type,
      colr: entry && handler === 'vide' ? await this.#colour(entry) : undefined,
    };
  }

  async #colour(entry: Box): Promise<Mp4Colour | undefined> {
    const inEntry = await this.#children({ ...entry, start: entry.start + VISUAL_ENTRY_BYTES });
    const colr = await this.#payload(inEntry.find((box) => box.type === 'colr'));
    if (!colr || colr.length < 4) return undefined;
    const type = fourcc(colr, 0);
    if (colr.length < 10 || !['nclx', 'nclc'].includes(type)) return { type };
    const codes = { primaries: colr.readUInt16BE(4), transfer: colr.readUInt16BE(6), matrix: colr.readUInt16BE(8) };
    return type === 'nclx' ? { type, ...codes, fullRange: ((colr[10] ?? 0) & 0x80) !== 0 } : { type, ...codes };
  }

  /** All boxes below one, through containers only. */
  async #descend(parent: Box): Promise<readonly Box[]> {
    const found: Box[] = [];
    for (const box of await this.#children(parent)) {
      found.push(box);
      if (CONTAINERS.includes(box.type)) found.push(...(await this.#descend(box)));
    }
    return found;
  }

  async #children(parent: Box): Promise<readonly Box[]> {
    const found: Box[] = [];
    const end = Math.min(parent.end, this.#size);
    for (let at = parent.start; at + 8 <= end && this.#budget > 0; this.#budget--) {
      const box = await this.#header(at, end);
      if (!box) break;
      found.push(box);
      // The rest of a fragmented file is more of the same.
      if (box.type === 'moof' && found.some((other) => other.type === 'moov')) break;
      at = box.end;
    }
    return found;
  }

  async #header(at: number, end: number): Promise<Box | undefined> {
    const head = await this.#bytes(at, Math.min(16, end - at));
    if (head.length < 8) return undefined;
    const size = head.readUInt32BE(0);
    const type = fourcc(head, 4);
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return undefined;
    if (size === 0) return { type, start: at + 8, end };
    if (size === 1 && head.length === 16) {
      const large = Number(head.readBigUInt64BE(8));
      return large >= 16 ? { type, start: at + 16, end: at + large } : undefined;
    }
    return size >= 8 ? { type, start: at + 8, end: at + size } : undefined;
  }

  async #payload(box: Box | undefined): Promise<Buffer | undefined> {
    return box && this.#bytes(box.start, Math.min(box.end - box.start, MAX_PAYLOAD));
  }

  async #bytes(at: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  }
}

function fourcc(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}

function brandsOf(ftyp: Buffer | undefined): readonly string[] {
  const brands: string[] = [];
  for (let at = 8; ftyp && at + 4 <= ftyp.length; at += 4) brands.push(fourcc(ftyp, at));
  return brands;
}

/** `mvhd` and `mdhd` keep it behind two dates, which version 1 makes twice as long. */
function timescaleOf(header: Buffer): number {
  const at = header[0] === 1 ? 20 : 12;
  return header.length >= at + 4 ? header.readUInt32BE(at) : 0;
}

function editsOf(elst: Buffer | undefined): readonly Mp4Edit[] {
  if (!elst || elst.length < 8) return [];
  const long = elst[0] === 1;
  const bytes = long ? 20 : 12;
  const count = Math.min(elst.readUInt32BE(4), Math.floor((elst.length - 8) / bytes));
  return Array.from({ length: count }, (_, i) => {
    const at = 8 + i * bytes;
    const duration = long ? Number(elst.readBigUInt64BE(at)) : elst.readUInt32BE(at);
    const mediaTime = long ? Number(elst.readBigInt64BE(at + 8)) : elst.readInt32BE(at + 4);
    return { duration, mediaTime, rate: elst.readInt32BE(at + bytes - 4) / 65536 };
  });
}
