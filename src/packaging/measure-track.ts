import { nearestStandardRate, type Rational, rational, valueOf } from '../model/rational.ts';
import { type InitTrack, readInit } from './mp4-init.ts';
import { type FoundIndex, findIndex, headerRange, readMp4Segment, segmentRanges } from './mp4-segment.ts';
import type { ByteRange, Resource, Segment, VideoRange } from './package.ts';
import type { PackageFiles } from './ports.ts';
import type { StreamFacts } from './stream-facts.ts';
import { readTsSegment, type TsSegment } from './ts-segment.ts';
import type { TsStream } from './ts-streams.ts';

/** Where a finished track lies: segments of its own with their header (MP4) or without (TS), or all in one MP4 file. */
export type TrackPlaces =
  | { readonly kind: 'segments'; readonly init: string | undefined; readonly paths: readonly string[] }
  | { readonly kind: 'single-file'; readonly path: string };

/** What was measured of a track, in the words of `MediaTrack`: spread it into one. */
export interface MeasuredTrack {
  readonly format: 'mp4' | 'ts';
  readonly codec: string;
  readonly timescale: number;
  readonly init: Resource | undefined;
  readonly index: ByteRange | undefined;
  readonly segments: readonly Segment[];
  readonly kind: 'video' | 'audio' | 'text';
  /** As shown in square pixels; undefined for sound, and for TS, whose header says it only to a decoder. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** By count and length of its pictures, snapped to a standard rate within 0.06 %; undefined for sound. */
  readonly frameRate: Rational | undefined;
  /** As MP4's header says it; undefined where it is silent, and for TS. */
  readonly videoRange: VideoRange | undefined;
  readonly channels: number | undefined;
  readonly sampleRate: number | undefined;
  /** What is wrong with the structure of its segments, with their paths; empty where all is well. */
  readonly faults: readonly string[];
}

/**
 * Reads the finished segments of one track. The header may hold one track alone.
 *
 * @returns a sentence where there is nothing that could be measured
 */
export async function measureTrack(files: PackageFiles, places: TrackPlaces): Promise<MeasuredTrack | string> {
  if (places.kind === 'segments' && places.init === undefined) return measureTs(files, places.paths);
  const laidOut = await layOut(files, places);
  if (typeof laidOut === 'string') return laidOut;
  const { init, index, resources } = laidOut;
  const [track, ...others] = readInit(await files.read(init.path, init.range));
  if (!track) return `${init.path} is no header of an MP4 film`;
  if (others.length > 0)
    return `${init.path} has ${others.length + 1} tracks; a package keeps each in files of its own`;
  return measureMp4(files, track, { init, index, resources });
}

interface Layout {
  readonly init: Resource;
  readonly index: ByteRange | undefined;
  readonly resources: readonly Resource[];
}

async function layOut(files: PackageFiles, places: TrackPlaces): Promise<Layout | string> {
  if (places.kind === 'segments') {
    const resources = places.paths.map((path) => ({ path }));
    return { init: { path: places.init ?? '' }, index: undefined, resources };
  }
  const { path } = places;
  const range = await headerRange(files, path);
  if (!range) return `${path} is no MP4 file, or its header was not written`;
  const found = await findIndex(files, path);
  const index = found && coversAll(found, files.sizes.get(path) ?? 0) ? found : undefined;
  const ranges = index?.index.entries.map((entry) => entry.range) ?? (await segmentRanges(files, path));
  return { init: { path, range }, index: index?.range, resources: ranges.map((one) => ({ path, range: one })) };
}

/** Room for a random access index (`mfra`) behind the last segment: some bytes a fragment. */
const trailerBytes = (entries: number): number => 256 + 64 * entries;

/** Some muxers put an index of one before each segment; what players look for speaks of them all. */
function coversAll({ index }: FoundIndex, size: number): boolean {
  const last = index.entries.at(-1)?.range;
  return (
    last !== undefined &&
    last.offset + last.length <= size &&
    size - last.offset - last.length <= trailerBytes(index.entries.length)
  );
}

