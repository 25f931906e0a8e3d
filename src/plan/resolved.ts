import type { Gop, Rate } from '../codecs/encoder-row.ts';
import type { Gain } from '../model/analyses.ts';
import type { DeviceAddress, SessionPool } from '../model/hardware.ts';
import type { CropBox, HdrMetadata, SubtitleFile } from '../model/media.ts';
import type { AudioCodecId, ContainerId, FpsMode, Scaling, Speed, VideoCodecId } from '../model/option-values.ts';
import type { Rational } from '../model/rational.ts';
import type { Settings, SettingsFrom } from '../model/settings.ts';
import type { ThumbnailWish } from '../model/thumbnails.ts';
import type { HardwareKind } from '../model/toolchain.ts';
import type { PlatformConstraints } from '../presets/constraints.ts';

/** What a platform asks of the planner; empty without one. */
export type Limits = Partial<PlatformConstraints>;

/** A request with every decision made, and nothing left to ask: plain data, from which a plan follows. */
export interface ResolvedExport {
  readonly source: string;
  readonly destination: string;
  readonly container: ContainerId;
  readonly fragmented: boolean;
  readonly noEditList: boolean;
  /** Matroska's index before its pictures, as MP4 always has it. */
  readonly indexFirst?: true;
  readonly timeline: Timeline;
  readonly video: ResolvedVideo;
  /** The file's size as asked for, bytes: the rate is found by what comes out. */
  readonly targetBytes?: number | undefined;
  /** A file that comes out larger is made again, for this size. */
  readonly maxBytes?: number | undefined;
  /** How it was brought below a maximum. */
  readonly sizeSteps?: { readonly steps: readonly SizeStep[]; readonly byQuality: ByQuality } | undefined;
  readonly audio: readonly ResolvedAudio[];
  readonly subtitles: readonly ResolvedSubtitle[];
  /** A track that is drawn into the picture. */
  readonly burn?: ResolvedBurn | undefined;
  /** Where the tracks come from that are `fromFile`. */
  readonly subtitleFile?: SubtitleFile | undefined;
  readonly extras: ResolvedExtras;
  /** Pictures that go beside the film: they do not change it. */
  readonly thumbnails?: ThumbnailWish | undefined;
  readonly settings: Settings;
  readonly settingsFrom: SettingsFrom;
}

/** One step on the way below a size. */
export interface SizeStep {
  readonly step: 'codec' | 'bitrate' | 'resolution' | 'frame_rate';
  readonly what: string;
  readonly gain_bytes: number;
  /** A forecast, or what the finished file came to against the film as its quality alone would have it. */
  readonly gain_from: 'forecast' | 'result';
}

/** What a film would take whose quality alone decides, and who says so: an encode of it, samples, or arithmetic. */
export interface ByQuality {
  readonly bytes: number;
  readonly from: 'encode' | 'arithmetic' | 'samples' | 'whole';
}

/** Where the output's time line lies on the source's. All in seconds. */
export interface Timeline {
  /** `-ss` before the input, from the container's start: 0 = no seek. */
  readonly seekSec: number;
  /** Filter time (after ffmpeg's own shift and the seek) of the output's zero. */
  readonly originSec: number;
  /** Where the part begins, on the source's own time line as people count it (0 = the first picture). */
  readonly startSec: number;
  /** Length of the output's picture. */
  readonly durationSec: number;
  /** A part was asked for: cut at both ends. */
  readonly cutStart: boolean;
  readonly cutEnd: boolean;
  /** The picture starts this much after zero: the first one is held, unless it is copied. */
  readonly holdSec: number;
}

/** `frame`: one picture of two fields; `field`: one of each; `detelecine`: the film's pictures put together again. */
export type Deinterlace = 'off' | 'frame' | 'field' | 'detelecine';

export interface ResolvedVideo {
  readonly index: number;
  readonly codec: VideoCodecId;
  /** `copy`, or ffmpeg's encoder. */
  readonly encoder: string;
  /** Where it runs, if not in software. */
  readonly hardware?: ResolvedHardware | undefined;
  readonly geometry: Geometry;
  /** Undefined: the source's timestamps are kept. */
  readonly frameRate: Rational | undefined;
  /** Undefined when it cannot be known before decoding. */
  readonly frames: number | undefined;
  readonly deinterlace: Deinterlace;
  readonly fpsMode: FpsMode;
  readonly colour: ColourPlan;
  readonly pixelFormat: string;
  readonly flattenAlpha: boolean;
  /** Closed captions within the pictures are left out, whatever the encoder would do with them. */
  readonly dropsCaptions?: true;
  /** ffmpeg's decoder, where its own choice would lose something. */
  readonly decoder: string | undefined;
  readonly rate: Rate;
  readonly speed: Speed;
  readonly twoPass: boolean;
  readonly gop: Gop;
  readonly threads: number | undefined;
  /** Few pictures wait for being looked at ahead; no where left out. */
  readonly leanLookahead?: boolean;
  readonly custom: Readonly<Record<string, string>>;
}

