import type { EncoderRow } from '../codecs/encoder-row.ts';
import { type HardwareFamily, hardwareFamily } from '../codecs/hardware.ts';
import type { HardwareOffer } from '../model/hardware.ts';
import type { VideoStream } from '../model/media.ts';
import type { Step } from '../model/plan.ts';
import { cutVideo, lastPicture, pinned, tagFilter } from './filters.ts';
import { sec } from './input-args.ts';
import type { ResolvedExport, ResolvedVideo } from './resolved.ts';
import { naturalRate } from './timeline.ts';
import type { VideoContext } from './video-context.ts';

const layoutOf = (row: EncoderRow, pixelFormat: string): string => row.layouts?.[pixelFormat] ?? pixelFormat;

const filterName = (filter: string): string => filter.split('=')[0] ?? filter;

/** Pictures of the source that the device can hand on as they are: 4:2:0 of the depth that is delivered. */
function staysAsItIs(video: ResolvedVideo, stream: VideoStream): boolean {
  const isPlain = /^(yuv420p|yuvj420p|nv12|yuv420p10le|p010le)$/.test(stream.pixelFormat);
  const { colour, pixelFormat } = video;
  const depth = pixelFormat === 'yuv420p10le' ? 10 : pixelFormat === 'yuv420p' ? 8 : undefined;
  return isPlain && stream.bitDepth === depth && colour.kind === 'keep' && colour.from.range === colour.to.range;
}

/** What only filters in software do. */
function needsSoftware({ geometry, deinterlace, fpsMode, flattenAlpha, decoder }: ResolvedVideo, stream: VideoStream) {
  const { turn, unmirror, crop, trim, pad } = geometry;
  const turned = turn !== 0 || unmirror || stream.rotation !== 0 || stream.flipped;
  return turned || crop || trim || pad || deinterlace === 'detelecine' || fpsMode !== 'drop' || flattenAlpha || decoder;
}

/** The whole chain on the device, or undefined where a part of it is done in software. */
function chainOnDevice(
  video: ResolvedVideo,
  row: EncoderRow,
  family: HardwareFamily,
  offer: HardwareOffer,
  { stream, media, timeline, layered }: VideoContext,
): string | undefined {
  const { chain } = family;
  // Burned subtitles are drawn in software; the source's own HDR words are cut off by a graph of two inputs.
  const drawn = layered.values.subtitles?.kind === 'burn' || stream.hdr.inContainer || stream.hdr.dolbyVision;
  if (!chain || !offer.decodes || !chain.sources.includes(stream.codec) || drawn) return undefined;
  if (needsSoftware(video, stream) || !staysAsItIs(video, stream)) return undefined;
  const { geometry, deinterlace } = video;
  if (deinterlace !== 'off' && !chain.deinterlace) return undefined;
  const size = geometry.scale ?? { width: geometry.width, height: geometry.height };
  const layout = layoutOf(row, video.pixelFormat);
  const onDevice = [
    ...(deinterlace === 'frame' || deinterlace === 'field' ? [chain.deinterlace?.(deinterlace) ?? ''] : []),
    chain.scale({ ...size, scaling: geometry.scaling, layout }),
  ];
  if (!onDevice.every((filter) => offer.filters.includes(filterName(filter)))) return undefined;
  const [first, ...rest] = deinterlace === 'off' ? [undefined, ...onDevice] : onDevice;
  return [
    ...cutVideo(timeline, naturalRate(stream, media)),
    ...(first === undefined ? [] : [first]),
    ...pinned(video.frameRate, lastPicture(video, timeline)),
    ...rest,
    'setsar=1',
    tagFilter(video.colour),
  ].join(',');
}

/** The picture's decision with where its hardware encoder runs, and whether the rest of the chain runs there too. */
export function withHardware(video: ResolvedVideo, row: EncoderRow, context: VideoContext): ResolvedVideo {
  const { hardware: offer } = context;
  if (!offer || row.hardware !== offer.kind) return video;
  const chain = chainOnDevice(video, row, hardwareFamily(offer.kind), offer, context);
  return { ...video, hardware: { kind: offer.kind, device: offer.device, sessions: offer.sessions, chain } };
}

/** The same with its filters, and its decoder, in software. */
export const filteredInSoftware = (video: ResolvedVideo): ResolvedVideo =>
  video.hardware ? { ...video, hardware: { ...video.hardware, chain: undefined } } : video;

/** Global arguments and those of the source's input: the device is opened, and decodes where the chain stays there. */
export function deviceArgs({ hardware }: ResolvedVideo): readonly string[] {
  if (!hardware) return [];
  const family = hardwareFamily(hardware.kind);
  const decode = hardware.chain === undefined ? [] : (family.chain?.decode(hardware.device) ?? []);
  return [...family.open(hardware.device), ...decode];
}

/**
 * A decoder on a device conceals what is damaged, and says nothing. Where it decodes, the source is decoded in software
 * beside it, for its complaints alone: an input, the `at`-th, and an output that nobody gets.
 */
export function witnessArgs({ video, timeline }: ResolvedExport, source: readonly string[], at: number) {
  if (video.hardware?.chain === undefined) return { input: [], output: [] };
  const end = timeline.cutEnd ? ['-t', sec(timeline.durationSec)] : [];
  return {
    input: source,
    output: ['-map', `${at}:${video.index}`, ...end, '-fps_mode:v', 'passthrough', '-f', 'null', '-'],
  };
}

/** What follows the last filter in software: a comma and the filters that bring pictures to a hardware encoder, or nothing. */
export function chainEnd({ pixelFormat }: ResolvedVideo, row: EncoderRow): string {
  if (!row.hardware) return '';
  return `,${hardwareFamily(row.hardware).upload(layoutOf(row, pixelFormat)).join(',')}`;
}

/** The chain that ends at the encoder: `software`, and its way to the device, or the one that never leaves the device. */
export const encodedChain = (video: ResolvedVideo, row: EncoderRow, software: string): string =>
  video.hardware?.chain ?? `${software}${chainEnd(video, row)}`;

/** The encoder's pixel format; what lies on a device has none of its own. */
export function pixelFormatArgs(video: ResolvedVideo, row: EncoderRow): readonly string[] {
  if (!row.hardware) return ['-pix_fmt:v:0', video.pixelFormat];
  const onDevice = video.hardware?.chain !== undefined || hardwareFamily(row.hardware).takesDeviceFrames;
  return onDevice ? [] : ['-pix_fmt:v:0', layoutOf(row, video.pixelFormat)];
}

/** The place among a device's encodes that a step takes. */
export const sessionsOf = ({ hardware }: ResolvedVideo): Pick<Step, 'sessions'> =>
  hardware?.sessions ? { sessions: hardware.sessions } : {};

/** The environment of an encoder's process. */
export function envOf(row: EncoderRow | undefined): { readonly env?: Readonly<Record<string, string>> } {
  const env = { ...(row?.hardware ? hardwareFamily(row.hardware).env : {}), ...row?.env };
  return Object.keys(env).length > 0 ? { env } : {};
}
