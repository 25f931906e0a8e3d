import type { SessionPool } from '../model/hardware.ts';
import type { MediaInfo, WholeLook } from '../model/media.ts';
import type { ProcessRequest, ProcessResult } from '../model/process.ts';

/** The world as the engine sees it: everything that touches files, processes and the clock. */
export interface Ports {
  /** Runs the chosen ffmpeg. */
  readonly runFfmpeg: (request: Omit<ProcessRequest, 'program'>) => Promise<ProcessResult>;
  readonly openWorkspace: (folder: string, exportId: string) => Promise<WorkspacePort>;
  readonly lockDestination: (
    path: string,
    exportId: string,
    signal: AbortSignal,
  ) => Promise<{ release(): Promise<void> }>;
  /** Waits for a place among the encodes that a device runs at once; `onWait` hears of it where none is free. */
  readonly takeSession: (
    pool: SessionPool,
    exportId: string,
    signal: AbortSignal,
    onWait: () => void,
  ) => Promise<{ release(): Promise<void> }>;
  /** Puts a finished file into place. Replaces nothing, whatever is there, or only the file of this stamp. */
  readonly placeFile: (from: string, to: string, options: { readonly replace: boolean | SourceStamp }) => Promise<void>;
  readonly probe: (path: string, signal: AbortSignal) => Promise<MediaInfo>;
  /**
   * One look that decodes stretches of a film, and tells of all of it; undefined where that did not find all sound, or where
   * the film has no tables to tell what the stretches leave out.
   */
  readonly lookAtWhole: (
    path: string,
    stretches: readonly Stretch[],
    signal: AbortSignal,
  ) => Promise<WholeLook | undefined>;
  readonly mp4Structure: (path: string) => Promise<Mp4Structure | undefined>;
  /** Seconds at which keyframes lie, in order; `untilSec` bounds how far it reads. */
  readonly keyframeTimes: (path: string, signal: AbortSignal) => Promise<readonly number[]>;
  /** Decodes stretches of a file and returns what ffmpeg complained of. */
  readonly decode: (path: string, stretches: readonly Stretch[], signal: AbortSignal) => Promise<readonly string[]>;
  /** Where a film's decoders complain, seconds from its start, at most five. Never throws. */
  readonly damageTimes: (path: string, midGop: boolean, signal: AbortSignal) => Promise<readonly number[]>;
  /** Integrated loudness of an audio track, counted from 0, LUFS; undefined for silence. */
  readonly loudness: (path: string, track: number, signal: AbortSignal) => Promise<number | undefined>;
  /** Decoded pictures, or packets where that is enough. */
  readonly countFrames: (path: string, how: 'packets' | 'decode', signal: AbortSignal) => Promise<number | undefined>;
  /** Copies what is in a file, not what it may do. */
  readonly copyFile: (from: string, to: string) => Promise<void>;
  readonly fileBytes: (path: string) => Promise<number>;
  readonly freeBytes: (folder: string) => Promise<number | undefined>;
  readonly sha256: (path: string, signal: AbortSignal) => Promise<string>;
  readonly sourceStamp: (path: string) => Promise<SourceStamp>;
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: () => number;
}

/** A part of a file, seconds; to its end where no duration is given. `{}` is all of it. */
export interface Stretch {
  readonly fromSec?: number;
  readonly durationSec?: number;
}

export interface SourceStamp {
  readonly bytes: number;
  readonly mtimeNs: string;
  readonly inode: string;
}

export interface WorkspacePort {
  readonly path: string;
  file(name: string): string;
  writeText(name: string, text: string): Promise<void>;
  readText(name: string): Promise<string>;
  /** Removes one file. */
  discard(name: string): Promise<void>;
  readBase64(name: string): Promise<string>;
  remove(): Promise<void>;
}

/** What the boxes of an MP4 or MOV say that ffprobe does not. */
export interface Mp4Structure {
  readonly moovBeforeMdat: boolean;
  readonly fragmented: boolean;
  /** Tracks whose edit list does more than play all from the start. */
  readonly editLists: number;
}
