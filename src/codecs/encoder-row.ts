import type { DeviceAddress } from '../model/hardware.ts';
import type { ColourTags, HdrMetadata } from '../model/media.ts';
import type { QualityLevel, RateMode, Speed } from '../model/option-values.ts';
import type { Rational } from '../model/rational.ts';
import type { HardwareKind } from '../model/toolchain.ts';

/** Rate control as resolved. Bitrates in kbps, buffers in kbit; a maximum always comes with its buffer. */
export type Rate =
  | { readonly mode: 'crf'; readonly crf: number; readonly vbv?: Vbv }
  | { readonly mode: 'vbr'; readonly kbps: number; readonly vbv: Vbv }
  | { readonly mode: 'cbr'; readonly kbps: number; readonly vbv: Vbv }
  | { readonly mode: 'abr'; readonly kbps: number }
  /** Fixed by the flavour's own table, as in ProRes and DNxHR. */
  | { readonly mode: 'flavour'; readonly flavour: string };

export interface Vbv {
  readonly maxKbps: number;
  readonly bufferKbit: number;
}

/** Everything that an encoder row needs to write its arguments. */
export interface EncodeSpec {
  readonly rate: Rate;
  readonly speed: Speed;
  readonly width: number;
  readonly height: number;
  /** Undefined where the output keeps a variable rate. */
  readonly frameRate: Rational | undefined;
  readonly pixelFormat: string;
  readonly gop: Gop;
  readonly colour: ColourTags;
  readonly hdr: HdrMetadata | undefined;
  readonly container: string;
  /** Threads that this encode may use; undefined = the encoder's own choice. */
  readonly threads: number | undefined;
  /** Others keep the cores busy: an encoder that can looks ahead with fewer pictures waiting for it. No where left out. */
  readonly leanLookahead?: boolean;
  readonly pass: 1 | 2 | undefined;
  /** Where a hardware encoder runs. */
  readonly device?: DeviceAddress | undefined;
  /** `--set` and what a platform asks for beyond the flags: checked against `settings`. */
  readonly custom: Readonly<Record<string, string>>;
}

export interface Gop {
  /** Seconds between keyframes, forced on time. */
  readonly sec: number;
  /** The same in frames at the output's rate, rounded up: the encoder's own limit. */
  readonly frames: number;
  /** A keyframe every so many frames and nowhere else, whatever the picture does: renditions of a stream are switched there. */
  readonly exact?: true;
  readonly bFrames?: number;
  /** H.264 High with CABAC, B-frames and 8x8 transform whatever the speed. */
  readonly fullHigh?: boolean;
}

/** A pixel format that an encoder takes, with what decides between them. */
export interface FormatRow {
  readonly name: string;
  readonly depth: 8 | 10 | 12 | 16;
  readonly chroma: 420 | 422 | 444;
  readonly alpha: boolean;
  /** ffprobe's names of the profile that comes out, where one is promised. */
  readonly profiles?: readonly string[];
  /** ffmpeg's version whose encoder takes it first, where 5.1's does not. */
  readonly since?: Release;
}

type Release = readonly [major: number, minor: number];

const isOlder = (release: Release, than: Release): boolean =>
  release[0] < than[0] || (release[0] === than[0] && release[1] < than[1]);

/** Whether an ffmpeg's encoder takes a pixel format, as far as its version tells. */
export const isTakenBy = ({ since }: FormatRow, release: Release): boolean =>
  since === undefined || !isOlder(release, since);

/** How one `--set` key is checked. */
export type SettingRule =
  | { readonly type: 'int' | 'number'; readonly min: number; readonly max: number; readonly help: string }
  | { readonly type: 'enum'; readonly values: readonly string[]; readonly help: string };