export interface ResolvedHardware {
  readonly kind: HardwareKind;
  readonly device: DeviceAddress;
  readonly sessions?: SessionPool | undefined;
  /** The filters that do all of the chain on the device, where it decodes the source too; else pictures are decoded and filtered in software. */
  readonly chain: string | undefined;
}

/** From the picture as ffmpeg decodes it (rotation applied) to the frame that is delivered. */
export interface Geometry {
  /** Clockwise turn that is still to be made after ffmpeg's own. */
  readonly turn: 0 | 90 | 180 | 270;
  /** ffmpeg's own turn mirrored the picture too, which is undone first. */
  readonly unmirror: boolean;
  /** Cut from the turned picture before scaling: undefined = nothing. */
  readonly crop: CropBox | undefined;
  /** Undefined = no scaling. */
  readonly scale: { readonly width: number; readonly height: number } | undefined;
  readonly scaling: Scaling;
  /** Cut after scaling, for `cover`. */
  readonly trim: { readonly width: number; readonly height: number } | undefined;
  readonly pad: { readonly width: number; readonly height: number } | undefined;
  /** The delivered frame. */
  readonly width: number;
  readonly height: number;
}

/** Colour tags with no gap left, in ffmpeg's names. */
export interface Colour {
  readonly range: string;
  readonly primaries: string;
  readonly transfer: string;
  readonly matrix: string;
}

/** What happens to the colours: `from` is what the source's pixels are taken for, `to` what they become. */
export interface ColourPlan {
  readonly from: Colour;
  readonly to: Colour;
  readonly kind: 'keep' | 'range' | 'matrix' | 'full' | 'tonemap';
  /** Static HDR metadata to carry. */
  readonly hdr: HdrMetadata | undefined;
  /** Peak of the source, cd/m², for tone mapping. */
  readonly peakNits: number;
}

export interface ResolvedAudio {
  readonly index: number;
  /** No track of the source: silence, as long as the picture. */
  readonly silent?: true;
  readonly codec: AudioCodecId;
  /** `copy`, or ffmpeg's encoder. */
  readonly encoder: string;
  readonly kbps: number | undefined;
  readonly bits: 16 | 24;
  readonly channels: number;
  readonly layout: string | undefined;
  /** A filter that mixes down, or undefined. */
  readonly mix: string | undefined;
  readonly sampleRate: number;
  /** Brings the track to the loudness that was asked for. */
  readonly loudness: Gain | undefined;
  readonly language: string | undefined;
  readonly isDefault: boolean;
}

/** A track that is drawn into the picture, as it is made: of text or of pictures. */
export type ResolvedBurn = BurnedText | BurnedPictures;

export interface BurnedText {
  readonly kind: 'text';
  readonly index: number;
  /** `copy`, or ffmpeg's encoder. */
  readonly encoder: string;
  /** Stream indices of attached fonts. */
  readonly fonts: readonly number[];
}

export interface BurnedPictures {
  readonly kind: 'pictures';
  readonly index: number;
  /** Where the container's time begins. */
  readonly startSec: number;
  /** Size of the subtitles' canvas where the track does not say it. */
  readonly canvas: { readonly width: number; readonly height: number } | undefined;
  /** The source's picture, upright, which the subtitles' canvas covers. */
  readonly picture: { readonly width: number; readonly height: number };
}

export interface ResolvedSubtitle {
  readonly index: number;
  /** `copy`, or ffmpeg's encoder. */
  readonly encoder: string;
  /** ffprobe's name of what comes out. */
  readonly probeName: string;
  /** Of the file that `--subtitles` names, not of the source. */
  readonly fromFile?: true;
}

export interface ResolvedExtras {
  readonly chapters: 'keep' | 'shift' | 'drop';
  readonly metadata: 'keep' | 'strip' | 'drop-location';
  /** Stream index of a cover picture that is carried over. */
  readonly cover: number | undefined;
  readonly attachments: readonly number[];
  /** Timecode of the first frame, for containers that hold one. */
  readonly timecode: string | undefined;
}
