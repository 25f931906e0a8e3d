import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runParts } from '../engine/run-parts.ts';
import { writerBelow } from '../files/package-folder.ts';
import type { ImageTrack, Segment } from '../packaging/package.ts';
import { spriteIndex } from '../plan/sprites.ts';
import type { OpenParts } from './package-tracks.ts';

const ID = 'thumbnails';

/** Where a sheet lies, relative to the package's folder; sheets count from 0. */
const sheetPath = (n: number): string => `${ID}/${String(n + 1).padStart(5, '0')}.jpg`;

/**
 * Makes the sheets of a package, while its smallest film is still whole, and the WebVTT file that players take them by which
 * read no manifest. Throws SgError.
 */
export async function makeSheets({ planned, run }: OpenParts, folder: string): Promise<readonly ImageTrack[]> {
  const { sheets, scratch, resolved } = planned;
  if (!sheets) return [];
  const { wish, sprites, timescale, tileTicks } = sheets;
  const { durationSec } = resolved.timeline;
  await runParts(run, [sheets.step]);
  await mkdir(join(folder, ID));
  const sheetTicks = tileTicks * wish.columns * wish.rows;
  const filmTicks = Math.round(durationSec * timescale);
  const segments: Segment[] = [];
  for (const [n, name] of sprites.sheets.entries()) {
    const path = sheetPath(n);
    await rename(join(scratch, name), join(folder, path));
    const { size: bytes } = await stat(join(folder, path));
    const startTicks = n * sheetTicks;
    const durationTicks = Math.min(sheetTicks, filmTicks - startTicks);
    segments.push({ path, startTicks, durationTicks, bytes, startsWithKeyframe: true });
  }
  await writerBelow(folder)(`${ID}.vtt`, [Buffer.from(spriteIndex(wish, durationSec, sheetPath))]);
  const { tile, columns, rows } = wish;
  return [
    {
      ...{ id: ID, playlist: `${ID}/playlist.m3u8`, timescale, init: undefined, segments },
      ...{ width: tile.width, height: tile.height, columns, rows, tileTicks },
    },
  ];
}
