import type { EncoderRow, EncodeSpec, Gop } from '../codecs/encoder-row.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { coverArgs } from './cover.ts';
import { encodedChain, pixelFormatArgs } from './device-chain.ts';
import { videoChain } from './filters.ts';
import { sec } from './input-args.ts';
import type { ColourPlan, ResolvedExport } from './resolved.ts';
import { naturalRate } from './timeline.ts';

function encodeSpec(resolved: ResolvedExport, pass: 1 | 2 | undefined): EncodeSpec {
  const { video, container } = resolved;
  const { to } = video.colour;
  return {
    rate: video.rate,
    speed: video.speed,
    width: video.geometry.width,
    height: video.geometry.height,
    frameRate: video.frameRate,
    pixelFormat: video.pixelFormat,
    gop: video.gop,
    colour: to,
    hdr: video.colour.hdr,
    container,
    threads: video.threads,
    leanLookahead: video.leanLookahead === true,
    pass,
    device: video.hardware?.device,
    custom: video.custom,
  };
}

/** ffmpeg's option spells these two otherwise than ffprobe does. */
const TRANSFER_OPTION: Readonly<Record<string, string>> = { bt470bg: 'gamma28', bt470m: 'gamma22' };

function colourArgs({ video }: ResolvedExport): readonly string[] {
  const { to } = video.colour;
  return [
    '-color_range',
    to.range,
    '-color_primaries',
    to.primaries,
    '-color_trc',
    TRANSFER_OPTION[to.transfer] ?? to.transfer,
    '-colorspace',
    to.matrix,
  ];
}

const passesOnWrongly = ({ hdr }: VideoStream, colour: ColourPlan): boolean =>
  hdr.dolbyVision || (hdr.inContainer && colour.hdr === undefined);

/**
 * ffmpeg hands what a container says of a stream on to the stream made of it, mastering display and content light of
 * HDR too, which pictures in SDR must not have, and Dolby Vision, which no encode has (measured with 5.1.9). A stream out of a graph with two inputs comes from
 * none: the second is thrown away, and the tags are fetched.
 */
const detached = (index: number, chain: string): readonly string[] => [
  ...['-filter_complex', `[0:${index}]nullsink;[0:${index}]${chain}[picture]`, '-map', '[picture]'],
  ...['-map_metadata:s:v:0', `0:s:${index}`],
];

/** Some encoders write the captions that lie in the source's pictures (A/53) into theirs, others do not, and newer versions others still. */
const NO_CAPTIONS = 'sidedata=mode=delete:type=A53_CC';

/** The picture: where it comes from, what is done to it, and its encoder. */
export function pictureArgs(
  resolved: ResolvedExport,
  row: EncoderRow,
  media: MediaInfo,
  pass: 1 | 2 | undefined,
): readonly string[] {
  const { video, timeline } = resolved;
  const stream = media.video.find((one) => one.index === video.index);
  const software = videoChain(video, timeline, stream ? naturalRate(stream, media) : undefined, resolved.burn);
  const chain = [encodedChain(video, row, software), ...(video.dropsCaptions ? [NO_CAPTIONS] : [])].join(',');
  const map =
    stream && passesOnWrongly(stream, video.colour)
      ? detached(video.index, chain)
      : ['-map', `0:${video.index}`, '-filter:v:0', chain];
  return [...map, ...encoderArgs(resolved, row, pass, coverArgs(resolved, media).stream.length > 0)];
}

/** By time, or by count where every rendition must have them at the same pictures: a time in between would go one way here and another there. */
const keyframesAt = (gop: Gop): string =>
  gop.exact ? `expr:eq(mod(n,${gop.frames}),0)` : `expr:gte(t,n_forced*${sec(gop.sec)})`;

/** The encoder with all that is said to it, for pictures that come out of the export's chain. */
export function encoderArgs(
  resolved: ResolvedExport,
  row: EncoderRow,
  pass: 1 | 2 | undefined,
  amongOthers = false,
): readonly string[] {
  const { video } = resolved;
  const own = row.args(encodeSpec(resolved, pass));
  return [
    // The fps filter already made the rate; the encoder must neither add nor drop a frame.
    '-fps_mode:v',
    'passthrough',
    ...(video.frameRate ? ['-enc_time_base:v', `${video.frameRate.den}:${video.frameRate.num}`] : []),
    ...(amongOthers ? forStream(own, 'v', 0) : own),
    ...pixelFormatArgs(video, row),
    ...colourArgs(resolved),
    ...(row.forcesKeyframes ? ['-force_key_frames:v', keyframesAt(video.gop)] : []),
  ];
}

/** Options meant for one stream only: `-b:a` becomes `-b:a:1`. */
export function forStream(args: readonly string[], kind: 'v' | 'a', n: number): readonly string[] {
  return args.map((arg) => (/^-[a-z]/i.test(arg) ? `${arg.replace(/:[va]$/, '')}:${kind}:${n}` : arg));
}

/** Apple's players open H.265 by this name only; ffmpeg gives another to what comes out of Matroska. */
export function copiedPicture({ video, container }: ResolvedExport, media: MediaInfo): readonly string[] {
  const isHevc = media.video.some(({ index, codec }) => index === video.index && codec === 'hevc');
  const tag = isHevc && (container === 'mp4' || container === 'mov') ? ['-tag:v', 'hvc1'] : [];
  return ['-map', `0:${video.index}`, '-c:v', 'copy', ...tag];
}
