import { encoderRow } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import { formatBytes } from '../model/units.ts';
import { besideBytes, framesOf, type Sized } from './estimate.ts';
import { wrong } from './finding.ts';
import { BITRATES_KBPS } from './rate.ts';
import type { ResolvedExport, ResolvedVideo } from './resolved.ts';

/** Which flag the size came from. */
export type SizeFlag = '--target-size' | '--max-size';
export const sizeFlag = ({ maxSize }: OptionValues): SizeFlag =>
  maxSize === undefined ? '--target-size' : '--max-size';

/** Below a picture of this rate nothing is recognised, kbps. */
const LEAST_KBPS = 8;
const EXACT_FROM_SEC = 10;

/** How far below its target a file may be: what two passes keep to, and what short films and other encoders do. */
export function sizeTolerance({ video, timeline }: Pick<ResolvedExport, 'video' | 'timeline'>): number {
  const exact = video.codec === 'h264' || video.codec === 'h265';
  return exact && timeline.durationSec >= EXACT_FROM_SEC ? 0.01 : 0.02;
}

/** Aimed a little below the target, because above it nothing counts. */
export const goalBytes = (targetBytes: number, tolerance: number): number => targetBytes * (1 - 0.45 * tolerance);

/** kbps of a picture that shall take `bytes` in all. Tenths: on a short film a whole kbps is too coarse. */
export const kbpsOf = (bytes: number, durationSec: number): number => Math.round((bytes / 125 / durationSec) * 10) / 10;

/** The same picture at another average; peaks stay within their buffer. */
export function atKbps(video: ResolvedVideo, kbps: number): ResolvedVideo {
  const vbv = 'vbv' in video.rate ? video.rate.vbv : undefined;
  if (!vbv) return { ...video, rate: { mode: 'abr', kbps } };
  return { ...video, rate: { mode: 'vbr', kbps: Math.min(kbps, vbv.maxKbps), vbv } };
}

/** An average whose peaks nothing held, at most twice itself over two seconds of it. */
export function withPeaksHeld(video: ResolvedVideo): ResolvedVideo {
  const { rate } = video;
  if (rate.mode !== 'abr') return video;
  const maxKbps = Math.ceil(2 * rate.kbps);
  return { ...video, rate: { mode: 'vbr', kbps: rate.kbps, vbv: { maxKbps, bufferKbit: 2 * maxKbps } } };
}

/** Bytes beside the picture as far as arithmetic knows them; they are measured before the picture is encoded. */
export const besideThePicture = (sized: Sized, media: MediaInfo): number => besideBytes(sized, media, framesOf(sized));

/** Bytes of the smallest target whose goal leaves the sound and the least picture their place. */
export function leastTarget(sized: Sized, media: MediaInfo): number {
  const least = besideThePicture(sized, media) + LEAST_KBPS * sized.timeline.durationSec * 125;
  return least / goalBytes(1, sizeTolerance(sized));
}

/** Gives the picture what the target leaves for it. A target that not even the sound fits into is a finding. */
export function aimAtSize(
  sized: Sized,
  media: MediaInfo,
  targetBytes: number,
  flag: SizeFlag,
): { readonly video: ResolvedVideo; readonly issues: readonly Issue[] } {
  const { video, timeline } = sized;
  if (timeline.durationSec <= 0) {
    const what = `${flag} needs a source whose length is known: this one's is not`;
    return { video, issues: [wrong('target_size_length', flag, what, '--duration says how much to take')] };
  }
  const beside = besideThePicture(sized, media);
  const kbps = kbpsOf(goalBytes(targetBytes, sizeTolerance(sized)) - beside, timeline.durationSec);
  if (kbps < LEAST_KBPS)
    return {
      video,
      issues: [
        tooSmall(flag, targetBytes, leastTarget(sized, media), { bytes: beside, sounds: sized.audio.length > 0 }),
      ],
    };
  const most = encoderRow(video.encoder)?.maxKbps ?? BITRATES_KBPS.max;
  if (kbps > most) {
    const what = `${flag} ${formatBytes(targetBytes)} would be ${Math.round(kbps)}k: ${video.encoder} takes at most ${most}k`;
    return { video, issues: [wrong('target_too_large', flag, what, 'a smaller size, or a quality')] };
  }
  return { video: atKbps(video, kbps), issues: [] };
}

/** Sizes are told to four places at most: what is told must not be less than what is meant. */
const ROUNDED_UP = 1.001;

/** A target that cannot be reached, with the least that can. `beside`: all but the picture. */
export function tooSmall(
  flag: SizeFlag,
  targetBytes: number,
  leastBytes: number,
  beside: { readonly bytes: number; readonly sounds: boolean },
): Issue {
  const what = beside.sounds ? 'the sound' : 'the container';
  const takes =
    beside.bytes > targetBytes / 2 ? `, of which ${what} takes ${formatBytes(Math.ceil(beside.bytes))}` : '';
  return wrong(
    'target_too_small',
    flag,
    `${flag} ${formatBytes(targetBytes)} cannot be reached: the least for this is ${formatBytes(Math.ceil(leastBytes * ROUNDED_UP))}${takes}`,
    'a larger size, a lower --resolution or --fps, a lower --audio-bitrate, or a shorter part',
    'TARGET',
  );
}
