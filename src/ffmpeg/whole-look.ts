import { stat } from 'node:fs/promises';
import type { FilmSample, FilmTables, WholeLook } from '../model/media.ts';
import type { DecodeStretch } from './measure.ts';
import { filmOf, mediaOf, needsFrame, needsScan, packetContext, parseJson, sourceInput, withScan } from './probe.ts';
import {
  frameSchema,
  type Listed,
  type Probed,
  type ProbedFrame,
  type ProbedStream,
  wholeSchema,
} from './probe-schema.ts';
import { type Packet, scanOf } from './scan.ts';
import { runTool } from './spawn.ts';

const ENTRIES = [
  'packet=codec_type,stream_index,pts_time,dts_time,duration_time,flags',
  'frame=stream_index,pix_fmt,interlaced_frame,top_field_first,color_range,color_primaries,color_transfer,color_space',
  'frame_side_data_list',
].join(':');

const secondsOf = (text: string | undefined): number | undefined => {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : undefined;
};

const packetOf = ({ stream_index, codec_type, pts_time, dts_time, duration_time, flags = '' }: Listed): Packet => ({
  stream: stream_index ?? -1,
  type: codec_type ?? '',
  ptsSec: secondsOf(pts_time),
  dtsSec: secondsOf(dts_time),
  durationSec: secondsOf(duration_time),
  bytes: undefined,
  key: flags.includes('K'),
  discard: flags.includes('D'),
  corrupt: flags.includes('C'),
});

/** Sound that ends before the film begins is what an encoder puts in front: no decoder gives it out. */
const isGivenOut = ({ type, ptsSec, durationSec, discard }: Packet): boolean =>
  !discard && (type === 'video' || (type === 'audio' && (ptsSec ?? 0) + (durationSec ?? 0) > 0));

/** Nothing went into a decoder that did not come out: ffprobe is silent where a decoder refuses a packet without a word. */
function allCameOut(packets: readonly Packet[], decoded: readonly Listed[]): boolean {
  const left = new Map<number, number>();
  for (const packet of packets) {
    if (isGivenOut(packet)) left.set(packet.stream, (left.get(packet.stream) ?? 0) + 1);
  }
  for (const { stream_index = -1 } of decoded) left.set(stream_index, (left.get(stream_index) ?? 0) - 1);
  return [...left.values()].every((count) => count <= 0);
}

const earliest = (packets: readonly { readonly ptsSec: number | undefined }[]): number =>
  packets.reduce((least, { ptsSec }) => Math.min(least, ptsSec ?? least), Number.POSITIVE_INFINITY);

/**
 * The packets that tables list, on the line that ffprobe has: ffmpeg's demuxer shows all pictures of fragments later, by as
 * much as the first may be decoded before it is shown.
 */
function listedPackets(samples: readonly FilmSample[], stream: number, seen: readonly Packet[]): readonly Packet[] {
  const later = earliest(seen.filter((packet) => packet.stream === stream)) - earliest(samples);
  return samples.map(({ ptsSec, dtsSec, durationSec, key }) => ({
    ...{ stream, type: 'video', ptsSec: ptsSec + later, dtsSec: dtsSec + later, durationSec, key },
    ...{ bytes: undefined, discard: false, corrupt: false },
  }));
}

/** Parts of a film that are decoded, and what tells of the rest. */
interface PartsOf {
  readonly stretches: readonly DecodeStretch[];
  readonly tables: FilmTables;
}

const intervalOf = ({ fromSec, durationSec }: DecodeStretch): string =>
  `${fromSec ? fromSec.toFixed(6) : ''}%${durationSec === undefined ? '' : `+${durationSec.toFixed(6)}`}`;

/** What ffprobe lists of a film while it decodes it, in the order of the file. */
interface Listing {
  readonly probed: Probed;
  readonly film: ProbedStream;
  readonly packets: readonly Packet[];
  readonly decoded: readonly Listed[];
}

/** Undefined where it is no film, or where anything at all was complained of or did not come out of its decoder. */
async function listDecoded(
  ffprobe: string,
  file: string,
  stretches: readonly DecodeStretch[],
  signal: AbortSignal,
): Promise<Listing | undefined> {
  const isAll = stretches.every(({ fromSec, durationSec }) => !fromSec && durationSec === undefined);
  const result = await runTool({
    program: ffprobe,
    args: [
      ...['-v', 'error', '-threads', '0', ...sourceInput(file), '-show_streams', '-show_format', '-show_chapters'],
      ...(isAll ? [] : ['-read_intervals', stretches.map(intervalOf).join(',')]),
      ...['-show_entries', ENTRIES, '-of', 'json'],
    ],
    signal,
  });
  signal.throwIfAborted();
  if (result.outcome !== 'exited' || result.exitCode !== 0 || result.stderr.trim() !== '') return undefined;
  const probed = parseJson(result.stdout, wholeSchema);
  const film = probed && filmOf(probed);
  if (!film) return undefined;
  const packets = probed.packets_and_frames.filter(({ type }) => type === 'packet').map(packetOf);
  const decoded = probed.packets_and_frames.filter(({ type }) => type === 'frame');
  return allCameOut(packets, decoded) ? { probed, film, packets, decoded } : undefined;
}

const keyframesIn = (packets: readonly Packet[], film: ProbedStream): readonly number[] =>
  packets
    .filter(({ stream, key, discard }) => stream === film.index && key && !discard)
    .flatMap(({ ptsSec }) => ptsSec ?? [])
    .sort((a, b) => a - b);

/**
 * Looks at a film with one ffprobe that decodes all of it, or parts where the film has tables: what `probeMedia` tells of it,
 * where its keyframes lie, and that what was decoded is sound. The list of what that is is held in memory. Undefined where it
 * is no film, where anything at all was complained of or did not come out of its decoder, or where the tables do not tell
 * enough: others then tell what is wrong, if anything is. Throws the signal's reason on abort.
 */
export async function lookAtWhole(
  ffprobe: string,
  file: string,
  signal: AbortSignal,
  parts?: PartsOf,
): Promise<WholeLook | undefined> {
  const size = await stat(file).catch(() => undefined);
  const listing = await listDecoded(ffprobe, file, parts?.stretches ?? [], signal);
  if (!size || !listing) return undefined;
  const { probed, film, packets, decoded } = listing;
  const first = decoded.find(({ stream_index }) => stream_index === film.index);
  const frame: ProbedFrame | undefined = needsFrame(film) ? frameSchema.safeParse(first).data : undefined;
  const media = mediaOf(probed, file, size.size, film.index, frame);
  const video = media.video.find(({ index }) => index === film.index);
  if (!video) return undefined;
  const told = parts?.tables.samples;
  const all = parts ? told && listedPackets(told, film.index, packets) : packets;
  const keyframeSec = all ? keyframesIn(all, film) : parts?.tables.keyframeSec;
  if (!keyframeSec) return undefined;
  if (!needsScan(media, video)) return { media, keyframeSec };
  return all && { media: withScan(media, video, scanOf(all, packetContext(probed, media, video))), keyframeSec };
}
