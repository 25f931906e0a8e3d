import type { Analyses } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { HardwareOffer } from '../model/hardware.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { QualityLevel } from '../model/option-values.ts';
import type { Layered } from '../presets/layers.ts';
import type { Limits, ResolvedVideo, Timeline } from './resolved.ts';
import type { Target } from './target.ts';

export interface VideoContext {
  readonly media: MediaInfo;
  readonly stream: VideoStream;
  readonly target: Target;
  readonly layered: Layered;
  readonly timeline: Timeline;
  readonly limits: Limits;
  readonly encoders: readonly string[];
  readonly quality: QualityLevel;
  readonly analyses: Analyses;
  readonly threads: number | undefined;
  /** The hardware encoder to take; software where left out. */
  readonly hardware: HardwareOffer | undefined;
}

export interface VideoDecision {
  readonly video: ResolvedVideo | undefined;
  readonly issues: readonly Issue[];
}
