import type { PictureQuality } from '../model/quality.ts';

/** A picture that is far from its reference. */
export interface WorstMoment {
  /** Seconds from the first picture. */
  readonly sec: number;
  readonly ssim: number;
  /** Which of the compared pictures, from 0. */
  readonly frame: number;
}

const MOST = 5;
/** Neighbours are one moment: pictures nearer than this, or than this part of a short film, are shown once. */
const APART_SEC = 1;
const APART_SHARE = 0.1;

/** The moments with the lowest SSIM, worst first. Identical pictures are none, so there may be fewer, or none at all. */
export function worstMoments(pictures: readonly PictureQuality[]): readonly WorstMoment[] {
  const apartSec = Math.min(APART_SEC, (pictures.at(-1)?.sec ?? 0) * APART_SHARE);
  const ranked = [...pictures.keys()].sort((a, b) => (pictures[a]?.ssim ?? 0) - (pictures[b]?.ssim ?? 0));
  const worst: WorstMoment[] = [];
  for (const frame of ranked) {
    const picture = pictures[frame];
    if (!picture || picture.ssim >= 1 || worst.length === MOST) break;
    if (worst.every(({ sec }) => Math.abs(sec - picture.sec) >= apartSec))
      worst.push({ sec: picture.sec, ssim: picture.ssim, frame });
  }
  return worst;
}
