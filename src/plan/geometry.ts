import { resolutionRow } from '../codecs/resolutions.ts';
import type { Issue } from '../model/errors.ts';
import type { VideoStream } from '../model/media.ts';
import type { Fit, OptionValues, ResolutionSpec } from '../model/option-values.ts';
import { type Rational, rational, valueOf } from '../model/rational.ts';
import { largestFrame } from '../presets/constraints.ts';
import { warn } from './finding.ts';
import type { Geometry, Limits } from './resolved.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}
type Crop = Geometry['crop'];

export const even = (n: number): number => Math.max(2, 2 * Math.floor(n / 2));
const nearestEven = (n: number): number => Math.max(2, 2 * Math.round(n / 2));

/** The picture as ffmpeg hands it on: turned by its own matrix, and by `turn` more. */
export function turnedSize(stream: VideoStream, turn: number): Size & { readonly sampleAspect: Rational } {
  const swapped = (stream.rotation + turn) % 180 === 90;
  const { width, height, sampleAspect } = stream;
  return swapped
    ? { width: height, height: width, sampleAspect: rational(sampleAspect.den, sampleAspect.num) }
    : { width, height, sampleAspect };
}

/** Size in square pixels: the height stays, the width follows the sample aspect ratio. */
export function squareSize(picture: Size & { readonly sampleAspect: Rational }): Size {
  return { width: Math.round(picture.width * valueOf(picture.sampleAspect)), height: picture.height };
}

/** What frame is wanted, in square pixels. `box` is a frame to fill, `short` bounds the short side. */
type Wish =
  | { readonly kind: 'none' }
  | { readonly kind: 'short'; readonly side: number; readonly box: Size; readonly label: string }
  | { readonly kind: 'box'; readonly box: Size; readonly label: string };

function wishOf(spec: ResolutionSpec | undefined, source: Size): Wish | undefined {
  if (!spec || spec.kind === 'source') return { kind: 'none' };
  if (spec.kind === 'exact') {
    return { kind: 'box', box: spec, label: `${spec.width}x${spec.height}` };
  }
  const row = resolutionRow(spec.id);
  if (!row) return undefined;
  if (row.exact) return { kind: 'box', box: row, label: row.id };
  const portrait = source.height > source.width;
  const box = portrait ? { width: row.height, height: row.width } : { width: row.width, height: row.height };
  return { kind: 'short', side: row.height, box, label: row.id };
}

function contain(source: Size, box: Size): Size {
  const factor = Math.min(box.width / source.width, box.height / source.height);
  return { width: nearestEven(source.width * factor), height: nearestEven(source.height * factor) };
}

function coverSize(source: Size, box: Size): Size {
  const factor = Math.max(box.width / source.width, box.height / source.height);
  const up = (n: number, least: number) => Math.max(least, 2 * Math.ceil((n * factor) / 2 - 1e-6));
  return { width: up(source.width, box.width), height: up(source.height, box.height) };
}

interface Frame {
  readonly scale: Size;
  readonly trim?: Size;
  readonly pad?: Size;
}

function fillBox(source: Size, box: Size, fit: Fit): Frame {
  switch (fit) {
    case 'stretch':
      return { scale: box };
    case 'cover':
      return { scale: coverSize(source, box), trim: box };
    case 'pad':
      return { scale: contain(source, box), pad: box };
    case 'contain':
      return { scale: contain(source, box) };
  }
}

function shortSide(source: Size, side: number): Size {
  const factor = side / Math.min(source.width, source.height);
  return { width: nearestEven(source.width * factor), height: nearestEven(source.height * factor) };
}

function frameFor(source: Size, wish: Wish, options: OptionValues, issues: Issue[]): Frame {
  const natural: Frame = { scale: source };
  if (wish.kind === 'none') return natural;
  const fit = options.fit ?? (wish.kind === 'box' ? 'pad' : 'contain');
  const frame =
    wish.kind === 'short' && fit === 'contain'
      ? { scale: shortSide(source, wish.side) }
      : fillBox(source, { width: even(wish.box.width), height: even(wish.box.height) }, fit);
  const enlarges = frame.scale.width > source.width + 1 && frame.scale.height > source.height + 1;
  if (!enlarges || options.upscale) return frame;
  const shown = `${source.width}x${source.height}`;
  if (wish.kind === 'short' || fit === 'contain') {
    issues.push(
      warn(
        'not_upscaled',
        '--resolution',
        `${wish.label} is larger than the source: kept at ${shown}`,
        '--upscale enlarges it',
      ),
    );
    return natural;
  }
  issues.push(warn('upscaled', '--resolution', `the source (${shown}) is enlarged to fill ${wish.label}`));
  return frame;
}

