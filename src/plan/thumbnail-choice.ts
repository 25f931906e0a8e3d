/** Sampled pictures are looked at in grey and in this size: what is left of them still tells blur from sharpness. */
export const LOOK = { width: 256, height: 144 } as const;
/** A picture in a few bytes, for likeness: the mean of each block of this many pixels square. */
const BLOCK = 16;

/** What a sampled picture is like. All figures in steps of 8 bits, full range. */
export interface Look {
  readonly mean: number;
  /** Standard deviation of the pixels. */
  readonly contrast: number;
  /** Mean of the Laplacian's absolute value: fine detail, and so focus. */
  readonly sharpness: number;
  readonly blocks: readonly number[];
}

/** The pictures to take, by their place among the samples, ascending. */
export interface Choice {
  readonly places: readonly number[];
  /** How many of them are dark, flat or blurred, because the film has too few others. */
  readonly poor: number;
  /** How many look like another of them, for the same reason. */
  readonly alike: number;
}

function blocksOf(grey: Uint8Array): readonly number[] {
  const across = LOOK.width / BLOCK;
  const sums = new Array<number>(across * (LOOK.height / BLOCK)).fill(0);
  for (let y = 0; y < LOOK.height; y++) {
    for (let x = 0; x < LOOK.width; x++) {
      const block = Math.floor(y / BLOCK) * across + Math.floor(x / BLOCK);
      sums[block] = (sums[block] ?? 0) + (grey[y * LOOK.width + x] ?? 0);
    }
  }
  return sums.map((sum) => sum / BLOCK ** 2);
}

function sharpnessOf(grey: Uint8Array): number {
  const at = (x: number, y: number): number => grey[y * LOOK.width + x] ?? 0;
  let sum = 0;
  for (let y = 1; y < LOOK.height - 1; y++) {
    for (let x = 1; x < LOOK.width - 1; x++) {
      sum += Math.abs(4 * at(x, y) - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1));
    }
  }
  return sum / ((LOOK.width - 2) * (LOOK.height - 2));
}

/** Looks at one grey picture of LOOK's size. */
export function lookAt(grey: Uint8Array): Look {
  let sum = 0;
  let squares = 0;
  for (const value of grey) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / grey.length;
  const contrast = Math.sqrt(Math.max(0, squares / grey.length - mean * mean));
  return { mean, contrast, sharpness: sharpnessOf(grey), blocks: blocksOf(grey) };
}

/** Looks at grey pictures that follow each other without a gap; what is left over of a last one is none. */
export function lookAtAll(grey: Uint8Array): readonly Look[] {
  const bytes = LOOK.width * LOOK.height;
  return Array.from({ length: Math.floor(grey.length / bytes) }, (_, n) =>
    lookAt(grey.subarray(n * bytes, (n + 1) * bytes)),
  );
}

const DARK = 24;
const WHITE = 236;
const FLAT = 10;
/** Less detail than this part of what the film's pictures usually have is out of focus, or in the middle of a dissolve. */
const BLURRED = 0.35;
/** Blocks that differ by less than this on average show the same. */
const ALIKE = 6;

/** Mean difference of two pictures' blocks. */
function difference(one: Look, other: Look): number {
  const sum = one.blocks.reduce((all, value, n) => all + Math.abs(value - (other.blocks[n] ?? 0)), 0);
  return sum / Math.max(1, one.blocks.length);
}

const hasContent = ({ mean, contrast }: Look): boolean => mean >= DARK && mean <= WHITE && contrast >= FLAT;

/** What most of the pictures with anything on them have in detail; 0 where there are none. */
function usualSharpness(looks: readonly Look[]): number {
  const sorted = looks
    .filter(hasContent)
    .map(({ sharpness }) => sharpness)
    .sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** 0 to 1: detail first, then contrast, then an exposure that is neither. */
function worthOf({ mean, contrast, sharpness }: Look, usual: number): number {
  const detail = usual > 0 ? Math.min(1, sharpness / (2 * usual)) : 0;
  return 0.5 * detail + 0.35 * Math.min(1, contrast / 64) + 0.15 * (1 - Math.abs(mean - 118) / 137);
}

interface Candidate {
  readonly place: number;
  readonly look: Look;
  readonly worth: number;
  readonly good: boolean;
}

function best(candidates: readonly Candidate[], rank: (one: Candidate) => number): Candidate | undefined {
  let found: Candidate | undefined;
  for (const one of candidates) if (!found || rank(one) > rank(found)) found = one;
  return found;
}

/**
 * Chooses `count` of a film's sampled pictures, or all where there are fewer: one of each equal part of the film, the best that
 * is neither dark, white, flat nor blurred and shows something that no other shows. What a part does not have, the
 * rest of the film gives; only where it has no more either, poor pictures and repeated ones are taken.
 */
export function choosePictures(looks: readonly Look[], count: number): Choice {
  const usual = usualSharpness(looks);
  const all: readonly Candidate[] = looks.map((look, place) => ({
    ...{ place, look, worth: worthOf(look, usual) },
    good: hasContent(look) && look.sharpness >= BLURRED * usual,
  }));
  const wanted = Math.min(count, all.length);
  const chosen: Candidate[] = [];
  const isNew = ({ look }: Candidate): boolean => chosen.every((one) => difference(one.look, look) >= ALIKE);
  const isFree = (one: Candidate): boolean => !chosen.includes(one);
  const part = all.length / Math.max(1, wanted);
  const good = all.filter((one) => one.good);
  for (let n = 0; n < wanted; n++) {
    const middle = (n + 0.5) * part - 0.5;
    const inPart = good.filter(({ place }) => Math.abs(place - middle) <= part / 2 && place >= n * part - 0.5);
    const found = best(
      inPart.filter(isFree).filter(isNew),
      (one) => one.worth - (0.1 * Math.abs(one.place - middle)) / part,
    );
    if (found) chosen.push(found);
  }
  const apart = ({ place }: Candidate): number =>
    Math.min(all.length, ...chosen.map((one) => Math.abs(one.place - place)));
  const rest = [
    {
      of: () => good.filter(isFree).filter(isNew),
      rank: (one: Candidate) => one.worth + Math.min(1, apart(one) / part),
    },
    { of: () => good.filter(isFree), rank: apart },
    { of: () => all.filter(isFree).filter(isNew), rank: ({ look }: Candidate) => look.contrast },
    { of: () => all.filter(isFree), rank: apart },
  ];
  for (const { of, rank } of rest) {
    for (let more = best(of(), rank); more && chosen.length < wanted; more = best(of(), rank)) chosen.push(more);
  }
  const isAlike = (one: Candidate, n: number): boolean =>
    chosen.slice(0, n).some((earlier) => difference(earlier.look, one.look) < ALIKE);
  return {
    places: chosen.map(({ place }) => place).sort((a, b) => a - b),
    poor: chosen.filter((one) => !one.good).length,
    alike: chosen.filter(isAlike).length,
  };
}
