import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ffmpeg, probe } from './clips.ts';

// Colours by arithmetic alone (ITU-R BT.601, BT.709, BT.2020), so that no converter is measured with another.

/** Red, green and blue signal, 0–1. */
export type Rgb = readonly [number, number, number];
type Triple = readonly [number, number, number];

/** Share of red and blue in luma. */
const LUMA: Readonly<Record<string, readonly [number, number]>> = {
  bt709: [0.2126, 0.0722],
  smpte170m: [0.299, 0.114],
  bt470bg: [0.299, 0.114],
  bt2020nc: [0.2627, 0.0593],
};

/** Linear light of these primaries as light of BT.709's, both white at D65: from the chromaticities of BT.601. */
const TO_BT709: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  bt709: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  smpte170m: [
    [0.939542, 0.050181, 0.010277],
    [0.017772, 0.965793, 0.016435],
    [-0.001622, -0.00437, 1.005991],
  ],
  bt470bg: [
    [1.044043, -0.044043, 0],
    [0, 1, 0],
    [0, 0.011793, 0.988207],
  ],
};

/** Codes of a pixel at a depth: 16–235 and 16–240, or all. */
export function codesOf([r, g, b]: Rgb, matrix: string, depth: number, full = false): Triple {
  const [kr, kb] = LUMA[matrix] ?? [0, 0];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const [u, v] = [(b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)];
  const [top, step] = [2 ** depth - 1, 2 ** (depth - 8)];
  const luma = full ? y * top : (16 + 219 * y) * step;
  const chroma = (value: number) => (full ? value * top : value * 224 * step) + 128 * step;
  return [Math.round(luma), Math.round(chroma(u)), Math.round(chroma(v))];
}

function rgbOf([y, u, v]: Triple, matrix: string, depth: number, full: boolean): Rgb {
  const [kr, kb] = LUMA[matrix] ?? [Number.NaN, Number.NaN];
  const [top, step] = [2 ** depth - 1, 2 ** (depth - 8)];
  const luma = full ? y / top : (y / step - 16) / 219;
  const chroma = (code: number) => (code - 128 * step) / (full ? top : 224 * step);
  const [r, b] = [luma + chroma(v) * (2 - 2 * kr), luma + chroma(u) * (2 - 2 * kb)];
  return [r, (luma - kr * r - kb * b) / (1 - kr - kb), b];
}

/** The same colour with BT.709's primaries, by the display's gamma (ITU-R BT.1886), within what a display shows. */
export function asBt709(rgb: Rgb, primaries: string): Rgb {
  const light = rgb.map((one) => Math.max(0, one) ** 2.4);
  const rows = TO_BT709[primaries];
  if (!rows) throw new Error(`no primaries ${primaries}`);
  const shown = (row: Triple) => {
    const sum = row.reduce((total, factor, at) => total + factor * (light[at] ?? 0), 0);
    return Math.min(1, Math.max(0, sum)) ** (1 / 2.4);
  };
  return [shown(rows[0]), shown(rows[1]), shown(rows[2])];
}

interface Layout {
  readonly chromaX: number;
  readonly chromaY: number;
  readonly depth: number;
  readonly grey: boolean;
  readonly alpha: boolean;
}

function layoutOf(format: string): Layout {
  const [, kind, alpha, sub, deep] = /^(gray|yuv(?:j)?)(a)?(4\d\d)?p?(10le|12le)?$/.exec(format) ?? [];
  if (kind === undefined) throw new Error(`cannot read ${format}`);
  const depth = Number.parseInt(deep ?? '8', 10);
  return {
    chromaX: sub === '444' ? 1 : 2,
    chromaY: sub === '420' ? 2 : 1,
    depth,
    grey: kind === 'gray',
    alpha: alpha !== undefined,
  };
}