function limited(source: Size, frame: Frame, limits: Limits, issues: Issue[]): Frame {
  const out = frame.pad ?? frame.trim ?? frame.scale;
  const scale = largestFrame({ fragmentedAllowed: true, dropLocation: false, ...limits }, out);
  if (scale.width === out.width && scale.height === out.height) return frame;
  issues.push(
    warn('platform_size', '--resolution', `scaled to ${scale.width}x${scale.height}: the platform takes no more`),
  );
  return frame.pad || frame.trim ? fillBox(source, scale, frame.pad ? 'pad' : 'cover') : { scale };
}

/** ffmpeg applies the source's own matrix; --rotate replaces it, so what is left to do is the difference. */
export function turnOf(stream: VideoStream, { rotate }: OptionValues): Geometry['turn'] {
  return rotate === undefined ? 0 : (((rotate - stream.rotation + 360) % 360) as Geometry['turn']);
}

/** A mirror is part of the matrix that --rotate replaces. */
export const unmirrors = (stream: VideoStream, { rotate }: OptionValues): boolean =>
  rotate !== undefined && stream.flipped;

/**
 * Decides the delivered frame: square pixels, even sides, never enlarged unless asked.
 * Findings: unknown names (exit 2), and warnings for what was not done as asked.
 */
export function planGeometry(
  stream: VideoStream,
  options: OptionValues,
  limits: Limits,
  extraCrop: Crop,
): { readonly geometry: Geometry; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const turn = turnOf(stream, options);
  const turned = turnedSize(stream, turn);
  const picture = extraCrop ? { ...turned, width: extraCrop.width, height: extraCrop.height } : turned;
  const square = squareSize(picture);
  // A name that no table has was found where it was read.
  const wish = wishOf(options.resolution, square);
  let frame = frameFor(square, wish ?? { kind: 'none' }, options, issues);
  const cap = wishOf(options.resolutionLimit, square);
  if (
    cap &&
    cap.kind !== 'none' &&
    Math.min(frame.scale.width, frame.scale.height) > Math.min(cap.box.width, cap.box.height)
  ) {
    frame = cap.kind === 'short' ? { scale: shortSide(square, cap.side) } : { scale: contain(square, cap.box) };
  }
  frame = limited(square, frame, limits, issues);
  const turns = { turn, unmirror: unmirrors(stream, options) };
  return { geometry: { ...assemble(picture, square, frame, extraCrop, options, issues), ...turns }, issues };
}

function assemble(
  picture: Size & { readonly sampleAspect: Rational },
  square: Size,
  frame: Frame,
  extraCrop: Crop,
  options: OptionValues,
  issues: Issue[],
): Omit<Geometry, 'turn' | 'unmirror'> {
  const untouched = frame.scale.width === square.width && frame.scale.height === square.height;
  const isSquare = valueOf(picture.sampleAspect) === 1;
  const evened = { width: even(frame.scale.width), height: even(frame.scale.height) };
  let crop = extraCrop;
  let scale: Size | undefined = evened;
  if (untouched && isSquare) {
    // One odd row or column is cut, not scaled away: every other pixel stays as it is.
    scale = undefined;
    if (evened.width !== picture.width || evened.height !== picture.height) {
      crop = { ...evened, x: extraCrop?.x ?? 0, y: extraCrop?.y ?? 0 };
      issues.push(
        warn(
          'odd_size',
          'input',
          `${picture.width}x${picture.height} has an odd side: delivered as ${evened.width}x${evened.height}`,
        ),
      );
    }
  }
  const out = frame.pad ?? frame.trim ?? evened;
  const differs = (a: Size, b: Size) => a.width !== b.width || a.height !== b.height;
  return {
    crop,
    scale,
    scaling: options.scaling ?? 'bicubic',
    trim: frame.trim && differs(frame.trim, evened) ? frame.trim : undefined,
    pad: frame.pad && differs(frame.pad, evened) ? frame.pad : undefined,
    width: out.width,
    height: out.height,
  };
}
