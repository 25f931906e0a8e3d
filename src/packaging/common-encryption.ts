import { boxesIn } from './boxes.ts';
import { box, fullBox, words } from './write-fragments.ts';

/** How the samples of a track are made unreadable: AES-CTR of ISO/IEC 23001-7, scheme `cenc`. */
export interface Protection {
  /** 16 bytes, in the clear in every header. */
  readonly kid: Buffer;
  /** Of the first sample; each later one has the next. Never twice with one key: 8 random bytes. */
  readonly firstIv: bigint;
  /** The key's stream from a block counter of 16 bytes on: what it returns is as long as what it is given. */
  readonly cipher: (counter: Buffer) => (bytes: Buffer) => Buffer;
  /** Whether a sample is made of NAL units, and of which codec: their heads stay readable. */
  readonly units: 'avc' | 'hevc' | undefined;
}

/** A stretch of a sample: so many bytes as they are, then so many encrypted. */
interface Subsample {
  readonly clear: number;
  readonly hidden: number;
}

/** What of a slice stays readable: its length, its type and its header, which decoders of protected pictures parse themselves. */
const CLEAR_HEAD = 4 + 64;
const BLOCK = 16;
const MOST_CLEAR = 0xffff;
/** A sample's row in `saiz` is one byte long: IV, count, and six bytes for each stretch. */
const MOST_STRETCHES = 40;

const isSlice = (units: 'avc' | 'hevc', head: number): boolean =>
  units === 'avc' ? (head & 0x1f) >= 1 && (head & 0x1f) <= 5 : head >> 1 < 32;

/** Which parts of a sample of NAL units are encrypted: whole blocks of slices, behind their heads. */
export function subsamplesOf(sample: Buffer, units: 'avc' | 'hevc'): readonly Subsample[] {
  const found: Subsample[] = [];
  let clear = 0;
  for (let at = 0; at + 5 <= sample.length; ) {
    const bytes = 4 + sample.readUInt32BE(at);
    const hidden = Math.floor(Math.max(0, bytes - CLEAR_HEAD) / BLOCK) * BLOCK;
    const hides = hidden > 0 && isSlice(units, sample[at + 4] ?? 0) && found.length < MOST_STRETCHES - 2;
    clear += hides ? bytes - hidden : bytes;
    if (hides) {
      found.push({ clear, hidden });
      clear = 0;
    }
    at += bytes;
  }
  const stretches = clear > 0 ? [...found, { clear, hidden: 0 }] : found;
  // A count of clear bytes is two bytes long.
  return stretches.flatMap(({ clear: all, hidden }) => {
    const full = Math.floor(all / MOST_CLEAR);
    const rest = { clear: all - full * MOST_CLEAR, hidden };
    return [...Array.from({ length: full }, () => ({ clear: MOST_CLEAR, hidden: 0 })), rest];
  });
}

/** One sample, encrypted, with its row in `senc`. */
interface HiddenSample {
  readonly bytes: Buffer;
  readonly row: Buffer;
}

/** Encrypts the sample that is the n-th of its track. */
export function hideSample(sample: Buffer, n: number, { firstIv, cipher, units }: Protection): HiddenSample {
  const iv = Buffer.alloc(8);
  iv.writeBigUInt64BE(BigInt.asUintN(64, firstIv + BigInt(n)));
  const next = cipher(Buffer.concat([iv, Buffer.alloc(8)]));
  if (!units) return { bytes: next(sample), row: iv };
  const stretches = subsamplesOf(sample, units);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { clear, hidden } of stretches) {
    parts.push(sample.subarray(at, at + clear));
    if (hidden > 0) parts.push(next(sample.subarray(at + clear, at + clear + hidden)));
    at += clear + hidden;
  }
  const row = Buffer.alloc(2 + 6 * stretches.length);
  row.writeUInt16BE(stretches.length, 0);
  for (const [k, { clear, hidden }] of stretches.entries()) {
    row.writeUInt16BE(clear, 2 + 6 * k);
    row.writeUInt32BE(hidden, 4 + 6 * k);
  }
  return { bytes: Buffer.concat(parts), row: Buffer.concat([iv, row]) };
}

const MOOF_HEAD = 8;

/** The boxes of a `traf` that say how its samples are encrypted; `before` is what stands in front of them in the `moof`. */
export function protectionBoxes(rows: readonly Buffer[], before: number, { units }: Protection): readonly Buffer[] {
  const same = rows.every((row) => row.length === rows[0]?.length);
  const sizes = same ? Buffer.alloc(0) : Buffer.from(rows.map((row) => row.length));
  const saiz = fullBox('saiz', 0, 0, Buffer.from([same ? (rows[0]?.length ?? 0) : 0]), words(rows.length), sizes);
  const saioBytes = 20;
  // Of `senc` the head, its flags and its count come before the first row.
  const offset = MOOF_HEAD + before + saiz.length + saioBytes + 16;
  const saio = fullBox('saio', 0, 0, words(1, offset));
  return [saiz, saio, fullBox('senc', 0, units ? 0x2 : 0, words(rows.length), ...rows)];
}

/** W3C's common system: players learn from it which key they need. */
const COMMON_SYSTEM = Buffer.from('1077efecc0b24d02ace33c1e52e2fb4b', 'hex');
const SOUND_ENTRIES: readonly string[] = ['mp4a'];

function hiddenEntry(
  bytes: Buffer,
  entry: { readonly type: string; readonly start: number; readonly end: number },
  kid: Buffer,
) {
  const schm = fullBox('schm', 0, 0, Buffer.from('cenc', 'latin1'), words(0x10000));
  const tenc = fullBox('tenc', 0, 0, Buffer.from([0, 0, 1, 8]), kid);
  const sinf = box('sinf', box('frma', Buffer.from(entry.type, 'latin1')), schm, box('schi', tenc));
  return box(SOUND_ENTRIES.includes(entry.type) ? 'enca' : 'encv', bytes.subarray(entry.start, entry.end), sinf);
}

const WAY: readonly string[] = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'];

function rewritten(bytes: Buffer, from: number, to: number, kid: Buffer): readonly Buffer[] {
  return boxesIn(bytes, from, to).map((one) => {
    if (!WAY.includes(one.type)) return bytes.subarray(one.at, one.end);
    if (one.type !== 'stsd') return box(one.type, ...rewritten(bytes, one.start, one.end, kid));
    const entries = boxesIn(bytes, one.start + 8, one.end).map((entry) => hiddenEntry(bytes, entry, kid));
    return box('stsd', bytes.subarray(one.start, one.start + 8), ...entries);
  });
}

/** `moov` of a track whose samples are encrypted. */
export function protectedHeader(moov: Buffer, { kid }: Protection): Buffer {
  const [whole] = rewritten(moov, 0, moov.length, kid);
  if (!whole) return moov;
  const pssh = fullBox('pssh', 1, 0, COMMON_SYSTEM, words(1), kid, words(0));
  return box('moov', whole.subarray(8), pssh);
}
