/** What one segment holds of one stream, whatever its format. Times in ticks of `timescale`. */
export interface StreamFacts {
  readonly kind: 'video' | 'audio' | 'text';
  /** Track id in MP4, packet id in a transport stream. */
  readonly id: number;
  readonly timescale: number;
  /** Decode time at the start: `tfdt`, or the first DTS. */
  readonly decodeTicks: number | undefined;
  /** Earliest presentation time, edit lists not applied. */
  readonly startTicks: number;
  /** What an edit list takes off it. */
  readonly editTicks: number;
  readonly durationTicks: number;
  /** Pictures, or packets of sound. */
  readonly samples: number;
  readonly startsWithKeyframe: boolean;
  /** The length comes from counting frames or samples, not from the distance of packets. */
  readonly sampleCounted: boolean;
}

export interface SegmentFacts {
  readonly bytes: number;
  readonly streams: readonly StreamFacts[];
  /** What is wrong with its structure, one sentence each; empty where it is sound. */
  readonly faults: readonly string[];
}
