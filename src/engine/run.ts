import type { RunEvent, Verification } from '../model/events.ts';
import type { IfLarger } from '../model/option-values.ts';
import type { Observation, Plan, Revision, Stage } from '../model/plan.ts';
import type { Ports, SourceStamp, WorkspacePort } from './ports.ts';
import type { PictureCount } from './source-troubles.ts';
import type { VerifyDepth } from './verify.ts';

export interface RunOptions {
  readonly exportId: string;
  readonly verify: VerifyDepth;
  readonly minSsim: number | undefined;
  /** What becomes of an output that is larger than its source. */
  readonly ifLarger: IfLarger;
  /** What may stand at the destination: nothing, anything, or only the file that was judged before. */
  readonly replace: boolean | SourceStamp;
  /** The source as it was before it was first looked at. */
  readonly source: SourceStamp;
  readonly tolerateErrors: boolean;
  /** The source is known to begin before its first keyframe. */
  readonly midGop: boolean;
  /** Undefined where packets and pictures need not be equal in number. */
  readonly pictures?: PictureCount;
  /** Seconds without a sign of life before an ffmpeg is ended. */
  readonly stallSec: number;
  /** Goes on by what observed steps wrote, all of them so far: undefined where nothing is adapted. Throws SgError TARGET. */
  readonly revise?: (plan: Plan, observations: readonly Observation[]) => Revision;
  /** The last step before the file is put into place, under its scratch name; what fails here leaves no delivery. */
  readonly beforePlacing: (finished: Delivered, workspace: WorkspacePort) => Promise<void>;
}

/** What a finished run knows: the file is verified, and this is its identity. */
export interface Delivered {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verification: Verification;
  readonly warnings: readonly string[];
  /** The plan as it was carried out: its steps are those that ran. */
  readonly plan: Plan;
}

/** Where a run is, for the result of one that failed. */
export interface RunState {
  stage: Stage;
  progress: number;
}

/** A run under way: what its parts hand on to each other. */
export interface Run {
  /** As it stands: what is learned on the way revises it. */
  plan: Plan;
  readonly options: RunOptions;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  readonly emit: (event: RunEvent) => void;
  readonly state: RunState;
  readonly track: (stage: Stage, fraction: number) => number;
  readonly workspace: WorkspacePort;
  readonly warnings: string[];
}
