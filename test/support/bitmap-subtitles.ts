import { writeFileSync } from 'node:fs';

/** One subtitle made of pictures: a box of one colour, somewhere on the canvas, for a time. */
export interface BoxSubtitle {
  readonly fromSec: number;
  readonly toSec: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Luma, blue and red difference, as codes. */
  readonly colour: readonly [y: number, cb: number, cr: number];
}

const TICKS_PER_SEC = 90_000;
const TYPE = { palette: 0x14, object: 0x15, composition: 0x16, window: 0x17, end: 0x80 } as const;

/** A number as one, two or three bytes, the highest first. */
const number = (bytes: 1 | 2 | 3, ...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntBE(value, 0, bytes);
      return buffer;
    }),
  );

function segment(sec: number, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.write('PG', 'latin1');
  head.writeUInt32BE(Math.round(sec * TICKS_PER_SEC), 2);
  head.writeUInt8(type, 10);
  head.writeUInt16BE(data.length, 11);
  return Buffer.concat([head, data]);
}

/** Lines of one colour, run by run: 0, 0xC0 and 14 bits of length, the colour, and an end. */
function runs({ width, height }: BoxSubtitle): Buffer {
  const line = Buffer.concat([number(1, 0), number(2, 0xc000 | width), number(1, 1), number(2, 0)]);
  return Buffer.concat(Array.from({ length: height }, () => line));
}

function shown(box: BoxSubtitle, n: number, [width, height]: readonly [number, number]): Buffer {
  const { fromSec, x, y, colour } = box;
  const [luma, cb, cr] = colour;
  const object = runs(box);
  const composition = Buffer.concat([
    ...[number(2, width, height), number(1, 0x10), number(2, 2 * n), number(1, 0x80, 0, 0, 1)],
    ...[number(2, 0), number(1, 0, 0), number(2, x, y)],
  ]);
  return Buffer.concat([
    segment(fromSec, TYPE.composition, composition),
    segment(fromSec, TYPE.window, Buffer.concat([number(1, 1, 0), number(2, x, y, box.width, box.height)])),
    segment(fromSec, TYPE.palette, number(1, 0, 0, 1, luma, cr, cb, 255)),
    segment(
      fromSec,
      TYPE.object,
      Buffer.concat([
        ...[number(2, 0), number(1, 0, 0xc0), number(3, object.length + 4), number(2, box.width, box.height)],
        object,
      ]),
    ),
    segment(fromSec, TYPE.end, Buffer.alloc(0)),
  ]);
}

function cleared({ toSec }: BoxSubtitle, n: number, [width, height]: readonly [number, number]): Buffer {
  const composition = [number(2, width, height), number(1, 0x10), number(2, 2 * n + 1), number(1, 0, 0, 0, 0)];
  return Buffer.concat([
    segment(toSec, TYPE.composition, Buffer.concat(composition)),
    segment(toSec, TYPE.end, Buffer.alloc(0)),
  ]);
}

/** Writes a track as Blu-ray discs have it (PGS, `.sup`), on a canvas of this size: US 7,912,305 B1 describes it. */
export function writeSup(path: string, canvas: readonly [number, number], boxes: readonly BoxSubtitle[]): void {
  writeFileSync(path, Buffer.concat(boxes.flatMap((box, n) => [shown(box, n, canvas), cleared(box, n, canvas)])));
}
