import { encoderRow, videoCodec } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import { valueOf } from '../model/rational.ts';
import { sampledForecast } from '../plan/forecast.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { besideThePicture, type SizeFlag, tooSmall } from '../plan/size-budget.ts';
import { type Sampling, sampled } from './sampled.ts';

/** H.264's bits for a pixel from which no encoder has trouble to go down to a rate: below, it is tried. */
const SAFE_BITS_PER_PIXEL = 0.03;

function isSafe({ video }: ResolvedExport): boolean {
  const { rate, geometry, frameRate } = video;
  if (rate.mode === 'crf' || rate.mode === 'flavour') return true;
  const pixels = geometry.width * geometry.height * (frameRate ? valueOf(frameRate) : 30);
  return (rate.kbps * 1000) / pixels > SAFE_BITS_PER_PIXEL * (videoCodec(video.codec)?.bitsFactor ?? 1);
}

/**
 * Encoders overshoot what they cannot reach, some in silence: where a target leaves little for the picture, samples at the
 * encoder's worst quality tell whether it can be reached at all. A finding where it cannot.
 */
export async function sizeFloorIssues(
  resolved: ResolvedExport,
  sampling: Sampling,
  flag: SizeFlag,
): Promise<readonly Issue[]> {
  const row = encoderRow(resolved.video.encoder);
  const { targetBytes } = resolved;
  if (targetBytes === undefined || !row?.crf || isSafe(resolved)) return [];
  const rate = { mode: 'crf', crf: row.crf.max } as const;
  const worst: ResolvedExport = { ...resolved, video: { ...resolved.video, rate, twoPass: false } };
  const { media } = sampling;
  const { bytes } = sampledForecast(worst, media, await sampled(worst, sampling), undefined);
  const least = bytes * (row.crf.leastShare ?? 1);
  return least > targetBytes ? [tooSmall(flag, targetBytes, least * 1.02, besideThePicture(resolved, media))] : [];
}
