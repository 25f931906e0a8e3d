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
  hear(line: string): void;
  readonly diskFull: () => boolean;
  /** Lines about the source, at most 50, and how many there were. */
  readonly lines: () => readonly string[];
  readonly count: () => number;
}

const KEPT_LINES = 50;

/** Listens to every line: a flood of harmless ones must not push the one that matters out of what is kept. */
export function sourceTroubles(midGop: boolean): SourceTroubles {
  const lines: string[] = [];
  let count = 0;
  let full = false;
  return {
    hear: (line) => {
      const { diskFull, source } = readComplaints([line], midGop);
      full ||= diskFull;
      if (source.length === 0) return;
      count += 1;
      if (lines.length < KEPT_LINES) lines.push(...source);
    },
    diskFull: () => full,
    lines: () => lines,
    count: () => count,
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
