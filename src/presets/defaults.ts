import { type PlatformConstraints, platformConstraints, recommendedVideoRate } from './constraints.ts';
import type { Platform } from './platform.ts';
import { audioRateFor } from './sound-rules.ts';

/** What is delivered, as far as it is known: the frame after scaling where that is decided, else the source's. */
export interface DeliveredFrame {
  /** As displayed. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number | undefined;
  readonly hdr: boolean;
}

export interface PlatformDefaults {
  /** Option keys with raw values, for the platform layer: flags and presets win over them. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** What holds beyond the flags. */
  readonly constraints: PlatformConstraints;
}

/**
 * The defaults of `--platform`. Where a platform has a table of rates, the film is made by quality with the
 * table's upper figure as its maximum, and not at that rate: every upload is encoded again, so what counts is
 * the quality that goes in; a simple picture needs fewer bits than the table says, and a rate fixed in advance
 * would fill the file without a gain. Flags such as `--crf` and `--quality` then keep their plain meaning.
 * More than `max_video_bitrate` is never asked for.
 */
export function platformDefaults(platform: Platform, frame: DeliveredFrame): PlatformDefaults {
  const constraints = platformConstraints(platform);
  const advised = recommendedVideoRate(platform, frame)?.max_kbps;
  const ceiling = Math.min(advised ?? Number.POSITIVE_INFINITY, constraints.maxVideoKbps ?? Number.POSITIVE_INFINITY);
  const sound = constraints.audioRates && audioRateFor(constraints.audioRates, 2);
  return {
    settings: {
      ...platform.recommended_settings,
      ...(Number.isFinite(ceiling) ? { max_bitrate: ceiling } : {}),
      ...(sound ? { audio_bitrate: sound.kbps } : {}),
    },
    constraints,
  };
}
