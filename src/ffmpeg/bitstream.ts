import { sourceInput } from './probe.ts';
import { runTool } from './spawn.ts';

/** What only the stream itself says, read off its parameter sets and the headers of its keyframes. */
export interface Bitstream {
  /** H.264: every picture parameter set asks for CABAC. Undefined where none was found. */
  readonly cabac: boolean | undefined;
  /** H.264 and H.265: every keyframe is an IDR, behind which nothing reaches back. Undefined where none was found. */
  readonly allIdr: boolean | undefined;
}

/** Other codecs have neither CABAC as a choice nor keyframes of two kinds. */
const CODECS = ['h264', 'hevc'];
/** First slices of pictures: ITU-T H.264 table 7-1, H.265 table 7-1. */
const PICTURE_NALS: Readonly<Record<string, { readonly idr: readonly number[]; readonly other: readonly number[] }>> = {
  h264: { idr: [5], other: [1, 2] },
  hevc: { idr: [19, 20], other: [0, 1, 16, 17, 18, 21] },
};

/** Reads ffmpeg's `trace_headers` line by line: `… nal_unit_type   00101 = 5`. */
export function bitstreamReader(codec: string): {
  readonly line: (text: string) => void;
  readonly end: () => Bitstream;
} {
  const nals = PICTURE_NALS[codec];
  let cabac: boolean | undefined;
  let allIdr: boolean | undefined;
  return {
    line: (text) => {
      const [, name, number] = /\b(nal_unit_type|entropy_coding_mode_flag)\s+[01]+ = (\d+)\s*$/.exec(text) ?? [];
      const value = Number(number);
      if (name === 'entropy_coding_mode_flag') cabac = (cabac ?? true) && value === 1;
      else if (name && nals?.idr.includes(value)) allIdr ??= true;
      else if (name && nals?.other.includes(value)) allIdr = false;
    },
    end: () => ({ cabac: codec === 'h264' ? cabac : undefined, allIdr }),
  };
}

/**
 * Looks into an H.264 or H.265 stream without decoding it: keyframes only, whatever the length of the film. Nothing
 * is known for other codecs, or where ffmpeg cannot take the stream apart. Throws the signal's reason on abort.
 */
export async function readBitstream(
  ffmpeg: string,
  file: string,
  stream: { readonly index: number; readonly codec: string },
  signal?: AbortSignal,
): Promise<Bitstream> {
  const reader = bitstreamReader(stream.codec);
  if (!CODECS.includes(stream.codec)) return reader.end();
  await runTool({
    program: ffmpeg,
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info', ...sourceInput(file)],
      ...[
        '-map',
        `0:${stream.index}`,
        '-c',
        'copy',
        '-bsf:v',
        "noise=drop='not(key)',trace_headers",
        '-f',
        'null',
        '-',
      ],
    ],
    signal,
    onErrorLine: reader.line,
  });
  signal?.throwIfAborted();
  return reader.end();
}
