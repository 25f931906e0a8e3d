import { type Box, boxAt } from './boxes.ts';
import type { ByteRange } from './package.ts';

/** Reads a part of a file; short where it ends. */
export type ReadRange = (range: ByteRange) => Promise<Uint8Array>;

/** Read at once for a box's header, so that most small boxes come along with it. */
const WINDOW = 4096;
/** Boxes at the top of a file or range, up to the first that is none; their offsets are the file's. The last one may be cut off. */
export async function boxesOfFile(read: ReadRange, range: ByteRange): Promise<readonly Box[]> {
  const end = range.offset + range.length;
  const boxes: Box[] = [];
  let window = await read({ offset: range.offset, length: Math.min(WINDOW, range.length) });
  let windowAt = range.offset;
  for (let at = range.offset; at + 8 <= end; ) {
    if (at + 16 > windowAt + window.length) {
      windowAt = at;
      window = await read({ offset: at, length: Math.min(WINDOW, end - at) });
    }
    const box = boxAt(window, at - windowAt, end - at);
    if (!box) break;
    const shifted = { ...box, at, start: box.start + windowAt, end: box.end + windowAt };
    boxes.push(shifted);
    at = shifted.end;
  }
  return boxes;
}
