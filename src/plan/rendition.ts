import { audioCodec } from '../codecs/audio.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Step } from '../model/plan.ts';
import { clockArgs } from './clock.ts';
import { audioChain } from './filters.ts';
import { INPUT_GUARD, inputArgs, sec } from './input-args.ts';
import type { Cut } from './ladder.ts';
import type { ResolvedAudio, ResolvedExport, ResolvedSubtitle } from './resolved.ts';
import { subtitleFileInput } from './subtitle-file.ts';

/*
 * The parts of a stream: each picture alone, each sound alone, each text alone. All are made of what one export would be,
 * so that they lie on one time line.
 */

const NO_SOUND = {
  audio_codec: 'none',
  audio_bitrate_kbps: null,
  audio_tracks: 0,
  audio_channels: null,
  audio_sample_rate: null,
} as const;

/** The picture of an export alone: in fragments, without an edit list, with keyframes where it will be cut. */
export function pictureRendition(resolved: ResolvedExport, { gopFrames, gopSec }: Cut): ResolvedExport {
  const { gop } = resolved.video;
  return {
    ...resolved,
    fragmented: true,
    noEditList: true,
    // H.264 would carry the source's captions on, H.265 beside it would not: playlists say that there are none.
    video: { ...resolved.video, gop: { ...gop, sec: gopSec, frames: gopFrames, exact: true }, dropsCaptions: true },
    audio: [],
    subtitles: [],
    extras: { chapters: 'drop', metadata: 'keep', cover: undefined, attachments: [], timecode: undefined },
    settings: { ...resolved.settings, ...NO_SOUND, gop_seconds: gopSec },
  };
}

/** Sound of the same length as the picture: cut to it, and silent where it ends early. Then room is made for AAC's priming. */
function soundChain(track: ResolvedAudio, { timeline }: ResolvedExport): string {
  const { durationSec } = timeline;
  const length = durationSec > 0 ? [`apad=whole_dur=${sec(durationSec)}`, `atrim=end=${sec(durationSec)}`] : [];
  // The same as in files without an edit list (filters.ts), behind the silence that fills up.
  return [audioChain(track, timeline, false), ...length, 'atrim=start_sample=1024', 'asetpts=PTS-STARTPTS'].join(',');
}

const FRAGMENT_US = 2_000_000;

/** Writes each sound as a fragmented MP4 of its own. `names` are those of the files, in the order of the tracks. */
export function soundStep(
  resolved: ResolvedExport,
  tracks: readonly ResolvedAudio[],
  names: readonly string[],
  media: MediaInfo,
): Step {
  const outputs = tracks.flatMap((track, n) => {
    const { kbps, bits, channels } = track;
    return [
      ...['-map', `0:${track.index}`, '-filter:a', soundChain(track, resolved)],
      ...['-c:a', track.encoder, ...(audioCodec(track.codec)?.args({ kbps, bits, channels }) ?? [])],
      ...['-map_metadata', '-1', '-map_metadata:s:a:0', `0:s:${track.index}`, '-map_chapters', '-1'],
      ...['-movflags', '+delay_moov+default_base_moof+negative_cts_offsets', '-use_editlist', '0'],
      ...['-frag_duration', `${FRAGMENT_US}`, '-f', 'mp4', names[n] ?? ''],
    ];
  });
  return {
    id: 'sound',
    stage: 'audio',
    args: [
      ...inputArgs(resolved),
      ...outputs,
      ...clockArgs(
        media,
        tracks.map(({ index }) => index),
      ),
    ],
    mediaSec: resolved.timeline.durationSec,
    writes: names,
    readsSource: true,
  };
}

/** Writes each text as WebVTT, on the source's own time line. */
export function textStep(
  resolved: ResolvedExport,
  tracks: readonly ResolvedSubtitle[],
  names: readonly string[],
): Step {
  return {
    id: 'text',
    stage: 'preparation',
    args: [
      ...[...INPUT_GUARD, '-i', `file:${resolved.source}`],
      ...subtitleFileInput({ ...resolved, subtitles: tracks }),
      ...tracks.flatMap(({ index, fromFile }, n) => [
        ...['-map', `${fromFile ? 1 : 0}:${index}`, '-c:s', 'webvtt'],
        ...['-map_metadata', '-1', '-map_chapters', '-1', '-f', 'webvtt', names[n] ?? ''],
      ]),
    ],
    mediaSec: resolved.timeline.durationSec,
    writes: names,
    readsSource: true,
  };
}

/** MPEG-TS begins here, so that no picture is decoded before zero. Seconds. */
export const TS_ZERO_SEC = 1.4;
/** No picture has this number: the segment muxer takes only what is below INT_MAX. */
const NEVER = 2 ** 31 - 2;

/**
 * Cuts a rendition that lies in the scratch folder into transport streams `ID_00001.ts`, … `bounds` are the places of the
 * pictures or packets with which segments begin, the first left out. Picture and sound are both moved to begin at
 * `TS_ZERO_SEC`: of itself each would begin with its first decoding time.
 */
export function transportStep(id: string, bounds: readonly number[], mediaSec: number): Step {
  const frames = bounds.length > 0 ? bounds.join(',') : `${NEVER}`;
  return {
    id: 'transport',
    stage: 'muxing',
    args: [
      ...[...INPUT_GUARD, '-i', `${id}.mp4`, '-map', '0', '-c', 'copy'],
      ...['-output_ts_offset', `${TS_ZERO_SEC}`, '-muxdelay', '0', '-muxpreload', '0'],
      ...['-f', 'segment', '-segment_format', 'mpegts', '-segment_start_number', '1'],
      ...['-segment_frames', frames, `${id}_%05d.ts`],
    ],
    mediaSec,
    writes: Array.from({ length: bounds.length + 1 }, (_, n) => `${id}_${String(n + 1).padStart(5, '0')}.ts`),
    readsSource: false,
  };
}
