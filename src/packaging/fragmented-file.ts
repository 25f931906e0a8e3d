/** Reads parts of a file; short where it ends. */
export interface RandomAccess {
  readonly bytes: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/** A sample of one track, where it lies in the file. Times in ticks of the track. */
export interface Sample {
  readonly offset: number;
  readonly bytes: number;
  readonly duration: number;
  /** Shown so much later than it is decoded; may be negative. */
  readonly shift: number;
  readonly flags: number;
}

/** A fragmented MP4 of one track, as ffmpeg writes it. */
export interface FragmentedFile {
  /** All of `moov`. */
  readonly moov: Buffer;
  readonly timescale: number;
  readonly trackId: number;
  /** In the order of decoding, without gaps. */
  readonly samples: readonly Sample[];
  /** When the first sample is decoded, ticks. */
  readonly startTicks: number;
}

/** One box: where its header and its contents begin, and where it ends. */
interface Box {
  readonly type: string;
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** The boxes in a part of a buffer. Throws where one does not fit. */
export function boxesIn(bytes: Buffer, from = 0, to = bytes.length): readonly Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const size = bytes.readUInt32BE(at);
    const end = at + (size === 0 ? to - at : size);
    if (size === 1 || (size !== 0 && size < 8) || end > to)
      throw new Error('a box does not fit into the one around it');
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), at, start: at + 8, end });
    at = end;
  }
  return found;
}

/** The first box on a path of types, `moov/trak/mdia`, within a buffer. */
function boxAt(bytes: Buffer, path: string, within?: Box): Box | undefined {
  let box = within;
  for (const type of path.split('/')) {
    box = boxesIn(bytes, box?.start ?? 0, box?.end ?? bytes.length).find((one) => one.type === type);
    if (!box) return undefined;
  }
  return box;
}

function required(bytes: Buffer, path: string, within?: Box): Box {
  const box = boxAt(bytes, path, within);
  if (!box) throw new Error(`there is no ${path}`);
  return box;
}

/** What a fragment leaves to the header to say. */
interface Defaults {
  readonly duration: number;
  readonly bytes: number;
  readonly flags: number;
}

const SYNC_BIT = 0x10000;
/** Players may begin here. */
export const isSync = ({ flags }: Sample): boolean => (flags & SYNC_BIT) === 0;

/** Whether its fields are there is told by bits of a box's flags, in this order. */
function fields(bytes: Buffer, at: number, flags: number, bits: readonly number[]) {
  let place = at;
  const values = bits.map((bit) => {
    if ((flags & bit) === 0) return undefined;
    place += 4;
    return bytes.readUInt32BE(place - 4);
  });
  return { values, end: place };
}

function readHeader(moov: Buffer) {
  const mdhd = required(moov, 'moov/trak/mdia/mdhd');
  const tkhd = required(moov, 'moov/trak/tkhd');
  const trex = required(moov, 'moov/mvex/trex');
  const isLong = (box: Box) => moov[box.start] === 1;
  return {
    timescale: moov.readUInt32BE(mdhd.start + (isLong(mdhd) ? 20 : 12)),
    trackId: moov.readUInt32BE(tkhd.start + (isLong(tkhd) ? 20 : 12)),
    defaults: {
      duration: moov.readUInt32BE(trex.start + 12),
      bytes: moov.readUInt32BE(trex.start + 16),
      flags: moov.readUInt32BE(trex.start + 20),
    },
  };
}