/** Upright bars of one colour each, ten pictures at 25 frames/s, as exact codes of a pixel format. */
export function writeBars(
  path: string,
  bars: readonly Triple[],
  format: string,
  codec: readonly string[],
  size: readonly [number, number] = [320, 180],
): void {
  const { chromaX, chromaY, depth, grey } = layoutOf(format);
  const [width, height] = size;
  const plane = (channel: 0 | 1 | 2, w: number, h: number) => {
    const row = Array.from({ length: w }, (_, x) => bars[Math.floor((x * bars.length) / w)]?.[channel] ?? 0);
    const bytes = depth > 8 ? Buffer.from(Uint16Array.from(row).buffer) : Buffer.from(row);
    return Buffer.concat(Array.from({ length: h }, () => bytes));
  };
  const chroma = grey ? [] : ([1, 2] as const).map((one) => plane(one, width / chromaX, Math.ceil(height / chromaY)));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.raw`, Buffer.concat([plane(0, width, height), ...chroma]));
  const raw = ['-f', 'rawvideo', '-pix_fmt', format, '-s', `${width}x${height}`, '-r', '25', '-stream_loop', '9'];
  ffmpeg([...raw, '-i', `${path}.raw`, ...codec, path]);
}

/** The first picture as it is stored. */
function firstPicture(path: string, format: readonly string[] = []): Buffer {
  const args = ['-v', 'error', '-nostdin', '-i', `file:${path}`, '-map', '0:V:0', '-frames:v', '1', ...format];
  return execFileSync('ffmpeg', [...args, '-f', 'rawvideo', '-'], { maxBuffer: 1e8 });
}

/** Mean of the middle of one of `count` upright bars in a plane. */
function meanOf(plane: Buffer, width: number, height: number, bytes: 1 | 2, bar: number, count: number): number {
  const values: number[] = [];
  for (let y = Math.floor(height * 0.4); y < height * 0.6; y += 1)
    for (let x = Math.ceil(((bar + 0.35) * width) / count); x < ((bar + 0.65) * width) / count; x += 1) {
      const at = (y * width + x) * bytes;
      values.push(bytes === 2 ? plane.readUInt16LE(at) : plane.readUInt8(at));
    }
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

export interface MeasuredBars {
  readonly format: string;
  readonly matrix: string;
  readonly primaries: string;
  readonly transfer: string;
  readonly range: string;
  /** Codes as they are stored, on the scale of eight bits. */
  readonly luma: readonly number[];
  /** As the tags say that they be shown. */
  readonly rgb: readonly Rgb[];
}

/** Reads upright bars back: the codes, and the colours that they are by the file's own tags. */
export function readBars(path: string, count: number): MeasuredBars {
  const film = probe(path).streams.find((stream) => stream.codec_type === 'video') ?? {};
  const [width, height, format] = [Number(film.width), Number(film.height), String(film.pix_fmt)];
  const [matrix, range] = [String(film.color_space), String(film.color_range)];
  const { chromaX, chromaY, depth } = layoutOf(format);
  const bytes = depth > 8 ? 2 : 1;
  const picture = firstPicture(path);
  const [cw, ch] = [Math.ceil(width / chromaX), Math.ceil(height / chromaY)];
  const chromaAt = width * height * bytes;
  const planes = [
    picture.subarray(0, chromaAt),
    picture.subarray(chromaAt, chromaAt + cw * ch * bytes),
    picture.subarray(chromaAt + cw * ch * bytes),
  ] as const;
  const bars = Array.from({ length: count }, (_, n): Triple => {
    const of = (plane: Buffer, w: number, h: number) => meanOf(plane, w, h, bytes, n, count);
    return [of(planes[0], width, height), of(planes[1], cw, ch), of(planes[2], cw, ch)];
  });
  return {
    ...{ format, matrix, range, primaries: String(film.color_primaries), transfer: String(film.color_transfer) },
    luma: bars.map(([y]) => y / 2 ** (depth - 8)),
    rgb: bars.map((bar) => rgbOf(bar, matrix, depth, range === 'pc')),
  };
}

/** 75 % bars, as a test signal has them. */
export const BARS: readonly Rgb[] = [
  [0.75, 0.75, 0.75],
  [0.75, 0.75, 0],
  [0, 0.75, 0.75],
  [0, 0.75, 0],
  [0.75, 0, 0.75],
  [0.75, 0, 0],
  [0, 0, 0.75],
  [0, 0, 0],
];

/** The greatest difference of any channel of any bar, in steps of 1/255, as a display shows it: nothing below 0 or above 1. */
export function worstStep(found: readonly Rgb[], wanted: readonly Rgb[]): number {
  const shown = (value: number | undefined) => Math.min(1, Math.max(0, value ?? 9));
  const steps = wanted.flatMap((rgb, bar) => rgb.map((one, at) => Math.abs(one - shown(found[bar]?.[at])) * 255));
  return Math.max(...steps);
}
