import { encoderRow, videoCodec } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import { valueOf } from '../model/rational.ts';
import { sampledForecast } from '../plan/forecast.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { besideThePicture, leastTarget, type SizeFlag, tooSmall } from '../plan/size-budget.ts';
import { type Sampling, sampled } from './sampled.ts';

/** H.264's bits for a pixel from which no encoder has trouble to go down to a rate: below, it is tried. */
const SAFE_BITS_PER_PIXEL = 0.03;

function isSafe({ video }: ResolvedExport): boolean {
  const { rate, geometry, frameRate } = video;
  if (rate.mode === 'crf' || rate.mode === 'flavour') return true;
  const pixels = geometry.width * geometry.height * (frameRate ? valueOf(frameRate) : 30);
  return (rate.kbps * 1000) / pixels > SAFE_BITS_PER_PIXEL * (videoCodec(video.codec)?.bitsFactor ?? 1);
}

/** A finding where samples at the encoder's worst quality say that a target cannot be reached. */
async function floorIssues(resolved: ResolvedExport, sampling: Sampling, flag: SizeFlag): Promise<readonly Issue[]> {
  const row = encoderRow(resolved.video.encoder);
  const { targetBytes } = resolved;
  if (targetBytes === undefined || !row?.crf) return [];
  const rate = { mode: 'crf', crf: row.crf.max } as const;
  const worst: ResolvedExport = { ...resolved, video: { ...resolved.video, rate, twoPass: false } };
  const { media } = sampling;
  const { bytes } = sampledForecast(worst, media, await sampled(worst, sampling));
  const least = bytes * (row.crf.leastShare ?? 1);
  if (least <= targetBytes) return [];
  const works = Math.max(least * 1.02, leastTarget(resolved, media));
  const beside = { bytes: besideThePicture(resolved, media), sounds: resolved.audio.length > 0 };
  return [tooSmall(flag, targetBytes, works, beside)];
}

/**
 * Encoders overshoot what they cannot reach, some in silence: where a target leaves little for the picture, samples tell
 * whether it can be reached at all, and where arithmetic alone rules it out, what can. Returns `issues` with what was found.
 */
export async function withSizeFloor(
  issues: readonly Issue[],
  resolved: ResolvedExport,
  sampling: Sampling,
  flag: SizeFlag,
): Promise<readonly Issue[]> {
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length === 0)
    return isSafe(resolved) ? issues : [...issues, ...(await floorIssues(resolved, sampling, flag))];
  if (errors.some(({ code }) => code !== 'target_too_small')) return issues;
  const found = await floorIssues(resolved, sampling, flag);
  return found.length === 0 ? issues : [...issues.filter((issue) => !errors.includes(issue)), ...found];
}
