import type { Rational } from '../model/rational.ts';
import { fourcc } from './boxes.ts';
import { frameRateOf, videoRangeOf } from './measure-track.ts';
import { type InitTrack, readInit } from './mp4-init.ts';
import { readMp4Segment } from './mp4-segment.ts';
import type { Resource, VideoRange } from './package.ts';
import type { DecodedPicture, Decoder, PackageFiles, ProbedMedia } from './ports.ts';
import type { Piece, Rendition } from './rendition.ts';
import type { SegmentFacts } from './stream-facts.ts';
import { readTsSegment } from './ts-segment.ts';
import type { TsStream } from './ts-streams.ts';

/** A piece and what its own bytes say; `facts` is undefined where they cannot be read: encrypted, or no format of ours. */
export interface ReadPiece {
  readonly piece: Piece;
  readonly bytes: number;
  readonly format: 'mp4' | 'ts' | 'other';
  readonly facts: SegmentFacts | undefined;
}

/** What the bitstream says of one stream of a rendition. */
export interface StreamDescription {
  readonly kind: 'video' | 'audio' | 'text';
  readonly codec: string | undefined;
  /** As coded and as shown: a manifest may say either. */
  readonly sizes: readonly string[];
  readonly frameRate: Rational | undefined;
  readonly videoRange: VideoRange | undefined;
  readonly channels: number | undefined;
  readonly sampleRate: number | undefined;
}

export interface ReadRendition {
  readonly rendition: Rendition;
  readonly pieces: readonly ReadPiece[];
  readonly streams: readonly StreamDescription[];
}

const keyOf = ({ path, range }: Resource): string => `${path}@${range?.offset ?? ''}+${range?.length ?? ''}`;
/** Before a player shows the first picture it has read as much. */
const PROBE_BYTES = 16 * 1024 * 1024;

/** Some writers fill up the last block behind a JPEG's end. */
const TAIL_BYTES = 512;

/** Decoders fill up a JPEG that is cut short, and may say nothing. */
function isCutJpeg(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  const tail = bytes.subarray(-TAIL_BYTES);
  return !tail.some((byte, at) => byte === 0xff && tail[at + 1] === 0xd9);
}

/** Reads each segment and header once, though several manifests may name it. */
export class PieceReader {
  readonly #files: PackageFiles;
  readonly #decoder: Decoder;
  readonly #segments = new Map<string, Promise<ReadPiece>>();
  readonly #headers = new Map<string, Promise<readonly InitTrack[]>>();
  readonly #probed = new Map<string, Promise<ProbedMedia | undefined>>();
  readonly #pictures = new Map<string, Promise<DecodedPicture | undefined>>();

  constructor(files: PackageFiles, decoder: Decoder) {
    this.#files = files;
    this.#decoder = decoder;
  }

