import { resolve } from 'node:path';
import type { RunState } from '../engine/run.ts';
import { VerifyError } from '../engine/verify-error.ts';
import { SgError } from '../model/errors.ts';
import { type ExportResult, NOTHING_MADE, type RunEvent } from '../model/events.ts';
import type { FileStamp } from '../model/history.ts';
import type { ExportCall, Prepared, Session } from './call.ts';

/** Hears of a run as it goes; the command decides what people see. */
export interface ExportWatcher {
  /** Called once, when it is known what will run. */
  readonly started: (exportId: string, prepared: Prepared) => void;
  readonly event: (event: RunEvent) => void;
}

/** What came of one export: the result line, and the error behind a bad one. */
export interface ExportOutcome {
  readonly result: ExportResult;
  readonly error: SgError | undefined;
  readonly prepared: Prepared | undefined;
  /** The source's identity; known where something was made of it. */
  readonly source?: FileStamp;
}

/** One try at a delivery, from the words typed on. */
export interface Attempt {
  readonly session: Session;
  readonly call: ExportCall;
  readonly exportId: string;
  readonly controller: AbortController;
  readonly watcher: ExportWatcher;
  readonly state: RunState;
  readonly startedMs: number;
}

/** Finished files as a result names them. */
export const filesOf = (
  files: readonly Pick<FileStamp, 'path' | 'bytes' | 'sha256'>[],
): Pick<ExportResult, 'output_files' | 'file_sizes' | 'checksums'> => ({
  output_files: files.map(({ path }) => path),
  file_sizes: Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])),
  checksums: Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])),
});

/** A result with all that is known so far; the ending fills in the rest. */
export function baseResult(attempt: Attempt, prepared: Prepared | undefined): ExportResult {
  const plan = prepared?.plan;
  return {
    ...NOTHING_MADE,
    type: 'result',
    export_id: attempt.exportId,
    status: 'failed',
    progress: attempt.state.progress,
    current_stage: attempt.state.stage,
    source: prepared?.sourcePath ?? resolve(attempt.session.cwd, attempt.call.input),
    duration: Math.round(performance.now() - attempt.startedMs) / 1000,
    encoder: plan?.settings.encoder ?? null,
    hardware: plan?.settings.hardware ?? null,
    passes: plan?.passes ?? 0,
    settings: plan?.settings ?? prepared?.resolved?.settings ?? null,
    settings_from: plan?.settingsFrom ?? prepared?.resolved?.settingsFrom ?? null,
    warnings: plan?.warnings ?? [],
  };
}

/** Turns whatever was thrown into the error that the user gets: an abort is its reason, anything unknown a bug. */
export function errorFrom(thrown: unknown, signal: AbortSignal): SgError {
  if (signal.aborted) return signal.reason instanceof SgError ? signal.reason : new SgError('SIGINT', 'cancelled');
  if (thrown instanceof SgError) return thrown;
  return new SgError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

export const CANCELS: readonly string[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** An export's: PARTIAL is that of one which another's failure ended (`--fail-fast`). */
const CANCELLED: readonly string[] = [...CANCELS, 'PARTIAL'];

/** The outcome of a run that did not deliver. */
export function failure(attempt: Attempt, prepared: Prepared | undefined, error: SgError): ExportOutcome {
  const result: ExportResult = {
    ...baseResult(attempt, prepared),
    status: CANCELLED.includes(error.code) ? 'cancelled' : 'failed',
    verification: error instanceof VerifyError ? error.verification : null,
    error_code: error.code,
    error_message: error.message,
  };
  return { result, error, prepared };
}

/** The outcome where `--skip-existing` found the film complete. `outputs`: the film and what is beside it. */
export function skipped(
  attempt: Attempt,
  prepared: Prepared,
  outputs: readonly FileStamp[],
  { wasIdle, warnings }: { readonly wasIdle: boolean; readonly warnings: readonly string[] },
): ExportOutcome {
  const base = baseResult(attempt, prepared);
  const result: ExportResult = {
    ...base,
    status: 'completed',
    progress: 100,
    current_stage: 'optimization',
    ...filesOf(outputs),
    warnings: [...base.warnings, ...warnings],
    ...(wasIdle ? { skipped: true } : {}),
  };
  return { result, error: undefined, prepared };
}
