import type { ColourTags } from '../model/media.ts';
import { chromaOf, type DeliveryFacts } from './facts.ts';
import { ratioOf } from './platform.ts';
import { anyOf, plain, type RuleKind, type RuleKinds, ruleAbout } from './rule-kind.ts';

/** 854×480 is 16:9 as near as even numbers allow. */
const ASPECT_TOLERANCE = 0.01;
/** A rate read off timestamps is not exact: 60.02 is 60, and 22.99 is 23. */
const RATE_TOLERANCE = 0.03;

const pixels = (value: number): string => `${value} px`;

function atMost(title: string, side: (facts: DeliveryFacts) => number | undefined): RuleKind<number> {
  return ruleAbout({
    title,
    flag: '--resolution',
    hint: 'a smaller --resolution',
    fact: side,
    wanted: (limit) => `at most ${pixels(limit)}`,
    show: pixels,
    holds: (limit, value) => value <= limit,
  });
}

function atLeast(title: string, side: (facts: DeliveryFacts) => number | undefined): RuleKind<number> {
  return ruleAbout({
    title,
    flag: '--resolution',
    hint: 'a larger --resolution with --upscale',
    fact: side,
    wanted: (limit) => `at least ${pixels(limit)}`,
    show: pixels,
    holds: (limit, value) => value >= limit,
  });
}

function sideOf(pick: (width: number, height: number) => number) {
  return ({ width, height }: DeliveryFacts): number | undefined =>
    width === undefined || height === undefined ? undefined : pick(width, height);
}

/** Width to height as a viewer sees it: anamorphic pictures count with their pixels' shape. */
function shownAspect({ width, height, sampleAspect }: DeliveryFacts): number | undefined {
  return width === undefined || height === undefined ? undefined : (width / height) * (sampleAspect ?? 1);
}

function aspectText(aspect: number): string {
  const known = ['16:9', '9:16', '1:1', '4:3', '3:4', '4:5', '5:4', '3:2', '2:3', '21:9'];
  const name = known.find((text) => Math.abs(ratioOf(text) / aspect - 1) <= ASPECT_TOLERANCE);
  return name ?? (aspect >= 1 ? `${plain(aspect)}:1` : `1:${plain(1 / aspect)}`);
}

/** Code points 1, 6, 14 and 15 of ITU-T H.273 are one curve. */
const BT709_CURVES = ['bt709', 'smpte170m', 'bt2020-10', 'bt2020-12'];

function colourText({ primaries, transfer, matrix }: ColourTags): string {
  const tags = [primaries, transfer, matrix].map((tag) => tag ?? 'not stated');
  return new Set(tags).size === 1 ? (tags[0] ?? '') : `primaries ${tags[0]}, transfer ${tags[1]}, matrix ${tags[2]}`;
}

const rateText = (fps: number): string => `${Math.round(fps * 1000) / 1000} fps`;
const longSide = sideOf(Math.max);
const shortSide = sideOf(Math.min);

/** Rules about the picture: its size, shape, cadence and samples. */
export const PICTURE_RULES: RuleKinds<
  | 'max_width'
  | 'max_height'
  | 'min_width'
  | 'min_height'
  | 'max_long_side'
  | 'max_short_side'
  | 'min_long_side'
  | 'min_short_side'
  | 'aspect_ratio'
  | 'recommended_aspect'
  | 'max_frame_rate'
  | 'min_frame_rate'
  | 'constant_frame_rate'
  | 'progressive'
  | 'pixel_format'
  | 'bit_depth'
  | 'sample_aspect'
  | 'colour_space'
  | 'hdr'
  | 'rotation_matrix'
