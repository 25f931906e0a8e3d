import type { DecodedStream } from '../model/process.ts';
import { processorSec } from '../model/processor-sec.ts';

const LEVEL = /^(?:\[[^\]]* @ [^\]]*\] )*\[(\w+)\] /;
const QUIET = new Set(['info', 'verbose', 'debug', 'trace']);
const DECODED = /^\s*Input stream #0:(\d+) \(video\): (\d+) packets read \(\d+ bytes\); (\d+) frames decoded/;
const ENCODED = /^\s*Output stream #(\d+):\d+ \(video\): (\d+) frames encoded/;

/** Sorts what an ffmpeg with `-loglevel level+verbose` says: warnings and worse are passed on, figures are kept. */
export interface LogReader {
  push(line: string): void;
  /** What the decoders of the first input's film streams said at the end. */
  decoded(): readonly DecodedStream[];
  /** Pictures that went to each output, by its number. */
  encoded(): readonly number[];
  /** Seconds of all processors; undefined where it was not asked for. */
  processorSec(): number | undefined;
}

/**
 * An indented line without a level belongs to the one before it: a title with a line break, printed at level info,
 * must not read like an error. Encoders that write to stderr by themselves (x265, SVT-AV1) do not indent.
 */
export function logReader(onComplaint: (line: string) => void): LogReader {
  const decoded: DecodedStream[] = [];
  const encoded: number[] = [];
  let quiet = false;
  let spentSec: number | undefined;
  return {
    push: (line) => {
      const level = LEVEL.exec(line);
      if (level) quiet = QUIET.has(level[1] ?? '');
      else if (!/^\s/.test(line)) quiet = false;
      if (!quiet) {
        onComplaint(line);
        return;
      }
      const text = level ? line.slice(level[0].length) : line;
      const [, output, pictures] = ENCODED.exec(text) ?? [];
      if (output !== undefined) encoded[Number(output)] = Number(pictures);
      spentSec = processorSec(text) ?? spentSec;
      const [, stream, packets, frames] = DECODED.exec(text) ?? [];
      if (stream !== undefined)
        decoded.push({ stream: Number(stream), packets: Number(packets), frames: Number(frames) });
    },
    decoded: () => decoded,
    encoded: () => encoded,
    processorSec: () => spentSec,
  };
}