async function measureMp4(files: PackageFiles, track: InitTrack, layout: Layout): Promise<MeasuredTrack | string> {
  const { kind } = track;
  if (kind === 'other') return `${layout.init.path} holds neither film, sound nor text`;
  const segments: Segment[] = [];
  const streams: StreamFacts[] = [];
  const faults: string[] = [];
  for (const resource of layout.resources) {
    const facts = await readMp4Segment(files, resource, [track]);
    faults.push(...facts.faults.map((fault) => `${resource.path}: ${fault}`));
    const [stream] = facts.streams;
    if (!stream) continue;
    streams.push(stream);
    segments.push(segmentOf(resource, stream, facts.bytes));
  }
  if (segments.length === 0) return `${layout.init.path} has no segments`;
  return {
    ...{ format: 'mp4', codec: track.codec, timescale: track.timescale, init: layout.init, index: layout.index },
    ...{ segments, kind, faults },
    size: kind === 'video' ? { width: track.width, height: track.height } : undefined,
    frameRate: kind === 'video' ? frameRateOf(streams) : undefined,
    videoRange: kind === 'video' ? videoRangeOf(track.colour?.transfer) : undefined,
    channels: track.channels,
    sampleRate: track.sampleRate,
  };
}

function segmentOf(resource: Resource, stream: StreamFacts, bytes: number): Segment {
  const { startTicks, durationTicks, startsWithKeyframe } = stream;
  return { ...resource, startTicks, durationTicks, bytes, startsWithKeyframe };
}

/** Pictures over their length: exact for a constant rate, an average for a variable one. */
export function frameRateOf(streams: readonly StreamFacts[]): Rational | undefined {
  const timescale = streams[0]?.timescale ?? 0;
  const samples = streams.reduce((sum, stream) => sum + stream.samples, 0);
  const ticks = streams.reduce((sum, stream) => sum + stream.durationTicks, 0);
  if (samples === 0 || ticks === 0) return undefined;
  const exact = rational(samples * timescale, ticks);
  return nearestStandardRate(valueOf(exact)) ?? exact;
}

/** Transfer characteristics of ISO/IEC 23091-2: 16 is PQ, 18 is HLG, 2 says nothing. */
export function videoRangeOf(transfer: number | undefined): VideoRange | undefined {
  if (transfer === undefined || transfer === 2) return undefined;
  return transfer === 16 ? 'PQ' : transfer === 18 ? 'HLG' : 'SDR';
}

async function measureTs(files: PackageFiles, paths: readonly string[]): Promise<MeasuredTrack | string> {
  const read: { path: string; facts: TsSegment; stream: TsStream }[] = [];
  for (const path of paths) {
    const facts = readTsSegment(await files.read(path));
    const [stream, ...others] = facts.streams;
    if (!stream) return `${path} is no transport stream with film or sound in it`;
    if (others.length > 0) return `${path} has ${others.length + 1} streams; a package keeps each in files of its own`;
    read.push({ path, facts, stream });
  }
  const [first] = read;
  if (!first?.stream.codec) return `${paths[0] ?? 'a track without segments'} does not say what it is coded with`;
  const { stream } = first;
  const streams = read.map((one) => one.stream);
  return {
    ...{ format: 'ts', codec: stream.codec ?? '', timescale: stream.timescale, init: undefined, index: undefined },
    segments: read.map((one) => segmentOf({ path: one.path }, one.stream, one.facts.bytes)),
    ...{ kind: stream.kind, size: undefined, videoRange: undefined },
    frameRate: stream.kind === 'video' ? frameRateOf(streams) : undefined,
    channels: stream.channels,
    sampleRate: stream.sampleRate,
    faults: read.flatMap(({ path, facts }) => facts.faults.map((fault) => `${path}: ${fault}`)),
  };
}
