import { stat } from 'node:fs/promises';
import { SgError } from '../model/errors.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { isFormat, JUMPING_FORMATS, SOURCE_FORMATS, UNINDEXED_FORMATS } from '../model/media-formats.ts';
import { parseRational, type Rational, sameRational } from '../model/rational.ts';
import { unreadableError } from './not-media.ts';
import { framesSchema, type Probed, type ProbedFrame, type ProbedStream, probeSchema } from './probe-schema.ts';
import {
  audioStream,
  chaptersOf,
  dataStream,
  numberOf,
  subtitleStream,
  timecodeOf,
  videoStream,
} from './probe-streams.ts';
import { type PacketContext, type ScanResult, scanPackets, toMicro } from './scan.ts';
import { runTool } from './spawn.ts';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Reading every packet: `auto` where the header cannot be trusted. Default `auto`. */
  readonly scan?: 'auto' | 'always' | 'never';
}

/** Among them is most often the film's first picture, which a second ffprobe would have to be started for. */
const FIRST_PACKETS = '%+#2';
/** A header takes milliseconds; a file on a dead network mount takes for ever. */
const PROBE_TIMEOUT_SEC = 120;
/** A track whose header and packets differ by more than this was cut off: the header's word is kept to show it. */
const CLOSE_SEC = 0.5;

/** What opens a source and nothing else: one local file, with demuxers that open no further ones. */
export function sourceInput(path: string): readonly string[] {
  return ['-protocol_whitelist', 'file', '-format_whitelist', SOURCE_FORMATS.join(','), '-i', `file:${path}`];
}

/**
 * What is true of a local file, by ffprobe. `file` is an absolute path of a regular file. Throws SgError INPUT
 * with one sentence when it is no readable media, and the signal's reason on abort. `durationSec` comes from the
 * scan where the format has no index, else from the header; `scan` tells what is really there.
 */
export async function probeMedia(ffprobe: string, file: string, options: ProbeOptions = {}): Promise<MediaInfo> {
  const info = await stat(file).catch((cause: unknown) => {
    throw new SgError('INPUT', `cannot read ${file}`, { hint: 'Check the path and its permissions.', cause });
  });
  const probed = await readHeader(ffprobe, file, options.signal);
  const film = filmOf(probed);
  const frame =
    film && needsFrame(film)
      ? (probed.frames.find((one) => one.stream_index === film.index) ??
        (await firstFrame(ffprobe, file, film.index, options.signal)))
      : undefined;
  const media = mediaOf(probed, file, info.size, film?.index, frame);
  const video = media.video.find((stream) => stream.index === film?.index);
  const how = options.scan ?? 'auto';
  if (!video || how === 'never' || (how === 'auto' && !needsScan(media, video))) return media;
  const context = packetContext(probed, media, video);
  const { signal } = options;
  return withScan(
    media,
    video,
    await scanPackets({ ...context, ffprobe, input: sourceInput(file), path: file, signal }),
  );
}

export const packetContext = (probed: Probed, { format }: MediaInfo, video: VideoStream): PacketContext => ({
  videoIndex: video.index,
  frameRate: video.averageRate ?? video.frameRate,
  timeBases: timeBasesOf(probed),
  jumps: isFormat(format, JUMPING_FORMATS),
});

