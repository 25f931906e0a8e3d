import { readdirSync, readFileSync } from 'node:fs';
import type {
  AudioStream,
  DataStream,
  MediaInfo,
  PacketScan,
  SubtitleStream,
  VideoStream,
} from '../../src/model/media.ts';
import { NO_HDR } from '../../src/model/nominal-media.ts';

const FOLDER = new URL('sources/', import.meta.url);

/** A described source: what a probe found in a clip, and how the clip is made, so that every plan can be run for real. */
export interface GoldenSource {
  readonly about: string;
  /** The clip's file name. */
  readonly file: string;
  /** Small files that the commands read. */
  readonly texts?: Readonly<Record<string, string>>;
  /** ffmpeg's arguments, one command after the other; the last one writes `file`. Absent where ffmpeg cannot make such a clip. */
  readonly make?: readonly (readonly string[])[];
  /** What analysis finds in its pictures. */
  readonly interlaced?: true;
  readonly media: SparseMedia;
}

/** A description with everything left out that is as `FULL_MEDIA` and its like have it. */
type Sparse<T> = Partial<T>;
type SparseMedia = Omit<Sparse<MediaInfo>, 'video' | 'audio' | 'subtitles' | 'data' | 'attachments' | 'scan'> & {
  readonly video?: readonly Sparse<VideoStream>[];
  readonly audio?: readonly Sparse<AudioStream>[];
  readonly subtitles?: readonly Sparse<SubtitleStream>[];
  readonly data?: readonly Sparse<DataStream>[];
  readonly attachments?: readonly Sparse<DataStream>[];
  readonly scan?: Sparse<PacketScan>;
};

const STREAM = {
  index: 0,
  codec: '',
  codecTag: '',
  profile: undefined,
  startSec: 0,
  durationSec: undefined,
  bitrateKbps: undefined,
  language: undefined,
  title: undefined,
  disposition: {},
  tags: {},
} as const;
const VIDEO: VideoStream = {
  ...STREAM,
  width: 0,
  height: 0,
  sampleAspect: { num: 1, den: 1 },
  pixelFormat: 'yuv420p',
  bitDepth: 8,
  level: undefined,
  frameRate: undefined,
  averageRate: undefined,
  frames: undefined,
  timeBase: { num: 1, den: 1000 },
  fieldOrder: 'progressive',
  hasBFrames: 0,
  colour: { range: undefined, primaries: undefined, transfer: undefined, matrix: undefined },
  rotation: 0,
  flipped: false,
  hasRotationMatrix: false,
  hdr: NO_HDR,
  attachedPicture: false,
  alpha: false,
};
const AUDIO: AudioStream = {
  ...STREAM,
  channels: 2,
  layout: 'stereo',
  sampleRate: 48000,
  sampleFormat: 'fltp',
  bitsPerSample: 0,
};
const SUBTITLE: SubtitleStream = { ...STREAM, bitmap: false, canvas: undefined };
const DATA: DataStream = { ...STREAM, kind: 'data' };
const SCAN: PacketScan = {
  videoPackets: 0,
  firstVideoSec: 0,
  lastVideoEndSec: 0,
  endSec: 0,
  firstKeyframeSec: 0,
  startsOnKeyframe: true,
  minStepSec: 0,
  maxStepSec: 0,
  corruptSec: [],
};

/** What is said of `base`'s fields instead. JSON has no undefined: null stands for it. */
function over<T extends object>(base: T, said: Sparse<T>): T {
  const given = Object.entries(said).map(([key, value]) => [key, value === null ? undefined : value]);
  return { ...base, ...Object.fromEntries(given) };
}

const nested = (base: VideoStream, said: Sparse<VideoStream>): VideoStream =>
  over(base, {
    ...said,
    ...(said.colour ? { colour: over(base.colour, said.colour) } : {}),
    ...(said.hdr ? { hdr: over(base.hdr, said.hdr) } : {}),
  });

/** The whole description of a sparse one. */
export function fullMedia(path: string, sparse: SparseMedia): MediaInfo {
  const { video = [], audio = [], subtitles = [], data = [], attachments = [], scan, ...rest } = sparse;
  return {
    bytes: 1_000_000,
    format: 'mov,mp4,m4a,3gp,3g2,mj2',
    durationSec: undefined,
    startSec: 0,
    bitrateKbps: undefined,
    chapters: [],
    tags: {},
    timecode: undefined,
    ...rest,
    path,
    video: video.map((stream) => nested(VIDEO, stream)),
    audio: audio.map((stream) => over(AUDIO, stream)),
    subtitles: subtitles.map((stream) => over(SUBTITLE, stream)),
    data: data.map((stream) => over(DATA, stream)),
    attachments: attachments.map((stream) => over({ ...DATA, kind: 'attachment' }, stream)),
    scan: scan ? over(SCAN, scan) : undefined,
  };
}

/** What of `value` differs from `base`, null where nothing is known; a disposition keeps only what is set. */
function differing(value: object, base: object): Record<string, unknown> {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const entries = Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
    const other: unknown = Object.entries(base).find(([name]) => name === key)?.[1];
    if (key === 'disposition') {
      const set = Object.fromEntries(Object.entries(Object(one)).filter(([, on]) => on === true));
      return same(set, other) ? [] : [[key, set]];
    }
    return same(one, other) ? [] : [[key, one ?? null]];
  });
  return Object.fromEntries(entries);
}

/** A probe's answer as a source file has it. Byte counts, rates and the path, which differ from encoder to encoder, are left out on demand. */
export function sparseMedia(media: MediaInfo): Record<string, unknown> {
  const list = (streams: readonly object[], base: object) => streams.map((stream) => differing(stream, base));
  const { path: _path, video, audio, subtitles, data, attachments, scan, ...rest } = media;
  const lists = {
    video: list(video, VIDEO),
    audio: list(audio, AUDIO),
    subtitles: list(subtitles, SUBTITLE),
    data: list(data, DATA),
    attachments: list(attachments, { ...DATA, kind: 'attachment' }),
  };
  return {
    ...differing(rest, { startSec: 0, chapters: [], tags: {} }),
    ...differing(lists, { video: [], audio: [], subtitles: [], data: [], attachments: [] }),
    ...(scan ? { scan: differing(scan, SCAN) } : {}),
  };
}

export const sourceNames = (): readonly string[] =>
  readdirSync(FOLDER)
    .map((name) => name.replace(/\.json$/, ''))
    .sort();

export const sourceUrl = (name: string): URL => new URL(`${name}.json`, FOLDER);

/** Reads a described source by its name. */
export function readSource(name: string): GoldenSource {
  return JSON.parse(readFileSync(sourceUrl(name), 'utf8'));
}

/** What a probe says of the source, where its clip lies in `folder`. */
export const mediaOf = (source: GoldenSource, folder = '/media'): MediaInfo =>
  fullMedia(`${folder}/${source.file}`, source.media);
