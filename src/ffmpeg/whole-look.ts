import { stat } from 'node:fs/promises';
import type { WholeLook } from '../model/media.ts';
import { filmOf, mediaOf, needsFrame, needsScan, packetContext, parseJson, sourceInput, withScan } from './probe.ts';
import { frameSchema, type Listed, type ProbedFrame, wholeSchema } from './probe-schema.ts';
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

/**
 * Looks at all of a film with one ffprobe that decodes it: what `probeMedia` tells of it, where its keyframes lie, and that
 * all of it is sound. For short films: the list of what is in it is held in memory. Undefined where it is no film, where
 * anything at all was complained of or did not come out of its decoder: others then tell what is wrong, if anything is.
 * Throws the signal's reason on abort.
 */
export async function lookAtWhole(ffprobe: string, file: string, signal: AbortSignal): Promise<WholeLook | undefined> {
  const size = await stat(file).catch(() => undefined);
  const result = await runTool({
    program: ffprobe,
    args: [
      ...['-v', 'error', '-threads', '0', ...sourceInput(file), '-show_streams', '-show_format', '-show_chapters'],
      ...['-show_entries', ENTRIES, '-of', 'json'],
    ],
    signal,
  });
  signal.throwIfAborted();
  if (!size || result.outcome !== 'exited' || result.exitCode !== 0 || result.stderr.trim() !== '') return undefined;
  const probed = parseJson(result.stdout, wholeSchema);
  const film = probed && filmOf(probed);
  if (!film) return undefined;
  const packets = probed.packets_and_frames.filter(({ type }) => type === 'packet').map(packetOf);
  const decoded = probed.packets_and_frames.filter(({ type }) => type === 'frame');
  if (!allCameOut(packets, decoded)) return undefined;
  const first = decoded.find(({ stream_index }) => stream_index === film.index);
  const frame: ProbedFrame | undefined = needsFrame(film) ? frameSchema.safeParse(first).data : undefined;
  const media = mediaOf(probed, file, size.size, film.index, frame);
  const video = media.video.find(({ index }) => index === film.index);
  if (!video) return undefined;
  const scanned = needsScan(media, video) ? scanOf(packets, packetContext(probed, media, video)) : undefined;
  const keys = packets.filter(({ stream, key, discard }) => stream === film.index && key && !discard);
  return {
    media: scanned ? withScan(media, video, scanned) : media,
    keyframeSec: keys.flatMap(({ ptsSec }) => ptsSec ?? []).sort((a, b) => a - b),
  };
}
