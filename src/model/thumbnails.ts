/** A picture's frame, pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Pictures beside a film, as they were asked for: `count` moments, each in every size. */
export interface ThumbnailWish {
  readonly count: number;
  readonly sizes: readonly PictureSize[];
}

/** The same, with what is known of the film. */
export interface ThumbnailPlan extends ThumbnailWish {
  /** Seconds of the film. */
  readonly durationSec: number;
  /** Filters that bring the film's pictures to what a viewer of JPEG takes them for, before they are scaled; may be empty. */
  readonly filters: readonly string[];
  /** The same for the source, where a copy of it is delivered in place of the film. */
  readonly sourceFilters: readonly string[];
}
