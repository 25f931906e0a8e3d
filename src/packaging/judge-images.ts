import type { Bench } from './bench.ts';
import type { Failure } from './check.ts';
import type { DecodedPicture } from './ports.ts';
import type { ReadPiece, ReadRendition } from './read-pieces.ts';
import type { Tiles } from './tiles.ts';
import { resolveUri } from './uri.ts';
import { type Cue, readCues } from './webvtt.ts';
import { readWebvtt } from './webvtt-segment.ts';

/** Manifests round, and the last picture may stand a little longer. */
const CLOSE_SEC = 0.1;
/** Sound and film may end apart, and so may what is shown of them. */
const LOOSE_SEC = 1;

const sec = (value: number): string => `${Number(value.toFixed(3))} s`;

/** What a sheet is by its tiles; undefined where nothing is claimed. */
function claimedSize({ columns, rows, width, height }: Tiles): string | undefined {
  return width === undefined || height === undefined ? undefined : `${width * columns}x${height * rows}`;
}

function pictureFault(path: string, picture: DecodedPicture | undefined, tiles: Tiles | undefined) {
  const expected = 'a picture that decodes';
  if (!picture) return { path, expected, actual: 'no picture' };
  if (picture.complaint !== undefined) return { path, expected, actual: picture.complaint };
  const claimed = tiles && claimedSize(tiles);
  const actual = `${picture.width}x${picture.height}`;
  return claimed === undefined || claimed === actual
    ? undefined
    : { path, expected: `${claimed} (${tiles?.columns} × ${tiles?.rows} thumbnails)`, actual };
}

/** Each sheet but the last is full, none begins behind the end, and together they reach it. */
function timeFaults(
  { rendition, pieces }: ReadRendition,
  filmSec: number | undefined,
): readonly (Failure | undefined)[] {
  const path = rendition.manifest;
  let atSec = 0;
  const rows = pieces.map(({ piece }, n) => {
    const { tiles, durationSec } = piece;
    const fullSec = tiles?.sec === undefined ? undefined : tiles.sec * tiles.columns * tiles.rows;
    const isLast = n === pieces.length - 1;
    const startSec = atSec;
    atSec += durationSec;
    if (filmSec !== undefined && startSec >= filmSec + CLOSE_SEC)
      return { path: piece.path, expected: `to begin before the end, ${sec(filmSec)}`, actual: sec(startSec) };
    if (
      fullSec === undefined ||
      (isLast ? durationSec <= fullSec + CLOSE_SEC : Math.abs(durationSec - fullSec) <= CLOSE_SEC)
    )
      return undefined;
    const expected = `${isLast ? 'at most ' : ''}${sec(fullSec)}, which its thumbnails stand for`;
    return { path: piece.path, expected, actual: sec(durationSec) };
  });
  if (filmSec === undefined || atSec >= filmSec - LOOSE_SEC) return rows;
  return [...rows, { path, expected: `${sec(filmSec)} in all`, actual: sec(atSec) }];
}

/** A track of pictures. `filmSec`: how long the film is, where that is known. */
export async function judgeImages(
  { reader, checks }: Bench,
  read: ReadRendition,
  filmSec: number | undefined,
): Promise<void> {
  const { rendition, pieces } = read;
  const looked: { readonly piece: ReadPiece['piece']; readonly picture: DecodedPicture | undefined }[] = [];
  for (const { piece } of pieces) looked.push({ piece, picture: await reader.picture(piece) });
  checks.each('picture', rendition.manifest, looked, ({ piece, picture }) =>
    pictureFault(piece.path, picture, piece.tiles),
  );
  if (rendition.isIncomplete || rendition.isNominal) return;
  checks.each('picture_times', rendition.manifest, timeFaults(read, filmSec), (fault) => fault);
}

/** What a cue names, as `sheet.jpg#xywh=160,0,160,90` (https://www.w3.org/TR/media-frags/#naming-space). */
const FRAGMENT = /^([^#]*)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

async function cueFault({ files, reader }: Bench, path: string, { text }: Cue): Promise<Failure | undefined> {
  const expected = 'a part of a picture of the package';
  const [, uri = '', ...numbers] = FRAGMENT.exec(text.trim()) ?? [];
  const reach = resolveUri(path, uri);
  if (reach.kind === 'outside' || !files.sizes.has(reach.path)) return { path, expected, actual: text };
  const picture = await reader.picture({ path: reach.path });
  const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
  if (!picture) return { path: reach.path, expected: 'a picture', actual: 'none' };
  const size = `${picture.width}x${picture.height}`;
  const fits = width > 0 && height > 0 && x + width <= picture.width && y + height <= picture.height;
  return fits ? undefined : { path, expected: `a part of ${reach.path}, which is ${size}`, actual: text };
}

/** Cues follow each other from zero to the film's end. */
function cueTimeFault(cues: readonly Cue[], n: number, filmSec: number | undefined): string | undefined {
  const [cue, before] = [cues[n], cues[n - 1]];
  if (!cue) return undefined;
  if (Math.abs(cue.startMs - (before?.endMs ?? 0)) > 1) return `a cue at ${sec(cue.startMs / 1000)}`;
  const isLast = n === cues.length - 1;
  const isOff = filmSec !== undefined && Math.abs(cue.endMs / 1000 - filmSec) > LOOSE_SEC;
  return isLast && isOff ? `an end at ${sec(cue.endMs / 1000)}` : undefined;
}

/** Enough to see whether a WebVTT file is an index of thumbnails. */
const HEAD = 2048;

/** Indexes of thumbnails in WebVTT, which no manifest names: each `.vtt` file whose cues are parts of pictures. */
export async function judgeIndexes(bench: Bench, paths: readonly string[], filmSec: number | undefined): Promise<void> {
  const { files, checks } = bench;
  for (const path of paths.filter((one) => /\.vtt$/i.test(one))) {
    const head = new TextDecoder().decode(await files.read(path, { offset: 0, length: HEAD }));
    if (!head.includes('#xywh=')) continue;
    const text = new TextDecoder().decode(await files.read(path));
    const { faults } = readWebvtt(text);
    const actual = faults.length > 0 ? faults.join('; ') : 'WebVTT';
    checks.add('segment_structure', path, { expected: 'WebVTT', actual, ok: faults.length === 0 });
    const cues = readCues(text);
    const failures: (Failure | undefined)[] = [];
    for (const [n, cue] of cues.entries()) {
      const time = cueTimeFault(cues, n, filmSec);
      const end = filmSec === undefined ? '' : ` and end with the film, at ${sec(filmSec)}`;
      const timed =
        time === undefined ? undefined : { path, expected: `cues that follow each other from 0${end}`, actual: time };
      failures.push(timed ?? (await cueFault(bench, path, cue)));
    }
    checks.each('picture_index', path, failures, (failure) => failure);
  }
}
