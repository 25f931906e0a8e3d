import type { BarsFinding } from '../model/analyses.ts';
import type { CropBox, MediaInfo, VideoStream } from '../model/media.ts';
import type { LookAt } from './look.ts';

const SAMPLES = 10;
/** cropdetect needs a few pictures to settle; two are left out at its start. */
const FRAMES = 12;
/** A sample is dark where its brightest line stays below this (of 255): nothing in it tells bar from scene. */
const LIMIT = 24;
/** Bars lie on both sides alike; a difference beyond this part of the side is a scene, not a format. */
const LOPSIDED = 0.02;
/** The part of the bright samples that must show the same box. */
const AGREEING = 0.6;
/** Bars of fewer pixels are an edge of a codec or camera, not a format. */
const LEAST_BAR = 4;

interface Shape {
  readonly width: number;
  readonly height: number;
}

/**
 * Finds black bars on samples over the whole film. What is bright in any sample belongs to the picture, so that a
 * dark scene never takes a part of it; and the bars must lie alike on both sides and be the same in most samples.
 */
export async function findBars(
  media: MediaInfo,
  stream: VideoStream,
  turn: readonly string[],
  shown: Shape,
  look: LookAt,
): Promise<BarsFinding> {
  const lengthSec = media.durationSec ?? 0;
  const boxes: CropBox[] = [];
  for (let n = 0; n < SAMPLES; n += 1) {
    const startSec = lengthSec > 2 ? ((n + 0.5) / SAMPLES) * lengthSec : 0;
    const box = lastBox(await look(sampleArgs(media, stream, turn, startSec)));
    if (box) boxes.push(box);
    if (lengthSec <= 2) break;
  }
  return judgeBars(boxes, shown);
}

function sampleArgs(media: MediaInfo, stream: VideoStream, turn: readonly string[], startSec: number) {
  const chain = [...turn, `cropdetect=limit=${LIMIT}:round=2:reset=0:skip=2`].join(',');
  return [
    '-protocol_whitelist',
    'file',
    ...(startSec > 0 ? ['-ss', startSec.toFixed(3)] : []),
    '-i',
    `file:${media.path}`,
    '-map',
    `0:${stream.index}`,
    '-vf',
    chain,
    '-frames:v',
    String(FRAMES),
    '-f',
    'null',
    '-',
  ];
}

/** The last box that cropdetect printed; nothing where the sample is black all over. */
function lastBox(text: string): CropBox | undefined {
  const found = [...text.matchAll(/crop=(-?\d+):(-?\d+):(-?\d+):(-?\d+)/g)].at(-1);
  const [width = 0, height = 0, x = 0, y = 0] = found?.slice(1).map(Number) ?? [];
  return width > 0 && height > 0 ? { width, height, x, y } : undefined;
}

/** The smallest box that holds all of them. */
function union(boxes: readonly CropBox[]): CropBox {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

const near = (a: CropBox, b: CropBox): boolean =>
  Math.abs(a.x - b.x) <= 4 &&
  Math.abs(a.y - b.y) <= 4 &&
  Math.abs(a.width - b.width) <= 8 &&
  Math.abs(a.height - b.height) <= 8;

/** Judges the boxes of the samples against each other. Pure. */
export function judgeBars(boxes: readonly CropBox[], shown: Shape): BarsFinding {
  if (boxes.length === 0) return { box: undefined, confidence: 0, samples: 0 };
  const all = union(boxes);
  const confidence = boxes.filter((box) => near(box, all)).length / boxes.length;
  const finding = { confidence, samples: boxes.length };
  const bars = {
    left: all.x,
    right: shown.width - all.x - all.width,
    top: all.y,
    bottom: shown.height - all.y - all.height,
  };
  const lopsided =
    Math.abs(bars.left - bars.right) > Math.max(4, LOPSIDED * shown.width) ||
    Math.abs(bars.top - bars.bottom) > Math.max(4, LOPSIDED * shown.height);
  const slight = Math.max(bars.left, bars.right, bars.top, bars.bottom) < LEAST_BAR;
  return { ...finding, box: lopsided || slight || confidence < AGREEING ? undefined : all };
}
