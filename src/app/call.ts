import type { PresetFiles } from '../config/preset-files.ts';
import type { Issue } from '../model/errors.ts';
import type { History } from '../model/history.ts';
import type { MediaInfo } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { Plan } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Attempt } from '../plan/attempts.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { DeliveryFacts } from '../presets/facts.ts';
import type { RuleVerdict } from '../presets/judge.ts';
import type { Layered } from '../presets/layers.ts';
import type { Platform } from '../presets/platform.ts';
import type { KnownSource } from './source-content.ts';

/** Options of the program itself, as typed. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
  readonly config?: string;
  readonly db?: string;
  readonly ffmpeg?: string;
  readonly ffprobe?: string;
}

/** One delivery as asked for on the command line: flags raw, by their keys in snake_case. */
export interface ExportCall {
  readonly input: string;
  readonly flags: Readonly<Record<string, unknown>>;
  /** Where it is one of several. */
  readonly multi?: PartOfMulti;
}

export interface PartOfMulti {
  readonly id: string;
  /** Files that the request was read from, as typed: what was made by it is out of date when one of them changes. */
  readonly files: readonly string[];
  /** All exports together have a depfile. */
  readonly hasDepfile: boolean;
  /** What it makes is a part of a package: nobody gets it by itself. */
  readonly inPackage?: boolean;
}

/** What stands before any request: where things are, and what was set on disk and in the environment. */
export interface Session {
  readonly cwd: string;
  readonly global: GlobalOptions;
  readonly history: History;
  /** Absolute path of the database, whether it is there or not. */
  readonly historyPath: string;
  readonly configPath: string | undefined;
  readonly configValues: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Presets in files beside the configuration; what is wrong with one concerns only who asks for a preset. */
  readonly filePresets: PresetFiles;
  /** Findings about configuration and environment. */
  readonly issues: readonly Issue[];
}

/** A request with everything known before it starts. `plan` exists where no finding is an error. */
export interface Prepared extends KnownSource {
  readonly input: string;
  readonly media: MediaInfo;
  readonly toolchain: Toolchain;
  readonly layered: Layered;
  readonly values: OptionValues;
  readonly resolved: ResolvedExport | undefined;
  /** The ways to make it, first to last; more than one where a device may fail. */
  readonly attempts: readonly Attempt[];
  /** What a skip compares, where that is not `resolved`: the request as software would make it, which is the same on every machine. */
  readonly asked: ResolvedExport | undefined;
  readonly plan: Plan | undefined;
  readonly issues: readonly Issue[];
  readonly verdicts: readonly RuleVerdict[];
  /** Whose rules hold, and what the delivery will be by them: judged once more when its size is known. */
  readonly platform: Platform | undefined;
  readonly facts: DeliveryFacts | undefined;
}
