import type { DecodedStream } from '../model/process.ts';

const LEVEL = /^(?:\[[^\]]* @ [^\]]*\] )*\[(\w+)\] /;
const QUIET = new Set(['info', 'verbose', 'debug', 'trace']);
const DECODED = /^\s*Input stream #0:(\d+) \(video\): (\d+) packets read \(\d+ bytes\); (\d+) frames decoded/;

/** Sorts what an ffmpeg with `-loglevel level+verbose` says: warnings and worse are passed on, figures are kept. */
export interface LogReader {
  push(line: string): void;
  /** What the decoders of the first input's film streams said at the end. */
  decoded(): readonly DecodedStream[];
}

/**
 * An indented line without a level belongs to the one before it: a title with a line break, printed at level info,
 * must not read like an error. Encoders that write to stderr by themselves (x265, SVT-AV1) do not indent.
 */
export function logReader(onComplaint: (line: string) => void): LogReader {
  const decoded: DecodedStream[] = [];
  let quiet = false;
  return {
    push: (line) => {
      const level = LEVEL.exec(line);
      if (level) quiet = QUIET.has(level[1] ?? '');
      else if (!/^\s/.test(line)) quiet = false;
      if (!quiet) {
        onComplaint(line);
        return;
      }
      const [, stream, packets, frames] = DECODED.exec(level ? line.slice(level[0].length) : line) ?? [];
      if (stream !== undefined)
        decoded.push({ stream: Number(stream), packets: Number(packets), frames: Number(frames) });
    },
    decoded: () => decoded,
  };
}
