import { VIDEO_CODECS } from '../codecs/video.ts';
import type { ColourTags } from '../model/media.ts';

/**
 * What is known of a delivery, planned or measured. An undefined field is not known, and rules about it are
 * answered `unknown`. The picture is as displayed: after rotation, before the sample aspect.
 */
export interface DeliveryFacts {
  /** `mp4`, `mov`, `webm`, `mkv`, or ffmpeg's name of another. */
  readonly container?: string;
  readonly bytes?: number;
  readonly durationSec?: number;
  readonly moovAtFront?: boolean;
  readonly hasEditList?: boolean;
  readonly fragmented?: boolean;
  /** A codec id or ffprobe's codec_name. */
  readonly videoCodec?: string;
  /** ffprobe's: `High`, `Main 10`. */
  readonly profile?: string;
  readonly cabac?: boolean;
  /** Most B-frames in a row. */
  readonly maxBFrames?: number;
  readonly closedGop?: boolean;
  /** Longest distance between two keyframes. */
  readonly keyframeSec?: number;
  readonly codecTag?: string;
  readonly videoKbps?: number;
  readonly width?: number;
  readonly height?: number;
  /** Width of a sample to its height. */
  readonly sampleAspect?: number;
  /** Frames a second, on average. */
  readonly frameRate?: number;
  readonly constantFrameRate?: boolean;
  readonly progressive?: boolean;
  /** ffmpeg's: `yuv420p10le`. */
  readonly pixelFormat?: string;
  readonly bitDepth?: number;
  /** As tagged; a tag is undefined where the file does not say. */
  readonly colour?: ColourTags;
  readonly hdr?: boolean;
  readonly rotationMatrix?: boolean;
  readonly hasAudio?: boolean;
  /** A codec id or ffprobe's codec_name, of the first track, as all that follows. */
  readonly audioCodec?: string;
  readonly audioProfile?: string;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly audioKbps?: number;
  /** Integrated, LUFS. */
  readonly loudnessLufs?: number;
}

/** ffprobe's `hevc` and `dnxhd` under the ids of rules and flags; other names as they are. */
export function videoCodecId(name: string): string {
  return VIDEO_CODECS.find((row) => row.probeName === name)?.id ?? name;
}

/** `pcm_s24le` is `pcm`; other names as they are. */
export const audioCodecId = (name: string): string => (name.startsWith('pcm') ? 'pcm' : name);

/** `4:2:0`, `4:2:2`, …, `RGB` or `grey`, whatever the depth and order of bytes; undefined for a format that is not known. */
export function chromaOf(pixelFormat: string): string | undefined {
  const planar = /^yuv[aj]?(4[0-4][0-4])p/.exec(pixelFormat)?.[1];
  if (planar) return [...planar].join(':');
  if (/^(nv12|nv21|p01[026])/.test(pixelFormat)) return '4:2:0';
  if (/^(nv16|nv20|p21[026]|yuyv422|uyvy422|y210)/.test(pixelFormat)) return '4:2:2';
  if (/^(nv24|nv42|p41[026]|vuya|xv30)/.test(pixelFormat)) return '4:4:4';
  if (/^(gbr|rgb|bgr|argb|abgr|0rgb|0bgr|pal8)/.test(pixelFormat)) return 'RGB';
  return pixelFormat.startsWith('gray') ? 'grey' : undefined;
}