/** The samples of one `trun`; `base` is where the fragment's offsets count from. */
function readRun(moof: Buffer, trun: Box, base: number, defaults: Defaults): readonly Sample[] {
  const flags = moof.readUInt32BE(trun.start) & 0xffffff;
  const count = moof.readUInt32BE(trun.start + 4);
  const head = fields(moof, trun.start + 8, flags, [0x1, 0x4]);
  const [offset = 0, firstFlags] = head.values;
  const samples: Sample[] = [];
  let place = base + (offset | 0);
  let at = head.end;
  for (let n = 0; n < count; n++) {
    const row = fields(moof, at, flags, [0x100, 0x200, 0x400, 0x800]);
    const [duration, bytes, own, shift = 0] = row.values;
    const sample = {
      offset: place,
      bytes: bytes ?? defaults.bytes,
      duration: duration ?? defaults.duration,
      shift: shift | 0,
      flags: own ?? (n === 0 ? (firstFlags ?? defaults.flags) : defaults.flags),
    };
    samples.push(sample);
    place += sample.bytes;
    at = row.end;
  }
  return samples;
}

/** The samples of a `moof` that begins at `at` in its file, and when the first of them is decoded. */
function readFragment(moof: Buffer, at: number, header: Defaults): { startTicks: number; samples: readonly Sample[] } {
  const traf = required(moof, 'moof/traf');
  const tfhd = required(moof, 'tfhd', traf);
  const flags = moof.readUInt32BE(tfhd.start) & 0xffffff;
  const base = (flags & 0x1) !== 0 ? Number(moof.readBigUInt64BE(tfhd.start + 8)) : at;
  const own = fields(moof, tfhd.start + ((flags & 0x1) !== 0 ? 16 : 8), flags, [0x2, 0x8, 0x10, 0x20]).values;
  const defaults = {
    duration: own[1] ?? header.duration,
    bytes: own[2] ?? header.bytes,
    flags: own[3] ?? header.flags,
  };
  const tfdt = required(moof, 'tfdt', traf);
  const startTicks =
    moof[tfdt.start] === 1 ? Number(moof.readBigUInt64BE(tfdt.start + 4)) : moof.readUInt32BE(tfdt.start + 4);
  const runs = boxesIn(moof, traf.start, traf.end).filter(({ type }) => type === 'trun');
  return { startTicks, samples: runs.flatMap((trun) => readRun(moof, trun, base, defaults)) };
}

interface TopBox {
  readonly type: string;
  readonly at: number;
  readonly bytes: number;
}

async function* topBoxes(file: RandomAccess): AsyncGenerator<TopBox> {
  for (let at = 0; at + 8 <= file.bytes; ) {
    const head = await file.read(at, 16);
    const short = head.readUInt32BE(0);
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? file.bytes - at : short;
    if (size < 8 || at + size > file.bytes) throw new Error('the file ends within a box');
    yield { type: head.toString('latin1', 4, 8), at, bytes: size };
    at += size;
  }
}

/** Reads where the samples of a fragmented MP4 lie; what they hold is not read. Throws where it is no such file, or has holes in time. */
export async function readFragmentedFile(file: RandomAccess): Promise<FragmentedFile> {
  let moov: Buffer | undefined;
  let header: ReturnType<typeof readHeader> | undefined;
  const samples: Sample[] = [];
  let startTicks: number | undefined;
  let nextTicks = 0;
  for await (const box of topBoxes(file)) {
    if (box.type === 'moov') {
      moov = await file.read(box.at, box.bytes);
      header = readHeader(moov);
    }
    if (box.type !== 'moof') continue;
    if (!header) throw new Error('a fragment comes before the header');
    const fragment = readFragment(await file.read(box.at, box.bytes), box.at, header.defaults);
    startTicks ??= fragment.startTicks;
    if (samples.length > 0 && fragment.startTicks !== nextTicks) {
      throw new Error(`a fragment begins at tick ${fragment.startTicks}, and the one before it ends at ${nextTicks}`);
    }
    nextTicks = fragment.samples.reduce((ticks, { duration }) => ticks + duration, fragment.startTicks);
    for (const sample of fragment.samples) samples.push(sample);
  }
  if (!moov || !header || startTicks === undefined) throw new Error('it holds no fragments');
  return { moov, timescale: header.timescale, trackId: header.trackId, samples, startTicks };
}
