import { readFileSync, writeFileSync } from 'node:fs';

/** How a picture is shown: x' = a·x + c·y, y' = b·x + d·y, with y downwards. */
export interface Turn {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** Every way that a phone or an editor may have a picture shown. */
export const TURNS: Readonly<Record<string, Turn>> = {
  'as it is': { a: 1, b: 0, c: 0, d: 1 },
  'a quarter clockwise': { a: 0, b: 1, c: -1, d: 0 },
  'upside down': { a: -1, b: 0, c: 0, d: -1 },
  'a quarter counterclockwise': { a: 0, b: -1, c: 1, d: 0 },
  'mirrored left to right': { a: -1, b: 0, c: 0, d: 1 },
  'mirrored top to bottom': { a: 1, b: 0, c: 0, d: -1 },
  'mirrored on its diagonal': { a: 0, b: 1, c: 1, d: 0 },
  'mirrored on its other diagonal': { a: 0, b: -1, c: -1, d: 0 },
};

/** Writes a copy of an MP4 with this matrix in its first track's header (ISO/IEC 14496-12, tkhd version 0). */
export function withMatrix(from: string, to: string, { a, b, c, d }: Turn): void {
  const film = readFileSync(from);
  const box = film.indexOf('tkhd', 0, 'latin1') - 4;
  const one = 0x10000;
  const matrix = [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 0x40000000];
  for (const [n, value] of matrix.entries()) film.writeInt32BE(value, box + 48 + 4 * n);
  writeFileSync(to, film);
}
