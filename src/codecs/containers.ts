import type { AudioCodecId, ContainerId, VideoCodecId } from '../model/option-values.ts';

/** A container: what it holds, true to what ffmpeg writes and players read. */
export interface ContainerRow {
  readonly id: ContainerId;
  readonly name: string;
  /** ffmpeg's muxer. */
  readonly muxer: string;
  /** The first is the one that sg-export writes. */
  readonly extensions: readonly string[];
  readonly videoCodecs: readonly Exclude<VideoCodecId, 'copy'>[];
  readonly audioCodecs: readonly Exclude<AudioCodecId, 'copy' | 'none'>[];
  /** ffprobe names that can be copied in. */
  readonly copyVideo: readonly string[];
  readonly copyAudio: readonly string[];
  /** Text subtitles become this; undefined where text subtitles cannot be held. */
  readonly subtitleCodec: string | undefined;
  /** ffprobe names of subtitles that are copied as they are. */
  readonly copySubtitles: readonly string[];
  readonly features: readonly ContainerFeature[];
  /** Codecs whose alpha channel survives here. */
  readonly alphaCodecs: readonly string[];
  /** Bytes per packet and per file that the container adds, measured (facts: Sizes). */
  readonly overhead: { readonly perVideoFrame: number; readonly perAudioPacket: number; readonly fixed: number };
}

export type ContainerFeature =
  | 'streaming'
  | 'chapters'
  | 'metadata'
  | 'subtitles'
  | 'timecode'
  | 'alpha'
  | 'attachments'
  | 'cover';

const EDITING_PCM = ['pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_s16be', 'pcm_s24be'];

export const CONTAINERS: readonly ContainerRow[] = [
  {
    id: 'mp4',
    name: 'MP4',
    muxer: 'mp4',
    extensions: ['mp4', 'm4v'],
    videoCodecs: ['h264', 'h265', 'vp9', 'av1'],
    audioCodecs: ['aac', 'mp3', 'opus', 'flac'],
    copyVideo: ['h264', 'hevc', 'vp9', 'av1', 'mpeg4', 'mpeg2video'],
    // No mp2: MP4 has one name for it and MP3, and ffprobe calls what was copied mp3.
    copyAudio: ['aac', 'mp3', 'opus', 'flac', 'ac3', 'eac3', 'alac'],
    subtitleCodec: 'mov_text',
    copySubtitles: ['mov_text'],
    features: ['streaming', 'chapters', 'metadata', 'subtitles', 'cover'],
    alphaCodecs: [],
    overhead: { perVideoFrame: 14, perAudioPacket: 12, fixed: 2000 },
  },
  {
    id: 'mov',
    name: 'QuickTime',
    muxer: 'mov',
    extensions: ['mov'],
    videoCodecs: ['h264', 'h265', 'prores', 'dnxhr'],
    audioCodecs: ['aac', 'mp3', 'pcm'],
    copyVideo: ['h264', 'hevc', 'prores', 'dnxhd', 'mpeg4', 'mjpeg', 'mpeg2video'],
    copyAudio: ['aac', 'mp3', 'ac3', 'eac3', 'alac', ...EDITING_PCM],
    subtitleCodec: 'mov_text',
    copySubtitles: ['mov_text'],
    features: ['streaming', 'chapters', 'metadata', 'subtitles', 'timecode', 'alpha'],
    alphaCodecs: ['prores'],
    overhead: { perVideoFrame: 14, perAudioPacket: 12, fixed: 2000 },
  },
  {
    id: 'webm',
    name: 'WebM',
    muxer: 'webm',
    extensions: ['webm'],
    videoCodecs: ['vp9', 'av1'],
    audioCodecs: ['opus'],
    copyVideo: ['vp8', 'vp9', 'av1'],
    copyAudio: ['opus', 'vorbis'],
    subtitleCodec: 'webvtt',
    copySubtitles: ['webvtt'],
    features: ['streaming', 'chapters', 'metadata', 'subtitles', 'alpha'],
    alphaCodecs: ['vp9'],
    overhead: { perVideoFrame: 9, perAudioPacket: 9, fixed: 2000 },
  },
  {
    id: 'mkv',
    name: 'Matroska',
    muxer: 'matroska',
    extensions: ['mkv'],
    videoCodecs: ['h264', 'h265', 'vp9', 'av1', 'prores', 'dnxhr'],
    audioCodecs: ['aac', 'mp3', 'opus', 'pcm', 'flac'],
    copyVideo: [
      'h264',
      'hevc',
      'vp8',
      'vp9',
      'av1',
      'prores',
      'dnxhd',
      'mpeg4',
      'mpeg2video',
      'mpeg1video',
      'mjpeg',
      'ffv1',
      'theora',
    ],
    copyAudio: ['aac', 'mp3', 'opus', 'vorbis', 'flac', 'ac3', 'eac3', 'dts', 'truehd', 'mp2', 'alac', ...EDITING_PCM],
    subtitleCodec: 'srt',
    copySubtitles: ['subrip', 'ass', 'ssa', 'webvtt', 'hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle'],
    features: ['chapters', 'metadata', 'subtitles', 'alpha', 'attachments', 'cover'],
    alphaCodecs: ['vp9', 'prores'],
    overhead: { perVideoFrame: 9, perAudioPacket: 9, fixed: 2000 },
  },
];

export const container = (id: string): ContainerRow | undefined => CONTAINERS.find((row) => row.id === id);
/** The container that a file name's extension means, or undefined. */
export function containerOfExtension(extension: string): ContainerRow | undefined {
  return CONTAINERS.find((row) => row.extensions.includes(extension.toLowerCase()));
}
export const KNOWN_EXTENSIONS: readonly string[] = CONTAINERS.flatMap((row) => row.extensions);
