import type { Step } from '../model/plan.ts';
import { type Rational, valueOf } from '../model/rational.ts';
import type { PictureSize } from '../model/thumbnails.ts';
import { isHdr } from './colour.ts';
import type { Cut } from './ladder.ts';
import type { ResolvedVideo } from './resolved.ts';
import { planSprites, type SpritePlan, type SpriteWish, spriteCount } from './sprites.ts';
import { toBt709 } from './thumbnails.ts';

/** A rung with its finished film. */
export interface FilmedRung {
  /** Its name in the scratch folder. */
  readonly film: string;
  readonly video: Pick<ResolvedVideo, 'geometry' | 'colour'>;
}

/** The sheets of thumbnails that a stream has beside its film. */
export interface SheetsPlan {
  readonly step: Step;
  readonly wish: SpriteWish;
  readonly sprites: SpritePlan;
  /** Ticks a second. */
  readonly timescale: number;
  /** What one picture stands for: whole groups of pictures. */
  readonly tileTicks: number;
}

/** Frame of one picture, lying: large enough for a preview above a seek bar, small enough to come at once. */
const TILE: PictureSize = { width: 320, height: 180 };
const MOST_COLUMNS = 5;
/** Seconds between two pictures: a long film needs no more of them than its seek bar has room for. */
const STEPS = [
  { upToSec: 300, stepSec: 2 },
  { upToSec: 1800, stepSec: 4 },
  { upToSec: Number.POSITIVE_INFINITY, stepSec: 10 },
] as const;

const even = (n: number): number => Math.max(2, 2 * Math.round(n / 2));

/** In the picture's shape, and not larger than it. */
function tileOf({ width, height }: PictureSize): PictureSize {
  const [most, least] = [TILE.width, TILE.height];
  const frame = height > width ? { width: least, height: most } : { width: most, height: least };
  const factor = Math.min(1, frame.width / width, frame.height / height);
  return { width: even(width * factor), height: even(height * factor) };
}

/** Groups of pictures that one thumbnail stands for. */
function gopsOf(durationSec: number, gopSec: number): number {
  const stepSec = STEPS.find(({ upToSec }) => durationSec <= upToSec)?.stepSec ?? 10;
  return Math.max(1, Math.round(stepSec / gopSec));
}

/** 5 × 5 on a sheet, fewer where the film has no more. */
export function streamSprites(picture: PictureSize, durationSec: number, gopSec: number): SpriteWish {
  const intervalSec = gopSec * gopsOf(durationSec, gopSec);
  const count = spriteCount(durationSec, intervalSec);
  const columns = Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(count)));
  const rows = Math.min(MOST_COLUMNS, Math.ceil(count / columns));
  return { tile: tileOf(picture), columns, rows, intervalSec };
}

const pixels = ({ video: { geometry } }: FilmedRung): number => geometry.width * geometry.height;
const isSdr = ({ video }: FilmedRung): boolean => !isHdr(video.colour.to);

/**
 * Plans the sheets of a stream: of its smallest rung, as that is decoded fastest, and of one in SDR where there is one.
 * They are read off keyframes, one group or more apart. Undefined without rungs.
 */
export function planSheets(
  rungs: readonly FilmedRung[],
  durationSec: number,
  cut: Cut,
  rate: Rational,
): SheetsPlan | undefined {
  const sdr = rungs.filter(isSdr);
  const [rung] = [...(sdr.length > 0 ? sdr : rungs)].sort((a, b) => pixels(a) - pixels(b));
  if (!rung) return undefined;
  const { geometry, colour } = rung.video;
  const wish = streamSprites(geometry, durationSec, cut.gopSec);
  const filters = toBt709(colour.to, colour.peakNits);
  const sprites = planSprites({ film: rung.film, durationSec, filters, keyframesOnly: true }, wish, 'thumbnails');
  return {
    ...{ wish, sprites, timescale: rate.num },
    tileTicks: cut.gopFrames * Math.round((wish.intervalSec * valueOf(rate)) / cut.gopFrames) * rate.den,
    step: {
      ...{ id: 'thumbnails', stage: 'optimization', args: sprites.args, mediaSec: durationSec },
      ...{ writes: sprites.sheets, readsSource: false },
    },
  };
}
