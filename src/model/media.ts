import type { Rational } from './rational.ts';

/** A box within a picture, pixels from its top left corner. */
export interface CropBox {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

/** What is true of a source, measured once by ffprobe (and, where headers do not say, by a packet scan). */
export interface MediaInfo {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  /** ffmpeg's demuxer name, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  /** Seconds; undefined when neither the header nor a scan says. */
  readonly durationSec: number | undefined;
  /** Timestamp at which the container starts, seconds: ffmpeg subtracts it from every stream. */
  readonly startSec: number;
  readonly bitrateKbps: number | undefined;
  readonly video: readonly VideoStream[];
  readonly audio: readonly AudioStream[];
  readonly subtitles: readonly SubtitleStream[];
  /** Data streams (timecode, GPS, …) and attachments (fonts, …). */
  readonly data: readonly DataStream[];
  readonly attachments: readonly DataStream[];
  readonly chapters: readonly Chapter[];
  readonly tags: Tags;
  /** `HH:MM:SS:FF`, from the timecode track, the video stream or the container. */
  readonly timecode: string | undefined;
  readonly scan: PacketScan | undefined;
}

/** A file, and the stream in it that people mean by its film. */
export interface Film {
  readonly media: MediaInfo;
  readonly stream: VideoStream;
}

export type Tags = Readonly<Record<string, string>>;

interface StreamBase {
  /** Index in the file, as in `-map 0:<index>`. */
  readonly index: number;
  readonly codec: string;
  /** `hvc1`, `apch`, …; empty when there is none. */
  readonly codecTag: string;
  readonly profile: string | undefined;
  /** Seconds, on the file's own time line (before `startSec` is subtracted). */
  readonly startSec: number;
  readonly durationSec: number | undefined;
  readonly bitrateKbps: number | undefined;
  readonly language: string | undefined;
  readonly title: string | undefined;
  readonly disposition: Readonly<Record<string, boolean>>;
  readonly tags: Tags;
}

export interface VideoStream extends StreamBase {
  /** Coded size, before rotation. */
  readonly width: number;
  readonly height: number;
  readonly sampleAspect: Rational;
  readonly pixelFormat: string;
  readonly bitDepth: number;
  readonly level: number | undefined;
  readonly frameRate: Rational | undefined;
  readonly averageRate: Rational | undefined;
  readonly frames: number | undefined;
  readonly timeBase: Rational;
  /** `progressive`, `tt`, `bb`, `tb`, `bt`, or undefined when the stream does not say. */
  readonly fieldOrder: string | undefined;
  readonly hasBFrames: number;
  readonly colour: ColourTags;
  /** Clockwise turn that a player applies, 0, 90, 180 or 270, then mirrored left to right where flipped. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flipped: boolean;
  readonly hasRotationMatrix: boolean;
  readonly hdr: HdrMetadata;
  /** A cover picture, not a film. */
  readonly attachedPicture: boolean;
  /** Its first pictures have closed captions (CEA-608, CEA-708) within them. */
  readonly closedCaptions?: true;
  readonly alpha: boolean;
}

/** ffmpeg's names; undefined where the stream does not say. */
export interface ColourTags {
  readonly range: string | undefined;
  readonly primaries: string | undefined;
  readonly transfer: string | undefined;
  readonly matrix: string | undefined;
}

export interface HdrMetadata {
  readonly mastering: MasteringDisplay | undefined;
  readonly contentLight: { readonly maxCll: number; readonly maxFall: number } | undefined;
  readonly dolbyVision: boolean;
  /** Without its layer the pictures have wrong colours: there is no base in HDR10, HLG or SDR. */
  readonly dolbyVisionOnly: boolean;
  readonly hdr10Plus: boolean;
  /** The first two are the container's words, which ffmpeg passes on whatever becomes of the pictures; else the pictures' own. */
  readonly inContainer: boolean;
}

/** SMPTE ST 2086: chromaticities in units of 0.00002, luminance in units of 0.0001 cd/m². */
export interface MasteringDisplay {
  readonly red: readonly [number, number];
  readonly green: readonly [number, number];
  readonly blue: readonly [number, number];
  readonly white: readonly [number, number];
  readonly minLuminance: number;
  readonly maxLuminance: number;
}

export interface AudioStream extends StreamBase {
  readonly channels: number;
  /** `stereo`, `5.1(side)`, …; undefined when the stream does not say. */
  readonly layout: string | undefined;
  readonly sampleRate: number;
  readonly sampleFormat: string | undefined;
  readonly bitsPerSample: number;
}

export interface SubtitleStream extends StreamBase {
  /** A picture-based format (PGS, DVD, DVB), which no text format can hold. */
  readonly bitmap: boolean;
  /** What its pictures lie on; undefined where it does not say. */
  readonly canvas: { readonly width: number; readonly height: number } | undefined;
}

/** A file that holds one text track and nothing else. */
export interface SubtitleFile {
  /** Absolute path. */
  readonly path: string;
  readonly sha256: string;
  /** ffmpeg's demuxer. */
  readonly format: string;
  readonly track: SubtitleStream;
}

export type DataStream = StreamBase & {
  readonly kind: 'data' | 'attachment';
  /** Of an attached file. */
  readonly bytes?: number;
};

export interface Chapter {
  readonly startSec: number;
  readonly endSec: number;
  readonly title: string | undefined;
}

/** A packet of a film as the tables of its file list it, seconds. */
export interface FilmSample {
  readonly ptsSec: number;
  readonly dtsSec: number;
  readonly durationSec: number;
  readonly key: boolean;
}

/** What a file's own tables tell of all its film, though nothing of that is read. */
export interface FilmTables {
  /** Seconds at which keyframes lie, in order. */
  readonly keyframeSec: readonly number[];
  /** All packets, in the order of decoding; undefined where the header says what they come to. */
  readonly samples: readonly FilmSample[] | undefined;
}

/** What one look at a film tells, where that found every packet sound. */
export interface WholeLook {
  readonly media: MediaInfo;
  /** Seconds at which keyframes lie, in order. */
  readonly keyframeSec: readonly number[];
}

/** What the packets of the first film stream say, where the headers do not or cannot be trusted. */
export interface PacketScan {
  readonly videoPackets: number;
  /** Presentation times on the file's time line, seconds. */
  readonly firstVideoSec: number;
  readonly lastVideoEndSec: number;
  /** End of the last packet of any audio or video stream, seconds. */
  readonly endSec: number;
  /** Time of the first keyframe and whether packets precede it. */
  readonly firstKeyframeSec: number | undefined;
  readonly startsOnKeyframe: boolean;
  /** Shortest and longest distance between two pictures in presentation order, seconds. */
  readonly minStepSec: number;
  readonly maxStepSec: number;
  /** Packets that the demuxer marked corrupt: their times, seconds. */
  readonly corruptSec: readonly number[];
}
