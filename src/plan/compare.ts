import type { Film, VideoStream } from '../model/media.ts';
import type { ComparedPictures, Comparison } from '../model/plan.ts';
import { formatRational, type Rational, rational, sameRational, valueOf } from '../model/rational.ts';
import { commonColours, isHdr, isRgb } from './colour.ts';
import { pictureFilters } from './filters.ts';
import { even, type Size, squareSize, turnedSize } from './geometry.ts';
import { heldSec } from './held-pictures.ts';
import type { ColourPlan, Geometry } from './resolved.ts';
import { isConstantRate, naturalRate } from './timeline.ts';

/** Two films brought to one shape. */
export interface PlannedComparison {
  readonly comparison: Comparison;
  readonly distorted: ComparedPictures;
  readonly size: Size;
  /** What had to be aligned, a sentence each. */
  readonly notes: readonly string[];
}

/** Shapes of which one side is this much longer, for its height, are not the same picture. */
const SAME_SHAPE = 0.01;
/** A film of fields at this many times the rate of its frames shows each field. */
const FIELD_RATE = 1.8;

const sizeText = ({ width, height }: Size): string => `${width}x${height}`;
const fieldsIn = ({ fieldOrder }: VideoStream): boolean => fieldOrder !== undefined && fieldOrder !== 'progressive';

function chromaOf(pixelFormat: string): '420' | '422' | '444' {
  if (isRgb(pixelFormat) || /44[04]|^(v30x|xv30|xv36|vuy|ayuv|nv24|nv42|p4)/.test(pixelFormat)) return '444';
  return /422|^(yuyv|uyvy|yvyu|nv16|nv20|p2|y2)/.test(pixelFormat) ? '422' : '420';
}

/** The reference's colour resolution, in the finer of both depths: what the reference has must not get lost before it is compared. */
function commonFormat(reference: VideoStream, distorted: VideoStream): string {
  const bits = Math.max(reference.bitDepth, distorted.bitDepth);
  return `yuv${chromaOf(reference.pixelFormat)}p${bits <= 8 ? '' : bits <= 10 ? '10le' : '12le'}`;
}

/**
 * The reference as it is stored where both have that shape, else as it is shown: in square pixels, and with even sides as
 * a delivery has them.
 */
function commonSize(reference: VideoStream, distorted: VideoStream): Size {
  const [own, other] = [turnedSize(reference, 0), turnedSize(distorted, 0)];
  const alike =
    own.width === other.width && own.height === other.height && sameRational(own.sampleAspect, other.sampleAspect);
  if (alike) return { width: own.width, height: own.height };
  const shown = squareSize(own);
  return { width: even(shown.width), height: even(shown.height) };
}

/** One odd row or column is cut, as a delivery cuts it; anything else is scaled. */
function geometryTo(stream: VideoStream, size: Size): Geometry {
  const { width, height, sampleAspect } = turnedSize(stream, 0);
  const same = width === size.width && height === size.height;
  const odd = valueOf(sampleAspect) === 1 && even(width) === size.width && even(height) === size.height;
  return {
    ...{ turn: 0, unmirror: false, trim: undefined, pad: undefined, scaling: 'bicubic', ...size },
    crop: odd && !same ? { ...size, x: 0, y: 0 } : undefined,
    scale: odd || same ? undefined : size,
  };
}

/** How a film of fields is brought to the frames of one without. */
function deinterlacing(own: Film, other: Film): { readonly filters: readonly string[]; readonly rate: Rational } {
  const rate = naturalRate(own.stream, own.media);
  if (!fieldsIn(own.stream) || fieldsIn(other.stream)) return { filters: [], rate };
  const each = valueOf(naturalRate(other.stream, other.media)) >= FIELD_RATE * valueOf(rate);
  const filters = [`bwdif=mode=send_${each ? 'field' : 'frame'}:parity=auto:deint=all`];
  return { filters, rate: each ? rational(2 * rate.num, rate.den) : rate };
}

function sizeNotes(reference: VideoStream, distorted: VideoStream, size: Size): readonly string[] {
  const [own, other] = [turnedSize(reference, 0), turnedSize(distorted, 0)];
  const aspect = (picture: typeof own): number => (picture.width * valueOf(picture.sampleAspect)) / picture.height;
  const scaled = other.width !== size.width || other.height !== size.height;
  return [
    ...(own.width === size.width && own.height === size.height
      ? []
      : [`the reference (${sizeText(own)}) is compared as ${sizeText(size)}: square pixels, even sides`]),
    ...(scaled ? [`the distorted picture (${sizeText(other)}) is scaled to the reference's ${sizeText(size)}`] : []),
    ...(Math.abs(aspect(own) / aspect(other) - 1) > SAME_SHAPE
      ? ['the two have different shapes: where one is cropped or padded, the pictures do not lie on each other']
      : []),
  ];
}

