import type { Step } from '../model/plan.ts';
import { judgeStep, type StepRun } from './judge-step.ts';
import { sourceTroubles } from './source-troubles.ts';

/** Runs steps that make parts of something larger, one after the other, in a scratch folder. Throws SgError where one goes wrong. */
export async function runParts(run: StepRun, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const troubles = sourceTroubles(run.options.midGop);
    const result = await run.ports.runFfmpeg({
      args: step.args,
      cwd: run.workspace.path,
      ...(step.env ? { env: step.env } : {}),
      signal: run.signal,
      stallSec: run.options.stallSec,
      onLine: (line) => troubles.hear(line),
    });
    await judgeStep(run, step, result, troubles);
  }
}