> = {
  max_width: atMost('width', (facts) => facts.width),
  max_height: atMost('height', (facts) => facts.height),
  min_width: atLeast('width', (facts) => facts.width),
  min_height: atLeast('height', (facts) => facts.height),
  max_long_side: atMost('longer side', longSide),
  max_short_side: atMost('shorter side', shortSide),
  min_long_side: atLeast('longer side', longSide),
  min_short_side: atLeast('shorter side', shortSide),
  aspect_ratio: ruleAbout({
    title: 'shape',
    flag: '--resolution',
    hint: 'an exact frame, such as --resolution 1080p, 1080p_v or 1080p_sq with --fit pad or cover',
    fact: shownAspect,
    wanted: ({ min, max }) => `${min} to ${max}`,
    show: aspectText,
    holds: ({ min, max }, found) =>
      found >= ratioOf(min) * (1 - ASPECT_TOLERANCE) && found <= ratioOf(max) * (1 + ASPECT_TOLERANCE),
  }),
  recommended_aspect: ruleAbout({
    title: 'shape',
    flag: '--resolution',
    hint: 'an exact frame, such as --resolution 1080p_v, with --fit pad or cover',
    advice: true,
    fact: shownAspect,
    wanted: (shapes) => anyOf(shapes),
    show: aspectText,
    holds: (shapes, found) => shapes.some((shape) => Math.abs(ratioOf(shape) / found - 1) <= ASPECT_TOLERANCE),
  }),
  max_frame_rate: ruleAbout({
    title: 'frame rate',
    flag: '--fps',
    hint: (fps) => `--fps ${fps}`,
    fact: (facts) => facts.frameRate,
    wanted: (fps) => `at most ${rateText(fps)}`,
    show: rateText,
    holds: (fps, found) => found <= fps + RATE_TOLERANCE,
  }),
  min_frame_rate: ruleAbout({
    title: 'frame rate',
    flag: '--fps',
    hint: (fps) => `--fps ${[24, 25, 30].find((rate) => rate >= fps) ?? fps}`,
    fact: (facts) => facts.frameRate,
    wanted: (fps) => `at least ${rateText(fps)}`,
    show: rateText,
    holds: (fps, found) => found >= fps - RATE_TOLERANCE,
  }),
  constant_frame_rate: ruleAbout({
    title: 'steady frame rate',
    flag: '--fps',
    hint: 'export it with --fps',
    fact: (facts) => facts.constantFrameRate,
    wanted: () => 'constant',
    show: (constant) => (constant ? 'constant' : 'variable'),
    holds: (_, constant) => constant,
  }),
  progressive: ruleAbout({
    title: 'scan',
    flag: '--deinterlace',
    hint: '--deinterlace on',
    fact: (facts) => facts.progressive,
    wanted: () => 'progressive',
    show: (progressive) => (progressive ? 'progressive' : 'interlaced'),
    holds: (_, progressive) => progressive,
  }),
  pixel_format: ruleAbout({
    title: 'chroma',
    flag: '--codec',
    hint: 'export it with this platform, or ffmpeg -pix_fmt yuv420p',
    fact: ({ pixelFormat }) => (pixelFormat === undefined ? undefined : (chromaOf(pixelFormat) ?? pixelFormat)),
    wanted: (allowed) => anyOf(allowed),
    show: (chroma) => chroma,
    holds: (allowed, chroma) => allowed.includes(chroma),
  }),
  bit_depth: ruleAbout({
    title: 'bit depth',
    flag: '--codec',
    hint: 'export it with this platform, or ffmpeg -pix_fmt yuv420p',
    fact: (facts) => facts.bitDepth,
    wanted: (bits) => `at most ${bits} bits`,
    show: (bits) => `${bits} bits`,
    holds: (bits, found) => found <= bits,
  }),
  sample_aspect: ruleAbout({
    title: 'pixel shape',
    flag: '--resolution',
    hint: 'export it again: pixels become square',
    fact: (facts) => facts.sampleAspect,
    wanted: () => 'square (1:1)',
    show: (aspect) => (aspect === 1 ? 'square (1:1)' : `${Math.round(aspect * 1000) / 1000}:1`),
    holds: (_, aspect) => Math.abs(aspect - 1) < 0.001,
  }),
  colour_space: ruleAbout({
    title: 'colour space',
    flag: '--platform',
    hint: 'export it with this platform',
    advice: true,
    concerns: ({ hdr }) => (hdr === undefined ? undefined : !hdr),
    fact: (facts) => facts.colour,
    wanted: () => 'BT.709',
    show: colourText,
    holds: (_, { primaries, transfer, matrix }) =>
      primaries === 'bt709' && matrix === 'bt709' && BT709_CURVES.includes(transfer ?? ''),
  }),
  hdr: ruleAbout({
    title: 'dynamic range',
    flag: '--hdr',
    hint: ({ allowed }) => (allowed ? '--hdr tonemap, or a larger --resolution' : '--hdr tonemap'),
    fact: (facts) => (facts.hdr && shortSide(facts) === undefined ? undefined : facts.hdr),
    wanted: ({ allowed, min_short_side: least }) =>
      allowed ? `SDR, or HDR${least === undefined ? '' : ` from ${least} lines up`}` : 'SDR',
    show: (hdr) => (hdr ? 'HDR' : 'SDR'),
    holds: ({ allowed, min_short_side: least }, hdr, facts) =>
      !hdr || (allowed && (shortSide(facts) ?? 0) >= (least ?? 0)),
  }),
  rotation_matrix: ruleAbout({
    title: 'rotation',
    flag: '--rotate',
    hint: 'export it again: the picture itself is turned',
    fact: (facts) => facts.rotationMatrix,
    wanted: () => 'upright as stored',
    show: (matrix) => (matrix ? 'turned by a matrix' : 'upright as stored'),
    holds: (_, matrix) => !matrix,
  }),
};
