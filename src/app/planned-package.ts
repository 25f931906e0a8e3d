import type { Issue } from '../model/errors.ts';
import type { Cut, Rung } from '../plan/ladder.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { SheetsPlan } from '../plan/stream-sheets.ts';
import type { SoundTrack, TextTrack } from '../plan/stream-tracks.ts';
import type { Prepared } from './call.ts';
import type { LadderRequest } from './ladder-request.ts';
import type { RequestedExport } from './multi-request.ts';

/** One folder that is to be made: what is in it, and where it goes. */
export interface PlannedPackage {
  readonly ladder: LadderRequest;
  readonly label: string;
  /** Absolute path of the folder. */
  readonly destination: string;
  /** Absolute path of the hidden folder beside it, in which everything is made, and the id by which it is made. */
  readonly scratch: string;
  readonly scratchId: string;
  readonly overwrite: boolean;
  /** The source and its time line, with all its sound and text. */
  readonly whole: Prepared;
  readonly resolved: ResolvedExport;
  readonly rungs: readonly Rung[];
  readonly cut: Cut;
  readonly sounds: readonly SoundTrack[];
  readonly texts: readonly TextTrack[];
  /** Undefined before the rungs are resolved, and where there are to be none. */
  readonly sheets: SheetsPlan | undefined;
  /** 16 bytes. In memory alone. */
  readonly key: Buffer | undefined;
  /** By which players of common encryption ask for the key: 16 bytes that say nothing of it. */
  readonly keyId: Buffer;
}

/** Packages, and the exports that their renditions are, in their order. */
export interface PlannedLadders {
  readonly packages: readonly PlannedPackage[];
  readonly exports: readonly RequestedExport[];
  readonly issues: readonly Issue[];
}
