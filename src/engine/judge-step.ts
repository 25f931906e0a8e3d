import { SgError } from '../model/errors.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { ProcessResult } from '../model/process.ts';
import { readComplaints } from './complaints.ts';
import { DeviceFailed, deviceTrouble } from './device-trouble.ts';
import type { Run, RunOptions } from './run.ts';
import { type SourceTroubles, silentLoss } from './source-troubles.ts';

/** What of a run a step is judged by. */
export interface StepRun extends Pick<Run, 'ports' | 'workspace' | 'signal' | 'warnings'> {
  readonly plan: Pick<Plan, 'source' | 'instead'> & Partial<Pick<Plan, 'settings'>>;
  readonly options: Pick<RunOptions, 'midGop' | 'stallSec' | 'tolerateErrors' | 'pictures'>;
}

function diskFull(): SgError {
  return new SgError('ENCODE', 'no space left on the disk of the destination', {
    hint: 'free some space, or write elsewhere with -o',
  });
}

/** What is wrong with the source and where, on its own time line: the film is decoded once more to tell. */
async function locatedFault({ plan, ports, options, signal }: StepRun, fault: string): Promise<string> {
  const atSec = await ports.damageTimes(plan.source, options.midGop, signal);
  const times = atSec.length > 0 ? ` near ${atSec.map((sec) => `${sec.toFixed(1)} s`).join(', ')}` : '';
  return `the source has decode errors${times}: ${fault}`;
}

function brokenSource(plan: Pick<Plan, 'source'>, what: string): SgError {
  return new SgError('ENCODE', what, {
    hint: `${plan.source} is damaged or cut short; --tolerate-errors delivers what can be decoded`,
  });
}

/** What kept ffmpeg from ending by itself, or undefined where it did end. */
function interruption(result: ProcessResult, stallSec: number, reason: string | undefined): SgError | undefined {
  switch (result.outcome) {
    case 'aborted':
      return new SgError('SIGINT', 'cancelled');
    case 'not-started':
      return new SgError('TOOLCHAIN', `ffmpeg could not be started: ${result.reason ?? 'unknown'}`);
    case 'stalled':
      return new SgError('ENCODE', `ffmpeg stalled: no progress for ${stallSec} s${reason ? ` (${reason})` : ''}`, {
        hint: 'the source may hold no decodable frame; -v shows the command',
      });
    case 'exited':
      return undefined;
  }
}

/** A message is read by people: a program that never ends its line must not fill the screen. */
const MOST_SAID = 400;

function failedExit({ plan }: Pick<StepRun, 'plan'>, result: ProcessResult, reason: string | undefined): SgError {
  const how = result.signal ? `was killed by ${result.signal}` : `failed (exit ${result.exitCode})`;
  // A shell's `ulimit -f`: ffmpeg dies of it without a word.
  const silent = result.signal === 'SIGXFSZ' ? 'a file may not become larger (ulimit -f)' : 'it said nothing';
  const said = (reason ?? result.lines.at(-1) ?? silent).slice(0, MOST_SAID);
  return new SgError('ENCODE', `ffmpeg ${how}: ${said}`, {
    hint: plan.settings?.hardware
      ? '--hw off encodes in software; -v shows the command'
      : '-v shows the command and all that ffmpeg said',
  });
}

async function requireWritten(run: StepRun, step: Step): Promise<void> {
  const what = step.stage === 'first_pass' ? 'its first pass left no statistics' : 'wrote nothing';
  for (const name of step.writes) {
    const bytes = await run.ports.fileBytes(run.workspace.file(name)).catch(() => 0);
    if (bytes === 0) throw new SgError('ENCODE', `ffmpeg said that all is well, but ${what} (${name})`);
  }
}

/** What is wrong with the source, in one line; undefined where nothing is known to be. */
function sourceFault(run: StepRun, step: Step, result: ProcessResult, troubles: SourceTroubles): string | undefined {
  if (!step.readsSource) return undefined;
  const [first] = troubles.lines();
  if (first === undefined) return result.exitCode === 0 ? silentLoss(result, run.options.pictures) : undefined;
  return troubles.count() > 1 ? `${first} (and ${troubles.count() - 1} more)` : first;
}

/** What a device failed with, where another attempt may take over; of the source only where the device decodes it. */
function failureOfDevice(
  run: StepRun,
  step: Step,
  result: ProcessResult,
  troubles: SourceTroubles,
  reason: string | undefined,
): string | undefined {
  const { instead } = run.plan;
  if (!instead) return undefined;
  if (result.outcome === 'stalled') return `the device does not answer: no progress for ${run.options.stallSec} s`;
  if (result.outcome !== 'exited') return undefined;
  const trouble = deviceTrouble(result.lines);
  if (trouble !== undefined || instead.after === 'encoder') return trouble;
  const fault = sourceFault(run, step, result, troubles);
  return fault ?? (result.exitCode === 0 ? undefined : (reason ?? `ffmpeg failed (exit ${result.exitCode})`));
}

/** Ends the run where ffmpeg, its stderr or its files say that a step went wrong. */
export async function judgeStep(
  run: StepRun,
  step: Step,
  result: ProcessResult,
  troubles: SourceTroubles,
): Promise<void> {
  const [reason] = readComplaints(result.lines, run.options.midGop).reasons;
  if (troubles.diskFull() && result.outcome !== 'aborted') throw diskFull();
  const failed = failureOfDevice(run, step, result, troubles, reason);
  if (failed !== undefined) throw new DeviceFailed(failed);
  const interrupted = interruption(result, run.options.stallSec, reason);
  if (interrupted) throw interrupted;
  const fault = sourceFault(run, step, result, troubles);
  if (fault !== undefined) {
    const located = await locatedFault(run, fault);
    if (!run.options.tolerateErrors) throw brokenSource(run.plan, located);
    run.warnings.push(located);
  }
  if (result.exitCode !== 0) throw failedExit(run, result, reason);
  await requireWritten(run, step);
}