/** The stream that is the film: no cover picture. */
export const filmOf = ({ streams }: Probed): ProbedStream | undefined =>
  streams.find((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1);

async function readHeader(ffprobe: string, file: string, signal: AbortSignal | undefined): Promise<Probed> {
  const sections = [
    '-show_streams',
    '-show_format',
    '-show_chapters',
    '-show_frames',
    '-read_intervals',
    FIRST_PACKETS,
  ];
  const result = await runTool({
    program: ffprobe,
    args: ['-v', 'error', ...sourceInput(file), ...sections, '-of', 'json'],
    signal,
    timeoutSec: PROBE_TIMEOUT_SEC,
  });
  signal?.throwIfAborted();
  if (result.outcome === 'not-started') {
    throw new SgError('TOOLCHAIN', `ffprobe cannot be run: ${result.reason}`, { hint: 'Try: sg-export doctor' });
  }
  if (result.outcome !== 'exited') {
    throw new SgError('INPUT', `ffprobe did not finish with ${file}`, { hint: 'Is it on a disk that answers?' });
  }
  const probed = result.exitCode === 0 ? parseJson(result.stdout, probeSchema) : undefined;
  if (probed && probed.streams.length > 0) return probed;
  throw await unreadableError(file, result.stderr);
}

export function parseJson<T>(text: string, schema: { safeParse(value: unknown): { data?: T } }): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Where the first frame may say more than the header: HDR side data, colour of the bitstream, fields. */
export function needsFrame(film: ProbedStream): boolean {
  const hdr = film.color_transfer === 'smpte2084' || film.color_transfer === 'arib-std-b67';
  const deep = /1[0-6](le|be)?$|p01[0-6]/.test(film.pix_fmt ?? '');
  const fields = film.field_order === undefined || film.field_order === 'unknown';
  return hdr || deep || fields || film.color_transfer === undefined || (film.side_data_list ?? []).length > 0;
}

/** The first packet may hold no picture that stands alone (an open GOP): then some more are read. */
async function firstFrame(
  ffprobe: string,
  file: string,
  index: number,
  signal: AbortSignal | undefined,
): Promise<ProbedFrame | undefined> {
  for (const packets of [1, 60]) {
    const select = [
      '-select_streams',
      String(index),
      '-read_intervals',
      `%+#${packets}`,
      '-show_frames',
      '-of',
      'json',
    ];
    const result = await runTool({
      program: ffprobe,
      args: ['-v', 'error', ...sourceInput(file), ...select],
      signal,
      timeoutSec: PROBE_TIMEOUT_SEC,
    });
    signal?.throwIfAborted();
    const frame = parseJson(result.stdout, framesSchema)?.frames[0];
    if (frame) return frame;
  }
  return undefined;
}

export function mediaOf(
  probed: Probed,
  path: string,
  bytes: number,
  filmIndex: number | undefined,
  frame: ProbedFrame | undefined,
): MediaInfo {
  const ofType = (type: string) => probed.streams.filter((stream) => stream.codec_type === type);
  const known = ['video', 'audio', 'subtitle', 'attachment'];
  const bitRate = numberOf(probed.format?.bit_rate);
  return {
    path,
    bytes,
    format: probed.format?.format_name ?? '',
    durationSec: numberOf(probed.format?.duration),
    startSec: numberOf(probed.format?.start_time) ?? 0,
    bitrateKbps: bitRate === undefined ? undefined : bitRate / 1000,
    video: ofType('video').map((stream) => videoStream(stream, stream.index === filmIndex ? frame : undefined)),
    audio: ofType('audio').map(audioStream),
    subtitles: ofType('subtitle').map(subtitleStream),
    data: probed.streams
      .filter((stream) => !known.includes(stream.codec_type ?? ''))
      .map((stream) => dataStream(stream, 'data')),
    attachments: ofType('attachment').map((stream) => dataStream(stream, 'attachment')),
    chapters: chaptersOf(probed),
    tags: probed.format?.tags ?? {},
    timecode: timecodeOf(probed),
    scan: undefined,
  };
}

function timeBasesOf(probed: Probed): ReadonlyMap<number, Rational> {
  return new Map(
    probed.streams.flatMap(({ index, time_base }) => {
      const timeBase = parseRational(time_base);
      return timeBase ? [[index, timeBase] as const] : [];
    }),
  );
}

/** MP4 and MOV with a frame count and one rate have an index that says all; the rest may say anything. */
export function needsScan(media: MediaInfo, video: VideoStream): boolean {
  if (isFormat(media.format, [...UNINDEXED_FORMATS, 'matroska', 'webm', 'avi', 'flv'])) return true;
  const { frames, frameRate, averageRate } = video;
  return frames === undefined || !frameRate || !averageRate || !sameRational(frameRate, averageRate);
}

/**
 * Where there is no index, what was read replaces what the header guessed. Where a header states a duration it
 * stays, so that a file that was cut off is seen to hold less than it says.
 */
export function withScan(media: MediaInfo, video: VideoStream, { scan, streams }: ScanResult): MediaInfo {
  const isMatroska = isFormat(media.format, ['matroska', 'webm']);
  const guessed = isFormat(media.format, UNINDEXED_FORMATS) || media.durationSec === undefined;
  const timed = <S extends { readonly index: number; readonly durationSec: number | undefined }>(stream: S): S => {
    const found = streams.get(stream.index);
    if (!found) return stream;
    const durationSec = toMicro(found.endSec - found.startSec);
    // Matroska's own tag counts from zero, not from the track's start.
    const close = isMatroska && Math.abs(durationSec - (stream.durationSec ?? durationSec)) < CLOSE_SEC;
    return guessed || close || stream.durationSec === undefined ? { ...stream, durationSec } : stream;
  };
  const durationSec = guessed ? toMicro(scan.endSec - media.startSec) : media.durationSec;
  return {
    ...media,
    durationSec,
    bitrateKbps: guessed && durationSec ? (media.bytes * 8) / 1000 / durationSec : media.bitrateKbps,
    video: media.video.map((stream) =>
      stream.index === video.index ? { ...timed(stream), frames: scan.videoPackets } : timed(stream),
    ),
    audio: media.audio.map(timed),
    scan,
  };
}
