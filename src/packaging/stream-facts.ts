/** What one segment holds of one stream, whatever its format. Times in ticks of `timescale`. */
export interface StreamFacts {
  readonly kind: 'video' | 'audio' | 'text';
  /** Track id in MP4, packet id in a transport stream. */
  readonly id: number;
  readonly timescale: number;
  /** Decode time at the start: `tfdt`, or the first DTS. */
  readonly decodeTicks: number | undefined;
  /** Earliest presentation time. */
  readonly startTicks: number;
  readonly durationTicks: number;
  /** Pictures, or packets of sound. */
  readonly samples: number;
  readonly startsWithKeyframe: boolean;
}

export interface SegmentFacts {
  readonly bytes: number;
  readonly streams: readonly StreamFacts[];
  /** What is wrong with its structure, one sentence each; empty where it is sound. */
  readonly faults: readonly string[];
}
