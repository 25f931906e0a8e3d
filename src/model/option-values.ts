import type { CropBox } from './media.ts';
import type { Rational } from './rational.ts';
import type { PictureSize } from './thumbnails.ts';
import type { TimeSpec } from './units.ts';

export const QUALITY_LEVELS = ['draft', 'low', 'medium', 'high', 'ultra'] as const;
export type QualityLevel = (typeof QUALITY_LEVELS)[number];
export const SPEEDS = ['ultrafast', 'fast', 'medium', 'slow', 'veryslow'] as const;
export type Speed = (typeof SPEEDS)[number];
export const VIDEO_CODEC_IDS = ['h264', 'h265', 'vp9', 'av1', 'prores', 'dnxhr', 'copy'] as const;
export type VideoCodecId = (typeof VIDEO_CODEC_IDS)[number];
export const AUDIO_CODEC_IDS = ['aac', 'mp3', 'opus', 'pcm', 'flac', 'copy', 'none'] as const;
export type AudioCodecId = (typeof AUDIO_CODEC_IDS)[number];
export const CONTAINER_IDS = ['mp4', 'mov', 'webm', 'mkv'] as const;
export type ContainerId = (typeof CONTAINER_IDS)[number];
export type RateMode = 'crf' | 'vbr' | 'cbr' | 'abr';
export type Fit = 'contain' | 'cover' | 'stretch' | 'pad';
export type Scaling = 'bilinear' | 'bicubic' | 'lanczos' | 'spline';
export type Downmix = 'dialogue' | 'standard' | 'dpl2';

/** `720p` by its name, `1280x720` by its numbers, or the source's own size. */
export type ResolutionSpec =
  | { readonly kind: 'source' }
  | { readonly kind: 'name'; readonly id: string }
  | { readonly kind: 'exact'; readonly width: number; readonly height: number };

/** Which part of the upright picture is delivered: all of it, what lies between black bars, or a box in its pixels. */
export type CropSpec = { readonly kind: 'off' } | { readonly kind: 'auto' } | ({ readonly kind: 'box' } & CropBox);

/** How near the picture shall be to its source: SSIM 0–1, PSNR in dB, VMAF 0–100. */
export interface QualityTarget {
  readonly metric: 'ssim' | 'psnr' | 'vmaf';
  readonly value: number;
}

/** What gives way first where a file would be too large. */
export type SizePriority = 'quality' | 'balanced' | 'size';

/** What becomes of an output that is larger than its source. */
export type IfLarger = 'warn' | 'fail' | 'keep-source';

/** What a file is made for, where no flag says otherwise. */
export const OPTIMIZE_GOALS = ['streaming', 'download', 'archive'] as const;
export type OptimizeGoal = (typeof OPTIMIZE_GOALS)[number];

/** How frames come about that the source does not have at that moment. */
export type FpsMode = 'drop' | 'blend' | 'interpolate';

/** What becomes of subtitles; a file is added as a track. Its path is as typed. */
export type SubtitleWish =
  | { readonly kind: 'keep' | 'burn' | 'drop' }
  | { readonly kind: 'file'; readonly path: string };
export const SUBTITLE_EXTENSIONS = ['srt', 'ass', 'ssa', 'vtt'] as const;

/** Every setting that a request may carry; undefined means that nobody gave it. Times in seconds, bitrates in kbps, sizes in bytes. */
export interface OptionValues {
  readonly output?: string;
  readonly preset?: string;
  readonly platform?: string;
  readonly allow?: readonly string[];
  readonly codec?: VideoCodecId;
  readonly audioCodec?: AudioCodecId;
  readonly container?: ContainerId;
  readonly quality?: QualityLevel;
  readonly mode?: RateMode;
  readonly crf?: number;
  readonly bitrate?: number;
  readonly maxBitrate?: number;
  readonly twoPass?: boolean;
  readonly targetQuality?: QualityTarget;
  readonly bestEffort?: boolean;
  /** Bytes. */
  readonly targetSize?: number;
  /** Bytes. */
  readonly maxSize?: number;
  /** The name that one of the two sizes was given by: the id of a `SizeCap`. */
  readonly sizeCap?: string;
  readonly sizePriority?: SizePriority;
  readonly optimizeFor?: OptimizeGoal;
  readonly speed?: Speed;
  readonly set?: readonly string[];
  readonly resolution?: ResolutionSpec;
  readonly resolutionLimit?: ResolutionSpec;
  readonly upscale?: boolean;
  readonly fit?: Fit;
  readonly scaling?: Scaling;
  readonly fps?: Rational | 'source';
  readonly fpsMode?: FpsMode;
  readonly crop?: CropSpec;
  readonly hw?: 'auto' | 'off' | 'nvenc' | 'qsv' | 'vaapi' | 'videotoolbox' | 'amf';
  /** A device's number, as `doctor` counts them. */
  readonly gpu?: number;
  readonly hwFallback?: boolean;
  readonly hdr?: 'auto' | 'keep' | 'tonemap';
  readonly deinterlace?: 'auto' | 'on' | 'off' | 'detelecine';
  readonly rotate?: 0 | 90 | 180 | 270;
  readonly audioBitrate?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly audioTrack?: string;
  readonly downmix?: Downmix;
  /** LUFS. */
  readonly loudness?: number;
  readonly subtitles?: SubtitleWish;
  readonly start?: TimeSpec;
  readonly duration?: TimeSpec;
  readonly verify?: 'fast' | 'full' | 'off';
  readonly minSsim?: number;
  readonly metadata?: 'keep' | 'strip';
  readonly keepTimes?: boolean;
  readonly tolerateErrors?: boolean;
  readonly ifLarger?: IfLarger;
  readonly timeout?: TimeSpec;
  readonly overwrite?: boolean;
  readonly skipExisting?: boolean;
  readonly cache?: boolean;
  readonly name?: string;
  readonly fragmented?: boolean;
  readonly dryRun?: boolean;
  readonly receipt?: string;
  readonly depfile?: string;
  readonly report?: string;
  readonly thumbnails?: readonly PictureSize[];
  readonly thumbnailCount?: number;
}
export type OptionKey = keyof OptionValues;
