/** How near one compared picture is to its reference. */
export interface PictureQuality {
  /** Seconds from the first picture. */
  readonly sec: number;
  /** All planes, 0–1. */
  readonly ssim: number;
  /** dB; Infinity where the pictures are identical. */
  readonly psnr: number;
  /** 0–100; undefined where it was not measured. */
  readonly vmaf: number | undefined;
}

/** How near a film is to its reference, picture by picture. */
export interface MeasuredQuality {
  /** Mean over all compared pictures. */
  readonly ssim: number;
  /** dB, from the mean squared error over all compared pictures; Infinity where they are identical. */
  readonly psnr: number;
  readonly vmaf: number | undefined;
  readonly pictures: readonly PictureQuality[];
  /** Pictures of each side at the common rate; what one has more is compared with nothing. */
  readonly referenceFrames: number;
  readonly distortedFrames: number;
}

/** A film as `compare` tells of it. */
export interface ComparedFilm {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  readonly codec: string;
  /** As shown: turned, in the pixels that are stored. */
  readonly width: number;
  readonly height: number;
  /** `30000/1001`. */
  readonly frame_rate: string;
  readonly pixel_format: string;
  /** Pictures in the file, at its own rate. */
  readonly frames: number;
}

/** What `compare --json` prints: the contract's keys, and what they were measured on. */
export interface ComparisonResult {
  readonly ssim: number;
  /** dB; null where it is infinite, because all pictures are identical: JSON has no Infinity. */
  readonly psnr: number | null;
  readonly vmaf: number | null;
  readonly vmaf_model: string | null;
  /** Pictures compared. */
  readonly frames: number;
  /** Every picture of one is exactly that of the other. */
  readonly identical: boolean;
  /** Worst first, moments apart; empty where no picture differs. `time` in seconds from the first picture. */
  readonly worst: readonly { readonly time: number; readonly ssim: number; readonly frame: number }[];
  readonly reference: ComparedFilm;
  readonly distorted: ComparedFilm;
  /** What both were brought to. */
  readonly compared_as: {
    readonly width: number;
    readonly height: number;
    readonly frame_rate: string;
    readonly pixel_format: string;
  };
  /** What was aligned, what could not be, and what was not measured. */
  readonly notes: readonly string[];
  /** Absolute path of the page, where one was asked for. */
  readonly report: string | null;
}

/** A picture as it lies in its file. */
export interface PacketSize {
  /** When it is shown, seconds from the first picture. */
  readonly sec: number;
  readonly bytes: number;
  /** Decoding can begin with it. */
  readonly key: boolean;
}

/** The same moment in both films, as `data:` URIs. */
export interface PicturePair {
  readonly reference: string;
  readonly distorted: string;
}
