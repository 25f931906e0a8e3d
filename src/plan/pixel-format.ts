import type { ContainerRow } from '../codecs/containers.ts';
import type { EncoderRow, FormatRow, Rate } from '../codecs/encoder-row.ts';
import type { VideoCodecRow } from '../codecs/video.ts';
import type { VideoStream } from '../model/media.ts';

/** Formats that the chosen flavour, or else the encoder, takes. */
export function formatsFor(row: EncoderRow, rate: Rate): readonly FormatRow[] {
  return (rate.mode === 'flavour' ? row.flavours?.[rate.flavour]?.formats : undefined) ?? row.formats;
}

/** Ten bits are kept where the codec is read at ten bits in practice: not H.264, whose High 10 plays almost nowhere (trap 13). */
export function keepsTenBits(
  codec: VideoCodecRow,
  row: EncoderRow,
  stream: VideoStream,
  eightBitOnly: boolean,
): boolean {
  return stream.bitDepth >= 10 && codec.id !== 'h264' && !eightBitOnly && row.formats.some((f) => f.depth >= 10);
}

/** Picks the pixel format: what was asked, else 4:2:0 for delivery and the flavour's own for editing, alpha where it survives. */
export function choosePixelFormat(
  codec: VideoCodecRow,
  row: EncoderRow,
  container: ContainerRow,
  rate: Rate,
  stream: VideoStream,
  tenBits: boolean,
  asked: string | undefined,
): FormatRow {
  const formats = formatsFor(row, rate);
  const named = formats.find((f) => f.name === asked);
  if (named) return named;
  const alpha = stream.alpha && container.alphaCodecs.includes(codec.id);
  const fits = (f: FormatRow) => codec.kind === 'editing' || (f.chroma === 420 && f.depth === (tenBits ? 10 : 8));
  // Transparency counts more than the depth: VP9 has it in eight bits only.
  const found =
    formats.find((f) => fits(f) && f.alpha === alpha) ??
    formats.find((f) => alpha && f.alpha) ??
    formats.find((f) => fits(f) && !f.alpha) ??
    formats[0];
  if (!found) throw new Error(`${row.encoder} has no pixel format`);
  return found;
}
