import { hideSample, type Protection, protectedHeader, protectionBoxes } from './common-encryption.ts';
import { type CutSegment, segmentTicks } from './cut.ts';
import type { FragmentedFile, RandomAccess } from './fragmented-file.ts';
import type { Sample } from './mp4-fragment.ts';
import type { ByteRange, Resource } from './package.ts';
import { type Chunk, chunkHead, headerBytes, indexBytes, segmentType } from './write-fragments.ts';

/** Writes a file of a package, in its folder. Answers with its bytes. */
type WriteFile = (path: string, parts: AsyncIterable<Buffer> | readonly Buffer[]) => Promise<number>;

/** Where a track's parts lie, relative to the package's folder. */
export interface WrittenTrack {
  /** Undefined where segments need none: in MPEG-TS. */
  readonly init: Resource | undefined;
  /** Of a single file. */
  readonly index?: ByteRange | undefined;
  readonly segments: readonly Resource[];
}

/** Names of a track's files. */
interface TrackNames {
  /** `video_1080p_h264`: the folder of its segments, or the single file without its ending. */
  readonly base: string;
  readonly isSingle: boolean;
}

const LARGEST_READ = 8 * 1024 * 1024;

/** The bytes of samples, in as few reads as they lie together. */
async function* sampleBytes(file: RandomAccess, samples: readonly Sample[]): AsyncGenerator<Buffer> {
  let [at, length] = [0, 0];
  for (const { offset, bytes } of samples) {
    if (length > 0 && (at + length !== offset || length + bytes > LARGEST_READ)) {
      yield await file.read(at, length);
      length = 0;
    }
    if (length === 0) at = offset;
    length += bytes;
  }
  if (length > 0) yield await file.read(at, length);
}

interface HeadedChunk {
  readonly chunk: Chunk;
  /** Place of its first sample among the track's. */
  readonly first: number;
  readonly head: Buffer;
  readonly bytes: number;
}

/** The samples of a chunk, each by itself. */
async function samplesOf(file: RandomAccess, { samples }: Chunk): Promise<readonly Buffer[]> {
  const parts: Buffer[] = [];
  for await (const part of sampleBytes(file, samples)) parts.push(part);
  const all = Buffer.concat(parts);
  let at = 0;
  return samples.map(({ bytes }) => {
    at += bytes;
    return all.subarray(at - bytes, at);
  });
}

async function hidden(file: RandomAccess, chunk: Chunk, first: number, protection: Protection) {
  return (await samplesOf(file, chunk)).map((sample, n) => hideSample(sample, first + n, protection));
}

/** The heads of all chunks. What is encrypted is so twice: once for what its head says of it, once to be written. */
async function headed(
  file: RandomAccess,
  segments: readonly CutSegment[],
  trackId: number,
  protection: Protection | undefined,
): Promise<readonly (readonly HeadedChunk[])[]> {
  let sequence = 0;
  let first = 0;
  const all: HeadedChunk[][] = [];
  for (const segment of segments) {
    const chunks: HeadedChunk[] = [];
    for (const chunk of segment) {
      sequence += 1;
      const rows = protection && (await hidden(file, chunk, first, protection)).map(({ row }) => row);
      const more = rows && protection ? (before: number) => protectionBoxes(rows, before, protection) : undefined;
      const head = chunkHead(chunk, trackId, sequence, more);
      const bytes = chunk.samples.reduce((sum, sample) => sum + sample.bytes, head.length);
      chunks.push({ chunk, first, head, bytes });
      first += chunk.samples.length;
    }
    all.push(chunks);
  }
  return all;
}

async function* chunkBytes({ file, protection }: Source, chunks: readonly HeadedChunk[]): AsyncGenerator<Buffer> {
  for (const { head, chunk, first } of chunks) {
    yield head;
    if (protection) for (const { bytes } of await hidden(file, chunk, first, protection)) yield bytes;
    else yield* sampleBytes(file, chunk.samples);
  }
}

/** A track that is about to be written. */
interface Source {
  readonly file: RandomAccess;
  readonly header: Buffer;
  readonly segments: readonly (readonly HeadedChunk[])[];
  readonly protection: Protection | undefined;
}

const bytesOf = (chunks: readonly HeadedChunk[]): number => chunks.reduce((sum, { bytes }) => sum + bytes, 0);

async function* concat(...parts: readonly (AsyncIterable<Buffer> | readonly Buffer[])[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield* part;
}

/** Many files: a header, and one for each segment. */
async function writeMany(source: Source, base: string, write: WriteFile): Promise<WrittenTrack> {
  const init = { path: `${base}/init.mp4` };
  await write(init.path, [source.header]);
  const segments: Resource[] = [];
  for (const [n, chunks] of source.segments.entries()) {
    const path = `${base}/${String(n + 1).padStart(5, '0')}.m4s`;
    await write(path, concat([segmentType()], chunkBytes(source, chunks)));
    segments.push({ path });
  }
  return { init, segments };
}

/** One file: header, index, and the segments, each a range of bytes. */
async function writeSingle(source: Source, index: Buffer, base: string, write: WriteFile): Promise<WrittenTrack> {
  const path = `${base}.mp4`;
  const { header } = source;
  await write(path, concat([header, index], ...source.segments.map((chunks) => chunkBytes(source, chunks))));
  let offset = header.length + index.length;
  const segments: Resource[] = [];
  for (const chunks of source.segments) {
    const length = bytesOf(chunks);
    segments.push({ path, range: { offset, length } });
    offset += length;
  }
  return {
    init: { path, range: { offset: 0, length: header.length } },
    index: { offset: header.length, length: index.length },
    segments,
  };
}

/** Writes a track that was cut into segments. `file` is where its samples lie. */
export async function writeTrack(
  file: RandomAccess,
  track: FragmentedFile,
  cut: readonly CutSegment[],
  { base, isSingle }: TrackNames,
  write: WriteFile,
  protection?: Protection,
): Promise<WrittenTrack> {
  const segments = await headed(file, cut, track.trackId, protection);
  const moov = protection ? protectedHeader(track.moov, protection) : track.moov;
  const source: Source = { file, header: headerBytes(moov), segments, protection };
  if (!isSingle) return writeMany(source, base, write);
  const rows = cut.map((segment, n) => ({
    bytes: bytesOf(segments[n] ?? []),
    durationTicks: segmentTicks(segment),
  }));
  return writeSingle(source, indexBytes(rows, track), base, write);
}
