import type { EncoderRow } from '../codecs/encoder-row.ts';
import { videoCodec } from '../codecs/video.ts';
import type { Layered } from '../presets/layers.ts';
import type { ResolvedExport } from './resolved.ts';

/** The slowest speed at which `--hw auto` gives a film to a device: who asks for more time wants what it buys. */
const QUICK: readonly string[] = ['ultrafast', 'fast', 'medium'];

/**
 * Why `--hw auto` leaves this request to software whatever the machine has, in one line; undefined where hardware may
 * take it. `resolved`: as software would make it.
 */
export function reasonForSoftware({ video }: ResolvedExport, { values, from }: Layered): string | undefined {
  if (video.codec === 'copy') return 'nothing is encoded';
  const codec = videoCodec(video.codec);
  if (!codec?.encoders.some(({ hardware }) => hardware)) return `no hardware encodes ${codec?.name ?? video.codec}`;
  const speedOf = from.speed
    ? `speed ${video.speed}`
    : `${values.quality ?? 'medium'} quality takes speed ${video.speed}`;
  if (codec.kind === 'delivery' && !QUICK.includes(video.speed)) return `${speedOf}, which only software has`;
  if (values.targetSize !== undefined || values.maxSize !== undefined) return 'a size is kept to by software only';
  if (values.targetQuality !== undefined) return 'a quality that is measured is found by software only';
  if (video.twoPass) return 'two passes are done by software only';
  if (values.crf !== undefined) return `CRF ${values.crf} is a number of ${video.encoder}`;
  const own = (values.set ?? []).filter((assignment) => !assignment.startsWith('pixel_format='));
  if (own.length > 0) return `--set ${own[0]} is a setting of ${video.encoder}`;
  return undefined;
}

/** What an encoder lacks for this delivery, or undefined. `resolved`: as software would make it. */
export function lackOf(row: EncoderRow, { video }: ResolvedExport): string | undefined {
  const { rate, geometry, gop, pixelFormat, colour } = video;
  const { width, height } = geometry;
  if (!row.formats.some(({ name }) => name === pixelFormat)) return `it has no ${pixelFormat}`;
  if (width > row.maxWidth || height > row.maxHeight) return `it takes at most ${row.maxWidth}x${row.maxHeight}`;
  if (width < row.minWidth || height < row.minHeight) return `it needs at least ${row.minWidth}x${row.minHeight}`;
  if (rate.mode !== 'flavour' && !row.modes.includes(rate.mode)) return `it does not keep to mode ${rate.mode}`;
  if (rate.mode === 'crf' && rate.vbv && row.uncapped) return 'its constant quality knows no maximum';
  if (rate.mode === 'flavour' && !row.flavours?.[rate.flavour]) return `it has no ${rate.flavour}`;
  if (rate.mode !== 'crf' && rate.mode !== 'flavour' && rate.kbps > (row.maxKbps ?? Number.POSITIVE_INFINITY))
    return `it takes at most ${row.maxKbps} kbps`;
  if ((gop.bFrames ?? 0) > (row.maxBFrames ?? Number.POSITIVE_INFINITY))
    return `it is not sure to make ${gop.bFrames} B-frames`;
  const { hdr } = colour;
  if ((hdr?.mastering || hdr?.contentLight) && !row.carriesHdrMetadata)
    return 'it is not known to keep the mastering data of HDR10';
  return undefined;
}
