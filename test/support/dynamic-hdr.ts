import { readFileSync, writeFileSync } from 'node:fs';
import { boxIntoMp4 } from './hdr-boxes.ts';

// Dolby Vision and HDR10+ sources as small as they can be: ffmpeg and x265 here write neither.

/** A field of a bit stream: its value and its length in bits. */
type Field = readonly [value: number, bits: number];

function bytesOf(fields: readonly Field[]): Buffer {
  const text = fields.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('');
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
  return Buffer.from((padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/**
 * Says that a stream is Dolby Vision of a profile: 5 has no base layer, 8 has one in HDR10 (compatibility 1), SDR (2) or
 * HLG (4). Dolby Vision Streams Within the ISO Base Media File Format, 3.1.
 */
export function dolbyVisionIntoMp4(from: string, to: string, profile: number, compatibility: number): void {
  const record = bytesOf([
    [1, 8],
    [0, 8],
    [profile, 7],
    [6, 6],
    // There is an RPU, no enhancement layer, and a base layer.
    [0b101, 3],
    [compatibility, 4],
    [0, 28],
  ]);
  const box = Buffer.alloc(32);
  box.writeUInt32BE(32, 0);
  box.write(profile > 7 ? 'dvvC' : 'dvcC', 4, 'latin1');
  record.copy(box, 8);
  boxIntoMp4(from, to, box);
}

/** ITU-T T.35 message of SMPTE ST 2094-40: one window, 1000 cd/m², no curves. CTA-861, annex S. */
const HDR10_PLUS = Buffer.concat([
  Buffer.from([0xb5, 0x00, 0x3c, 0x00, 0x01, 4, 1]),
  bytesOf([
    [1, 2],
    [1000, 27],
    [0, 1],
    ...([10_000, 20_000, 30_000, 15_000] as const).map((value): Field => [value, 17]),
    // One percentile: 99 % of the pixels are no brighter.
    [1, 4],
    [99, 7],
    [25_000, 17],
    [0, 10],
    [0, 1],
    [0, 1],
    [0, 1],
  ]),
]);

/** A NAL unit with emulation prevention: ITU-T H.265, 7.4.2. */
function nalUnit(header: Buffer, payload: Buffer): Buffer {
  const bytes: number[] = [];
  for (const byte of payload) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.concat([Buffer.from([0, 0, 0, 1]), header, Buffer.from(bytes)]);
}

/** A prefix SEI with user data registered by ITU-T T.35. */
const SEI = nalUnit(
  Buffer.from([39 << 1, 1]),
  Buffer.concat([Buffer.from([4, HDR10_PLUS.length]), HDR10_PLUS, Buffer.from([0x80])]),
);

/** Puts HDR10+ before each picture of a raw H.265 stream. */
export function hdr10PlusIntoHevc(from: string, to: string): void {
  const stream = readFileSync(from);
  const parts: Buffer[] = [];
  let taken = 0;
  for (let at = stream.indexOf('000001', 0, 'hex'); at >= 0; at = stream.indexOf('000001', at + 3, 'hex')) {
    const type = ((stream[at + 3] ?? 0) >> 1) & 0x3f;
    const isFirstSlice = type < 32 && ((stream[at + 5] ?? 0) & 0x80) !== 0;
    if (!isFirstSlice) continue;
    const start = stream[at - 1] === 0 ? at - 1 : at;
    parts.push(stream.subarray(taken, start), SEI);
    taken = start;
  }
  writeFileSync(to, Buffer.concat([...parts, stream.subarray(taken)]));
}
