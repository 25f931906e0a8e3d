import type { PictureSize } from '../model/thumbnails.ts';

const MARKER = 0xff;
const START = 0xd8;
/** Frame headers, all but those of tables and of arithmetic conditioning that lie among them (ITU-T T.81, table B.1). */
const isFrame = (code: number): boolean => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);

/** The size that a JPEG's own header states; undefined where the bytes are none, or end before it. */
export function jpegSize(bytes: Uint8Array): PictureSize | undefined {
  const at = (n: number): number => bytes[n] ?? 0;
  const word = (n: number): number => at(n) * 256 + at(n + 1);
  if (at(0) !== MARKER || at(1) !== START) return undefined;
  for (let n = 2; n + 9 <= bytes.length && at(n) === MARKER; n += 2 + word(n + 2)) {
    if (isFrame(at(n + 1))) return { width: word(n + 7), height: word(n + 5) };
  }
  return undefined;
}
