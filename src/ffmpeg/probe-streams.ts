import type {
  AudioStream,
  Chapter,
  ColourTags,
  DataStream,
  SubtitleStream,
  Tags,
  VideoStream,
} from '../model/media.ts';
import { parseRational, rational } from '../model/rational.ts';
import { bitDepthOf, hasAlpha } from './pixel-format.ts';
import type { Probed, ProbedFrame, ProbedStream } from './probe-schema.ts';
import { hdrOf, orientationOf } from './side-data.ts';

/** Pictures, which no text format can hold. Teletext is text, but ffmpeg decodes it to pictures. */
const BITMAP_SUBTITLES = ['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle', 'dvb_teletext', 'xsub'];

/** A number that ffprobe printed; undefined for `N/A` and what is missing. */
export function numberOf(text: string | undefined): number | undefined {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : undefined;
}

/** `unknown`, `N/A` and empty are ffprobe's words for nothing. */
function wordOf(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === 'unknown' || text === 'N/A' ? undefined : text;
}

/** Names of tags differ in case between containers. */
export function tagOf(tags: Tags | undefined, name: string): string | undefined {
  const key = Object.keys(tags ?? {}).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : wordOf(tags?.[key]);
}

/** Matroska keeps each track's length in a tag, `00:00:11.966000000`. */
function clockSec(text: string | undefined): number | undefined {
  const [, h, m, s] = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text ?? '') ?? [];
  return s === undefined ? undefined : Number(h) * 3600 + Number(m) * 60 + Number(s);
}

function kbpsOf(text: string | undefined): number | undefined {
  const bits = numberOf(text);
  return bits === undefined || bits <= 0 ? undefined : bits / 1000;
}

function baseOf(stream: ProbedStream) {
  const tags = stream.tags ?? {};
  const language = tagOf(tags, 'language');
  const codecTag = stream.codec_tag_string ?? '';
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    // `[27][0][0][0]` is a transport stream's type number, no four letters.
    codecTag: codecTag.includes('[') ? '' : codecTag,
    profile: wordOf(stream.profile),
    startSec: numberOf(stream.start_time) ?? 0,
    durationSec: numberOf(stream.duration) ?? clockSec(tagOf(tags, 'duration')),
    bitrateKbps: kbpsOf(stream.bit_rate) ?? kbpsOf(tagOf(tags, 'bps')),
    language: language === 'und' ? undefined : language,
    title: tagOf(tags, 'title'),
    disposition: Object.fromEntries(Object.entries(stream.disposition ?? {}).map(([name, on]) => [name, on === 1])),
    tags,
  };
}

/** What the bitstream says wins over what the container says: decoders follow the bitstream. */
function colourOf(stream: ProbedStream, frame: ProbedFrame | undefined): ColourTags {
  return {
    range: wordOf(frame?.color_range) ?? wordOf(stream.color_range),
    primaries: wordOf(frame?.color_primaries) ?? wordOf(stream.color_primaries),
    transfer: wordOf(frame?.color_transfer) ?? wordOf(stream.color_transfer),
    matrix: wordOf(frame?.color_space) ?? wordOf(stream.color_space),
  };
}

function fieldOrderOf(stream: ProbedStream, frame: ProbedFrame | undefined): string | undefined {
  const stated = wordOf(stream.field_order);
  if (stated || frame?.interlaced_frame !== '1') return stated;
  return frame.top_field_first === '1' ? 'tt' : 'bb';
}

function bitDepth(stream: ProbedStream, pixelFormat: string): number {
  return pixelFormat === '' ? (numberOf(stream.bits_per_raw_sample) ?? 8) : bitDepthOf(pixelFormat);
}

export function videoStream(stream: ProbedStream, frame: ProbedFrame | undefined): VideoStream {
  const pixelFormat = wordOf(stream.pix_fmt) ?? wordOf(frame?.pix_fmt) ?? '';
  const level = numberOf(stream.level);
  const base = baseOf(stream);
  return {
    ...base,
    ...orientationOf(stream.side_data_list ?? [], tagOf(stream.tags, 'rotate')),
    width: numberOf(stream.width) ?? 0,
    height: numberOf(stream.height) ?? 0,
    sampleAspect: parseRational(stream.sample_aspect_ratio) ?? rational(1),
    pixelFormat,
    bitDepth: bitDepth(stream, pixelFormat),
    level: level !== undefined && level > 0 ? level : undefined,
    frameRate: parseRational(stream.r_frame_rate),
    averageRate: parseRational(stream.avg_frame_rate),
    frames: numberOf(stream.nb_frames),
    timeBase: parseRational(stream.time_base) ?? rational(1, 1000),
    fieldOrder: fieldOrderOf(stream, frame),
    hasBFrames: numberOf(stream.has_b_frames) ?? 0,
    colour: colourOf(stream, frame),
    hdr: hdrOf(frame?.side_data_list ?? [], stream.side_data_list ?? []),
    ...(numberOf(stream.closed_captions) === 1 ? { closedCaptions: true as const } : {}),
    attachedPicture: base.disposition.attached_pic === true,
    alpha: hasAlpha(pixelFormat) || tagOf(stream.tags, 'alpha_mode') === '1',
  };
}

export function audioStream(stream: ProbedStream): AudioStream {
  return {
    ...baseOf(stream),
    channels: numberOf(stream.channels) ?? 0,
    layout: wordOf(stream.channel_layout),
    sampleRate: numberOf(stream.sample_rate) ?? 0,
    sampleFormat: wordOf(stream.sample_fmt),
    bitsPerSample: numberOf(stream.bits_per_raw_sample) || numberOf(stream.bits_per_sample) || 0,
  };
}

export function subtitleStream(stream: ProbedStream): SubtitleStream {
  const base = baseOf(stream);
  const bitmap = BITMAP_SUBTITLES.includes(base.codec);
  const [width, height] = [numberOf(stream.width), numberOf(stream.height)];
  return { ...base, bitmap, canvas: bitmap && width && height ? { width, height } : undefined };
}

export function dataStream(stream: ProbedStream, kind: 'data' | 'attachment'): DataStream {
  const bytes = kind === 'attachment' ? numberOf(stream.extradata_size) : undefined;
  return { ...baseOf(stream), kind, ...(bytes === undefined ? {} : { bytes }) };
}

export function chaptersOf(probed: Probed): readonly Chapter[] {
  return probed.chapters.map((chapter) => ({
    startSec: numberOf(chapter.start_time) ?? 0,
    endSec: numberOf(chapter.end_time) ?? 0,
    title: tagOf(chapter.tags, 'title'),
  }));
}

/** From the timecode track, else a video stream, else the container. */
export function timecodeOf(probed: Probed): string | undefined {
  const ofType = (type: string) => probed.streams.filter((stream) => stream.codec_type === type);
  const candidates = [
    ...ofType('data').filter((stream) => stream.codec_tag_string === 'tmcd'),
    ...ofType('video'),
    ...ofType('data'),
    ...(probed.format ? [probed.format] : []),
  ];
  for (const { tags } of candidates) {
    const timecode = tagOf(tags, 'timecode');
    if (timecode && /^\d{2}:\d{2}:\d{2}[:;.]\d{2,3}$/.test(timecode)) return timecode;
  }
  return undefined;
}
