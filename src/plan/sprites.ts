import type { PictureSize } from '../model/thumbnails.ts';
import { INPUT_GUARD, sec } from './input-args.ts';
import { fitted, KEYFRAMES_ONLY } from './thumbnails.ts';

/** Small pictures of a film at even distances, put together to larger ones, for players that show them while a viewer seeks. */
export interface SpriteWish {
  /** Frame of one picture, both sides even; a film of another shape gets black bars in it. */
  readonly tile: PictureSize;
  readonly columns: number;
  readonly rows: number;
  /** Seconds between two pictures. */
  readonly intervalSec: number;
}

/** The sheets of one film: the command that makes them, which files it writes, and the text that says what is where. */
export interface SpritePlan {
  readonly args: readonly string[];
  /** Names of the sheets, in their order, relative to the folder that the command runs in. */
  readonly sheets: readonly string[];
  /** Pixels of each sheet: the last one is filled up with black tiles, so that all are alike. */
  readonly sheet: PictureSize;
  /** Pictures in all of them. */
  readonly pictures: number;
  /** The index, as WebVTT with media fragments. */
  readonly index: string;
}

export interface SpriteSource {
  /** Path of the finished film: absolute, or relative to the folder that the command runs in. */
  readonly film: string;
  readonly durationSec: number;
  /** Filters that bring its pictures to BT.709 where they are HDR or wide; empty elsewhere. */
  readonly filters: readonly string[];
  /** Decode nothing but keyframes: right for a film that has one in each interval, and many times as fast. */
  readonly keyframesOnly?: true | undefined;
}

/** `00:01:02.500`. */
function vttTime(atSec: number): string {
  const ms = Math.round(atSec * 1000);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const whole = Math.floor(ms / 1000);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${parts.map((part) => pad(part, 2)).join(':')}.${pad(ms % 1000, 3)}`;
}

const sheetName = (stem: string, n: number): string => `${stem}-${n + 1}.jpg`;

/** How many pictures a film of this length has: one for each interval that begins in it, and one at least. */
export const spriteCount = (durationSec: number, intervalSec: number): number =>
  Math.max(1, Math.ceil(Math.round((durationSec / intervalSec) * 1e6) / 1e6));

/**
 * The index of sheets: each cue lasts for one interval, the last one to the film's end, and names its picture as
 * `sprite-1.jpg#xywh=160,0,160,90` (https://www.w3.org/TR/media-frags/#naming-space). `urlOf` gives a sheet's URI.
 */
export function spriteIndex(
  { tile, columns, rows, intervalSec }: SpriteWish,
  durationSec: number,
  urlOf: (sheet: number) => string,
): string {
  const cues = Array.from({ length: spriteCount(durationSec, intervalSec) }, (_, n) => {
    const inSheet = n % (columns * rows);
    const x = (inSheet % columns) * tile.width;
    const y = Math.floor(inSheet / columns) * tile.height;
    const end = Math.min((n + 1) * intervalSec, durationSec);
    const place = `${urlOf(Math.floor(n / (columns * rows)))}#xywh=${x},${y},${tile.width},${tile.height}`;
    return `${vttTime(n * intervalSec)} --> ${vttTime(end)}\n${place}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

/**
 * Plans the sprite sheets `sprite-1.jpg`, `sprite-2.jpg` … of a finished film. `stem` is what stands before their
 * numbers: letters, digits, `_` and `-` alone, so that names are URIs and patterns at once. Each picture is the one that
 * stands at the middle of its interval; one that lies behind the last frame is the last frame. Pure.
 */
export function planSprites(
  { film, durationSec, filters, keyframesOnly }: SpriteSource,
  wish: SpriteWish,
  stem = 'sprite',
): SpritePlan {
  const { tile, columns, rows, intervalSec } = wish;
  const pictures = spriteCount(durationSec, intervalSec);
  const sheets = Math.ceil(pictures / (columns * rows));
  const chain = [
    // A last picture that is held for an interval more fills what is left of the last one.
    `tpad=stop_mode=clone:stop_duration=${sec(intervalSec)}`,
    // Frame n is the last one whose time rounds to n intervals: what is shown at (n + 1/2) of them.
    `fps=fps=1/${sec(intervalSec)}:start_time=0:round=near`,
    `trim=end_frame=${pictures}`,
    ...filters,
    fitted(tile),
    `tile=${columns}x${rows}:color=black`,
  ];
  return {
    args: [
      ...[...INPUT_GUARD, ...(keyframesOnly ? KEYFRAMES_ONLY : []), '-i', `file:${film}`],
      ...['-map', '0:V:0', '-vf', chain.join(',')],
      ...['-frames:v', String(sheets), '-fps_mode', 'passthrough'],
      ...['-c:v', 'mjpeg', '-q:v', '4', '-flags:v', '+bitexact', '-map_metadata', '-1'],
      ...['-f', 'image2', `${stem}-%d.jpg`],
    ],
    sheets: Array.from({ length: sheets }, (_, n) => sheetName(stem, n)),
    sheet: { width: tile.width * columns, height: tile.height * rows },
    pictures,
    index: spriteIndex(wish, durationSec, (sheet) => sheetName(stem, sheet)),
  };
}
