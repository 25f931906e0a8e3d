import { type CutSegment, segmentTicks } from './cut.ts';
import type { FragmentedFile, RandomAccess, Sample } from './fragmented-file.ts';
import type { ByteRange, Resource } from './package.ts';
import { type Chunk, chunkHead, headerBytes, indexBytes, segmentType } from './write-fragments.ts';

/** Writes a file of a package, in its folder. Answers with its bytes. */
export type WriteFile = (path: string, parts: AsyncIterable<Buffer> | readonly Buffer[]) => Promise<number>;

/** Where a track's parts lie, relative to the package's folder. */
export interface WrittenTrack {
  /** Undefined where segments need none: in MPEG-TS. */
  readonly init: Resource | undefined;
  /** Of a single file. */
  readonly index?: ByteRange | undefined;
  readonly segments: readonly Resource[];
}

/** Names of a track's files. */
export interface TrackNames {
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
  readonly head: Buffer;
  readonly bytes: number;
}

function headed(segments: readonly CutSegment[], trackId: number): readonly (readonly HeadedChunk[])[] {
  let sequence = 0;
  return segments.map((segment) =>
    segment.map((chunk) => {
      sequence += 1;
      const head = chunkHead(chunk, trackId, sequence);
      const bytes = chunk.samples.reduce((sum, sample) => sum + sample.bytes, head.length);
      return { chunk, head, bytes };
    }),
  );
}

async function* chunkBytes(file: RandomAccess, chunks: readonly HeadedChunk[]): AsyncGenerator<Buffer> {
  for (const { head, chunk } of chunks) {
    yield head;
    yield* sampleBytes(file, chunk.samples);
  }
}

const bytesOf = (chunks: readonly HeadedChunk[]): number => chunks.reduce((sum, { bytes }) => sum + bytes, 0);

async function* concat(...parts: readonly (AsyncIterable<Buffer> | readonly Buffer[])[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield* part;
}

/** Many files: a header, and one for each segment. */
async function writeMany(
  source: {
    readonly file: RandomAccess;
    readonly header: Buffer;
    readonly segments: readonly (readonly HeadedChunk[])[];
  },
  base: string,
  write: WriteFile,
): Promise<WrittenTrack> {
  const init = { path: `${base}/init.mp4` };
  await write(init.path, [source.header]);
  const segments: Resource[] = [];
  for (const [n, chunks] of source.segments.entries()) {
    const path = `${base}/${String(n + 1).padStart(5, '0')}.m4s`;
    await write(path, concat([segmentType()], chunkBytes(source.file, chunks)));
    segments.push({ path });
  }
  return { init, segments };
}

/** One file: header, index, and the segments, each a range of bytes. */
async function writeSingle(
  source: {
    readonly file: RandomAccess;
    readonly header: Buffer;
    readonly segments: readonly (readonly HeadedChunk[])[];
  },
  index: Buffer,
  base: string,
  write: WriteFile,
): Promise<WrittenTrack> {
  const path = `${base}.mp4`;
  const { file, header } = source;
  await write(path, concat([header, index], ...source.segments.map((chunks) => chunkBytes(file, chunks))));
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
): Promise<WrittenTrack> {
  const segments = headed(cut, track.trackId);
  const source = { file, header: headerBytes(track.moov), segments };
  if (!isSingle) return writeMany(source, base, write);
  const rows = cut.map((segment, n) => ({
    bytes: bytesOf(segments[n] ?? []),
    durationTicks: segmentTicks(segment),
  }));
  return writeSingle(source, indexBytes(rows, track), base, write);
}
