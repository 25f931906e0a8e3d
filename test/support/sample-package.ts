import { rational } from '../../src/model/rational.ts';
import type {
  AudioTrack,
  ImageTrack,
  Segment,
  StreamPackage,
  SubtitleTrack,
  VideoTrack,
} from '../../src/packaging/package.ts';

/** Segments one after the other, in files that count upwards. */
export function segmentsOf(
  name: (index: number) => string,
  durations: readonly number[],
  bytes: (index: number) => number,
): readonly Segment[] {
  let startTicks = 0;
  return durations.map((durationTicks, index) => {
    const segment = { path: name(index), startTicks, durationTicks, bytes: bytes(index), startsWithKeyframe: true };
    startTicks += durationTicks;
    return segment;
  });
}

/** The same segments as ranges of one file, after a header of 800 bytes and an index of 92. */
export function asRanges(segments: readonly Segment[], path: string): readonly Segment[] {
  let offset = 892;
  return segments.map((segment) => {
    const range = { offset, length: segment.bytes };
    offset += segment.bytes;
    return { ...segment, path, range };
  });
}

const padded = (index: number) => `${index + 1}`.padStart(5, '0');

export function sampleVideo(id: string, height: number, more: Partial<VideoTrack> = {}): VideoTrack {
  const folder = `video/${id}`;
  return {
    id,
    playlist: `${folder}.m3u8`,
    format: 'mp4',
    codec: 'avc1.640028',
    timescale: 30000,
    zeroTicks: 0,
    init: { path: `${folder}/init.mp4` },
    // 23.976 fps, GOPs of 96 pictures of 1001 ticks at 24000: here 1251.25 of 30000, so 120120 for each segment.
    segments: segmentsOf(
      (index) => `${folder}/seg_${padded(index)}.m4s`,
      [120120, 120120, 60060],
      (index) => height * 500 + index * 1000,
    ),
    width: Math.round((height * 16) / 9),
    height,
    frameRate: rational(24000, 1001),
    videoRange: 'SDR',
    ...more,
  };
}

export function sampleAudio(id: string, language: string, more: Partial<AudioTrack> = {}): AudioTrack {
  return {
    id,
    playlist: `audio/${id}.m3u8`,
    format: 'mp4',
    codec: 'mp4a.40.2',
    timescale: 48000,
    zeroTicks: 0,
    init: { path: `audio/${id}/init.mp4` },
    segments: segmentsOf(
      (index) => `audio/${id}/seg_${padded(index)}.m4s`,
      [192512, 191488, 96256],
      () => 64000,
    ),
    group: 'aac_2',
    language,
    name: language === 'en' ? 'English' : 'Deutsch & "mehr"',
    channels: 2,
    sampleRate: 48000,
    isDefault: language === 'en',
    role: 'main',
    ...more,
  };
}

export const sampleSubtitles: SubtitleTrack = {
  id: 'sub_en',
  playlist: 'subtitles/en.m3u8',
  timescale: 1000,
  init: undefined,
  segments: segmentsOf(
    (index) => `subtitles/en/${index}.vtt`,
    [4004, 4004, 2002],
    () => 120,
  ),
  language: 'en',
  name: 'English',
  isDefault: false,
  role: 'caption',
  whole: 'subtitles/en.vtt',
};

export const sampleImages: ImageTrack = {
  id: 'thumbnails',
  playlist: 'images/thumbnails.m3u8',
  timescale: 1000,
  init: undefined,
  segments: segmentsOf(
    (index) => `images/sheet_${index}.jpg`,
    [8000, 2010],
    () => 9000,
  ),
  width: 160,
  height: 90,
  columns: 2,
  rows: 2,
  tileTicks: 2000,
};

/** H.264 and HEVC in HDR, two languages, captions, thumbnails: one of everything. */
export function samplePackage(more: Partial<StreamPackage> = {}): StreamPackage {
  const first = sampleVideo('v720p_h264', 720);
  const keyframes = { playlist: 'video/v720p_h264_keyframes.m3u8', segments: keyframesOf(first) };
  return {
    kind: 'cmaf',
    video: [
      { ...first, keyframes },
      sampleVideo('v360p_h264', 360, { codec: 'avc1.4d401e' }),
      sampleVideo('v1080p_hevc', 1080, { codec: 'hvc1.2.4.L123.B0', videoRange: 'PQ' }),
    ],
    audio: [sampleAudio('en', 'en'), sampleAudio('de', 'de')],
    subtitles: [sampleSubtitles],
    images: [sampleImages],
    ...more,
  };
}

function keyframesOf({ segments }: VideoTrack): readonly Segment[] {
  return segments.map((segment) => ({ ...segment, bytes: 9000, range: { offset: 0, length: 9000 } }));
}
