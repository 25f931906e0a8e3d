import type { ProcessResult } from '../model/process.ts';
import { readComplaints } from './complaints.ts';

/** Where every packet of the film holds one picture: then a packet without one is damage, even in silence. */
export interface PictureCount {
  /** Index of the film's stream in its file. */
  readonly stream: number;
  /** Pictures that may rightly not appear: those which lead the first keyframe of an open GOP. */
  readonly hidden: number;
}

/** What a step's ffmpeg says of the disk and of the source while it works. */
export interface SourceTroubles {
  hear(line: string, outTimeSec: number): void;
  readonly diskFull: () => boolean;
  /** Lines about the source, at most 50, and how many there were. */
  readonly lines: () => readonly string[];
  readonly count: () => number;
  /** Where in the output they were heard, seconds, at most five. */
  readonly atSec: () => readonly number[];
}

const KEPT_LINES = 50;
const KEPT_TIMES = 5;

/** Listens to every line: a flood of harmless ones must not push the one that matters out of what is kept. */
export function sourceTroubles(midGop: boolean): SourceTroubles {
  const lines: string[] = [];
  const times: number[] = [];
  let count = 0;
  let full = false;
  return {
    hear: (line, outTimeSec) => {
      const { diskFull, source } = readComplaints([line], midGop);
      full ||= diskFull;
      if (source.length === 0) return;
      count += 1;
      if (lines.length < KEPT_LINES) lines.push(...source);
      const rounded = Math.round(outTimeSec * 10) / 10;
      if (times.length < KEPT_TIMES && !times.includes(rounded)) times.push(rounded);
    },
    diskFull: () => full,
    lines: () => lines,
    count: () => count,
    atSec: () => times,
  };
}

/**
 * Pictures that got lost without a word: a recording that lost a multiple of 16 transport packets looks whole to
 * the demuxer, and the decoder passes over what then makes no sense. Undefined where all came.
 */
export function silentLoss(result: ProcessResult, pictures: PictureCount | undefined): string | undefined {
  const found = result.decoded?.find((one) => one.stream === pictures?.stream);
  if (!found || !pictures) return undefined;
  const lost = found.packets - found.frames;
  return lost > pictures.hidden ? `${lost} of ${found.packets} pictures could not be decoded` : undefined;
}