  async read(rendition: Rendition): Promise<ReadRendition> {
    const pieces: ReadPiece[] = [];
    for (const piece of rendition.pieces) pieces.push({ ...(await this.#piece(piece)), piece });
    const streams = rendition.holds === 'media' ? await this.#describe(pieces) : [];
    return { rendition, pieces, streams };
  }

  header(init: Resource): Promise<readonly InitTrack[]> {
    const known = this.#headers.get(keyOf(init));
    const tracks = known ?? this.#files.read(init.path, init.range).then(readInit);
    this.#headers.set(keyOf(init), tracks);
    return tracks;
  }

  /** Undefined: it is no picture. */
  picture(resource: Resource): Promise<DecodedPicture | undefined> {
    const known = this.#pictures.get(keyOf(resource));
    const picture = known ?? this.#decoded(resource);
    this.#pictures.set(keyOf(resource), picture);
    return picture;
  }

  async #decoded(resource: Resource): Promise<DecodedPicture | undefined> {
    const bytes = await this.#files.read(resource.path, resource.range);
    const picture = await this.#decoder.picture(bytes);
    return picture && isCutJpeg(bytes) ? { ...picture, complaint: 'it ends before its end mark (EOI)' } : picture;
  }

  #piece(piece: Piece): Promise<ReadPiece> {
    const key = `${piece.init ? keyOf(piece.init) : ''} ${keyOf(piece)}`;
    const read = this.#segments.get(key) ?? this.#segment(piece);
    this.#segments.set(key, read);
    return read;
  }

  async #segment(piece: Piece): Promise<ReadPiece> {
    const bytes = piece.range?.length ?? this.#files.sizes.get(piece.path) ?? 0;
    const unread = { piece, bytes, format: 'other', facts: undefined } as const;
    if (piece.isEncrypted) return unread;
    if (piece.init) {
      const facts = await readMp4Segment(this.#files, piece, await this.header(piece.init));
      return { piece, bytes, format: 'mp4', facts };
    }
    const head = await this.#files.read(piece.path, { offset: piece.range?.offset ?? 0, length: 16 });
    if (head[0] !== 0x47 && !looksLikeText(head)) return this.#isPlain(head) ? unread : noFormat(piece, bytes);
    if (looksLikeText(head)) return unread;
    return { piece, bytes, format: 'ts', facts: readTsSegment(await this.#files.read(piece.path, piece.range)) };
  }

  /** Pictures, and sound without a container, which HLS knows and we do not look into. */
  #isPlain(head: Uint8Array): boolean {
    const jpegOrAudio = head[0] === 0xff;
    return jpegOrAudio || fourcc(head, 0).startsWith('ID3') || fourcc(head, 1).startsWith('PNG');
  }

  async #describe(pieces: readonly ReadPiece[]): Promise<readonly StreamDescription[]> {
    const [first] = pieces;
    if (!first?.facts) return [];
    const rates = frameRateOf(
      pieces.flatMap(({ facts }) => facts?.streams.filter(({ kind }) => kind === 'video') ?? []),
    );
    if (first.piece.init) {
      const tracks = await this.header(first.piece.init);
      const needsColour = tracks.some(({ kind, colour }) => kind === 'video' && !videoRangeOf(colour?.transfer));
      const probed = needsColour ? await this.#probeOf(first) : undefined;
      return tracks.flatMap((track) => (track.kind === 'other' ? [] : [describeTrack(track, rates, probed)]));
    }
    const streams = readTsSegment(await this.#files.read(first.piece.path, first.piece.range)).streams;
    const probed = await this.#probeOf(first);
    return streams.map((stream) => describeTs(stream, rates, probed));
  }

  #probeOf({ piece }: ReadPiece): Promise<ProbedMedia | undefined> {
    const known = this.#probed.get(keyOf(piece));
    const probed = known ?? this.#probePiece(piece);
    this.#probed.set(keyOf(piece), probed);
    return probed;
  }

  async #probePiece(piece: Piece): Promise<ProbedMedia | undefined> {
    const size = this.#files.sizes.get(piece.path) ?? 0;
    const range = piece.range ?? { offset: 0, length: size };
    const head = piece.init ? await this.#files.read(piece.init.path, piece.init.range) : new Uint8Array();
    const body = await this.#files.read(piece.path, { ...range, length: Math.min(range.length, PROBE_BYTES) });
    const joined = new Uint8Array(head.length + body.length);
    joined.set(head);
    joined.set(body, head.length);
    return this.#decoder.probe(joined);
  }
}

const looksLikeText = (head: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(head.subarray(0, 12)).includes('WEBVTT') || head[0] === 0x3c;

function noFormat(piece: Piece, bytes: number): ReadPiece {
  const faults = ['it is neither a transport stream nor MP4 with an initialization segment'];
  return { piece, bytes, format: 'other', facts: { bytes, streams: [], faults } };
}

const RANGES: Readonly<Record<string, VideoRange>> = { smpte2084: 'PQ', 'arib-std-b67': 'HLG' };

function probedRange(probed: ProbedMedia | undefined): VideoRange | undefined {
  if (!probed?.video) return undefined;
  // A stream that says nothing of its colours is shown as SDR.
  return RANGES[probed.video.transfer ?? ''] ?? 'SDR';
}

function describeTrack(
  track: InitTrack,
  rates: Rational | undefined,
  probed: ProbedMedia | undefined,
): StreamDescription {
  const video = track.kind === 'video';
  return {
    kind: track.kind === 'other' ? 'text' : track.kind,
    codec: track.codec,
    sizes: video ? [`${track.width}x${track.height}`, `${track.codedWidth}x${track.codedHeight}`] : [],
    frameRate: video ? rates : undefined,
    videoRange: video ? (videoRangeOf(track.colour?.transfer) ?? probedRange(probed)) : undefined,
    channels: track.channels,
    sampleRate: track.sampleRate,
  };
}

function describeTs(stream: TsStream, rates: Rational | undefined, probed: ProbedMedia | undefined): StreamDescription {
  const video = stream.kind === 'video' ? probed?.video : undefined;
  return {
    kind: stream.kind,
    codec: stream.codec,
    sizes: video ? [`${video.width}x${video.height}`] : [],
    frameRate: stream.kind === 'video' ? (video?.frameRate ?? rates) : undefined,
    videoRange: stream.kind === 'video' ? probedRange(probed) : undefined,
    channels: stream.channels ?? probed?.audio?.channels,
    sampleRate: stream.sampleRate ?? probed?.audio?.sampleRate,
  };
}