/** One encoder of ffmpeg: adding an encoder is adding a row and a golden case. */
export interface EncoderRow {
  /** ffmpeg's name: `libx264`. */
  readonly encoder: string;
  readonly hardware: HardwareKind | null;
  /** Preferred first; the planner picks by the source and by what codec, container and platform allow. */
  readonly formats: readonly FormatRow[];
  /** Constant quality scale: undefined where the encoder has none. */
  readonly crf?: {
    readonly min: number;
    readonly max: number;
    readonly best: number;
    readonly whole: boolean;
    /** Two passes go below what the worst constant quality takes, down to this part of it; 1 where left out. */
    readonly leastShare?: number;
    /** Below this, 8-bit pictures become lossless, in a profile of its own. */
    readonly losslessBelow?: number;
  };
  /** Highest bitrate that the encoder takes, where it is not ffmpeg's own. */
  readonly maxKbps?: number;
  /** CRF, or flavour, of each quality level. */
  readonly levels: Readonly<Record<QualityLevel, number | string>>;
  /** The levels are a guess: nobody measured yet how they look beside the software's. */
  readonly levelsUnmeasured?: true;
  /** What the number of constant quality is, where it is not the encoder's own. */
  readonly crfMeans?: string;
  /** How each level looks beside x264's: VMAF points, above zero better, of four clips at 640×360 and medium speed. */
  readonly vmafFromH264?: Readonly<Record<QualityLevel, LookRange>>;
  readonly modes: readonly RateMode[];
  /** A maximum does not bound its constant quality. */
  readonly uncapped?: true;
  /** Two passes: the names, in the scratch folder, of the log that the first pass must leave (not empty). */
  readonly twoPass: readonly string[] | null;
  /** Modes in which one pass strays from its rate: they take two where nothing else is said. */
  readonly twoPassModes?: readonly RateMode[];
  /** What each speed means here, in the encoder's words: shown by `codecs ID`. */
  readonly speeds: Readonly<Record<Speed, string>> | null;
  /** Speeds at which H.264 leaves out CABAC, B-frames and the 8x8 transform, unless it is told otherwise. */
  readonly basicSpeeds?: readonly Speed[];
  /** Flavours with the pixel formats they need, for editing codecs. */
  readonly flavours?: Readonly<Record<string, Flavour>>;
  /** Frames of at most so many macroblocks take this much more for each than 1080p does; ascending, larger ones as much. */
  readonly smallFrames?: readonly { readonly macroblocks: number; readonly factor: number }[];
  readonly settings: Readonly<Record<string, SettingRule>>;
  /** Only whole pictures: every frame is a keyframe, and GOP settings mean nothing. */
  readonly intraOnly: boolean;
  /** Mastering display and content light reach the output, with every ffmpeg from 5.1 on. */
  readonly carriesHdrMetadata?: true;
  /** Keyframes can be forced at times; else the GOP length alone decides. */
  readonly forcesKeyframes: boolean;
  /** The most B-frames in a row that it can be told to make; no limit where left out. */
  readonly maxBFrames?: number;
  /** Of a hardware encoder: what each pixel format is called in its memory, where that differs (`yuv420p`: `nv12`). */
  readonly layouts?: Readonly<Record<string, string>>;
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** Smallest picture that it encodes. */
  readonly minWidth: number;
  readonly minHeight: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of the video stream, beginning with `-c:v`. */
  readonly args: (spec: EncodeSpec) => readonly string[];
}

export interface LookRange {
  readonly median: number;
  readonly worst: number;
  readonly best: number;
}

export interface Flavour {
  readonly formats: readonly FormatRow[];
  /** ffprobe's profile name and the FourCC of MOV. */
  readonly profile: string;
  readonly codecTag: string;
  /** Mbit/s at 1920×1080 and 29.97 frames/s, as measured (platforms.md, Professional), scaled by macroblocks × rate. */
  readonly mbpsAt1080p30: number;
  /** What ffprobe calls the pixel format that was encoded, where it differs. */
  readonly probedAs?: Readonly<Record<string, string>>;
}

/** From the lightest to the heaviest: an object would put `444` before `lb`, as keys that are numbers come first. */
export function flavourNames(flavours: Readonly<Record<string, Flavour>> | undefined): readonly string[] {
  return Object.entries(flavours ?? {})
    .sort(([, a], [, b]) => a.mbpsAt1080p30 - b.mbpsAt1080p30)
    .map(([name]) => name);
}

/** `-maxrate` is ignored by x264 without `-bufsize` (trap 28): they only come as a pair. */
export function vbvArgs(vbv: Vbv | undefined): readonly string[] {
  return vbv ? ['-maxrate', `${vbv.maxKbps}k`, '-bufsize', `${vbv.bufferKbit}k`] : [];
}

export const format = (
  name: string,
  depth: FormatRow['depth'],
  chroma: FormatRow['chroma'],
  profiles?: readonly string[],
  alpha = false,
): FormatRow => ({ name, depth, chroma, alpha, ...(profiles ? { profiles } : {}) });

/** `key=value` pairs as x265, SVT-AV1 and friends take them in one argument. */
export function paramList(pairs: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(pairs)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join(':');
}

/** hev1, ffmpeg's default, is black in QuickTime, Safari and on iPhones (trap 31). */
export const hvcTag = ({ container }: EncodeSpec): readonly string[] =>
  container === 'mp4' || container === 'mov' ? ['-tag:v', 'hvc1'] : [];
