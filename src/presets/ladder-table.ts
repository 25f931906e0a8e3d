import apple from '../../presets/ladders/apple.json' with { type: 'json' };

/** A rung of a published ladder: the frame that holds its picture, lying, and the most that it takes. */
export interface LadderRow {
  readonly width: number;
  readonly height: number;
  readonly kbps: number;
}

/** A published ladder, with where its figures are from. */
export interface LadderTable {
  readonly source: string;
  readonly url: string;
  readonly checked_on: string;
  readonly segment_sec: number;
  readonly gop_sec: number;
  /** Frames a second that its players take. */
  readonly max_frame_rate: number;
  /** What players begin with: the first rung of a playlist should be near it. */
  readonly start_kbps: number;
  readonly audio: { readonly stereo_kbps: number; readonly surround_kbps: number };
  /** By codec, smallest first; `h265_hdr` where the pictures are HDR. */
  readonly tables: {
    readonly h264: readonly LadderRow[];
    readonly h265: readonly LadderRow[];
    readonly h265_hdr: readonly LadderRow[];
  };
}

export const LADDER: LadderTable = apple;