function rateNotes(reference: Film, distorted: Film, rates: readonly [Rational, Rational], rate: Rational) {
  const fps = formatRational(rate);
  const [own, other] = rates.map(formatRational);
  const varying = [
    ...(isConstantRate(reference.stream, reference.media) ? [] : ['the reference']),
    ...(isConstantRate(distorted.stream, distorted.media) ? [] : ['the distorted film']),
  ];
  return [
    ...(own === other ? [] : [`the frame rates differ (${own} and ${other}): compared at ${fps} pictures a second`]),
    ...varying.map((which) => `${which} has a variable frame rate: compared at ${fps} pictures a second`),
  ];
}

function colourNotes(reference: ColourPlan, distorted: ColourPlan, sides: readonly [VideoStream, VideoStream]) {
  const words = (key: 'range' | 'matrix' | 'primaries' | 'transfer') => [reference.from[key], distorted.from[key]];
  const [own, other] = words('range');
  const differing = (['matrix', 'primaries', 'transfer'] as const).filter((key) => words(key)[0] !== words(key)[1]);
  const hdr = [reference.from, distorted.from].filter(isHdr).length;
  const [one, two] = sides.map(({ pixelFormat }) => pixelFormat);
  const range = (word: string | undefined) => (word === 'pc' ? 'full' : 'limited');
  return [
    ...(own === other ? [] : [`the ranges differ (${range(own)} and ${range(other)}): compared in limited range`]),
    ...(hdr === 1
      ? ['only one of the two is HDR: it is tone-mapped to SDR first, which no two programs do alike']
      : differing.map(
          (key) => `the colour ${key} differs (${words(key).join(' and ')}): converted to the reference's`,
        )),
    ...(sides[0].bitDepth === sides[1].bitDepth
      ? []
      : [`the bit depths differ (${one} and ${two}): compared in the finer`]),
  ];
}

/** What is held at the start is cut, in the middle between two frames. */
const leftOut = (sec: number, framesPerSec: number): readonly string[] =>
  sec > 0 ? ['setpts=PTS-STARTPTS', `trim=start=${(sec - 0.5 / framesPerSec).toFixed(6)}`] : [];

/**
 * Decides how a film is compared with its reference: upright, at the reference's size as it is shown, at the lower of
 * both frame rates, in common colours, each from its first picture on. Pure.
 */
export function planComparison(reference: Film, distorted: Film): PlannedComparison {
  const [own, other] = [reference.stream, distorted.stream];
  const size = commonSize(own, other);
  const pixelFormat = commonFormat(own, other);
  const colours = commonColours(own, other);
  const frames = [deinterlacing(reference, distorted), deinterlacing(distorted, reference)] as const;
  const rates = [frames[0].rate, frames[1].rate] as const;
  const rate = valueOf(rates[1]) < valueOf(rates[0]) ? rates[1] : rates[0];
  const fps = valueOf(rate);
  const held = [heldSec(reference, distorted, fps), heldSec(distorted, reference, fps)] as const;
  const pictures = ({ media, stream }: Film, which: 0 | 1, colour: ColourPlan): ComparedPictures => ({
    inputArgs: ['-protocol_whitelist', 'file', '-i', `file:${media.path}`],
    stream: `${stream.index}`,
    chain: [
      ...leftOut(held[which], fps),
      ...frames[which].filters,
      ...pictureFilters(geometryTo(stream, size), colour, pixelFormat),
    ].join(','),
  });
  const sides = ['the reference', 'the distorted film'] as const;
  const timing = sides.flatMap((side, n) => [
    ...(frames[n]?.filters.length ? [`${side} is interlaced: deinterlaced first`] : []),
    ...(held[n]
      ? [`${side} holds its first picture for ${held[n].toFixed(2)} s where the other has only sound: left out`]
      : []),
  ]);
  return {
    comparison: {
      reference: pictures(reference, 0, colours.reference),
      rate,
      pixelFormat,
      colour: colours.reference.to,
    },
    distorted: pictures(distorted, 1, colours.distorted),
    size,
    notes: [
      ...timing,
      ...sizeNotes(own, other, size),
      ...rateNotes(reference, distorted, rates, rate),
      ...colourNotes(colours.reference, colours.distorted, [own, other]),
    ],
  };
}
