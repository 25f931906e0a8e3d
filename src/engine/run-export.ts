import { SgError } from '../model/errors.ts';
import type { JobStatus, RunEvent } from '../model/events.ts';
import type { Alternative, Observation, Plan, Stage, Step } from '../model/plan.ts';
import type { FfmpegProgress } from '../model/process.ts';
import { DeviceFailed } from './device-trouble.ts';
import { judgeAgainstSource, judgeCopy, judgeSize, sameAsSource } from './judge-product.ts';
import { judgeStep } from './judge-step.ts';
import type { Ports } from './ports.ts';
import type { Delivered, Run, RunOptions, RunState } from './run.ts';
import { expectSameSource } from './same-source.ts';
import { sourceTroubles } from './source-troubles.ts';
import { stageProgress } from './stage-progress.ts';
import { verifyOutput } from './verify.ts';
import { VerifyError } from './verify-error.ts';

const STATUS: Readonly<Record<Stage, JobStatus>> = {
  preparation: 'preparing',
  first_pass: 'encoding',
  encoding: 'encoding',
  audio: 'encoding',
  muxing: 'finalizing',
  optimization: 'optimizing',
};

function report(
  run: Run,
  stage: Stage,
  fraction: number,
  figures?: FfmpegProgress & { readonly leftSec: number | null },
): void {
  const progress = run.track(stage, fraction);
  run.state.stage = stage;
  run.state.progress = progress;
  run.emit({
    type: 'progress',
    export_id: run.options.exportId,
    status: STATUS[stage],
    progress,
    current_stage: stage,
    fps: figures?.fps ?? null,
    speed: figures?.speed ?? null,
    estimated_time: figures?.leftSec ?? null,
    bytes: stage === 'encoding' ? (figures?.totalBytes ?? null) : null,
  });
}

function onProgress(run: Run, step: Step): (progress: FfmpegProgress) => void {
  const startedMs = run.ports.nowMs();
  const [from, to] = step.share ?? [0, 1];
  return (figures) => {
    const fraction = figures.outTimeSec === null || step.mediaSec <= 0 ? 0 : figures.outTimeSec / step.mediaSec;
    const elapsedSec = (run.ports.nowMs() - startedMs) / 1000;
    const leftSec =
      fraction > 0.02 ? Math.max(0, Math.round((elapsedSec / Math.min(1, fraction) - elapsedSec) * 10) / 10) : null;
    report(run, step.stage, from + (to - from) * Math.min(1, fraction), { ...figures, leftSec });
  };
}

/** What of a device a step needs, for as long as it runs; an export that waits for it is queued. */
async function holdSession({ ports, options, signal, emit, state }: Run, { sessions }: Step) {
  if (!sessions) return undefined;
  return ports.takeSession(sessions, options.exportId, signal, () => {
    const { stage: current_stage, progress } = state;
    const unknown = { fps: null, speed: null, estimated_time: null, bytes: null };
    emit({ type: 'progress', export_id: options.exportId, status: 'queued', progress, current_stage, ...unknown });
  });
}

async function runStep(run: Run, step: Step): Promise<void> {
  const troubles = sourceTroubles(run.options.midGop);
  const session = await holdSession(run, step);
  const running = run.ports.runFfmpeg({
    args: step.args,
    cwd: run.workspace.path,
    ...(step.env ? { env: step.env } : {}),
    signal: run.signal,
    stallSec: run.options.stallSec,
    onProgress: onProgress(run, step),
    onLine: (line) => troubles.hear(line),
  });
  const result = await running.finally(() => session?.release());
  await judgeStep(run, step, result, troubles);
}

/** What an observed step wrote, weighed. */
async function observe({ ports, workspace }: Run, step: Step, kbps: number): Promise<Observation> {
  const [product = ''] = step.writes;
  return { stepId: step.id, kbps, product, bytes: await ports.fileBytes(workspace.file(product)) };
}

/** Runs the steps one after the other; the plan goes on as it is revised. It ends with the steps that ran. */
async function runSteps(run: Run): Promise<void> {
  const done: Step[] = [];
  const observations: Observation[] = [];
  let waiting = [...run.plan.steps];
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    await runStep(run, step);
    done.push(step);
    if (!step.observed || !run.options.revise) continue;
    observations.push(await observe(run, step, step.observed.kbps));
    const { plan, discard } = run.options.revise(run.plan, observations);
    for (const name of discard) await run.workspace.discard(name);
    run.plan = plan;
    waiting = [...plan.steps];
  }
  run.plan = { ...run.plan, steps: done };
}

/** Leaves a plan whose device failed for the one that takes over; nothing of the failed one stays. */
async function takeOver(run: Run, { message }: DeviceFailed, { plan, how }: Alternative): Promise<void> {
  const failed = run.plan;
  const { encoder, hardware_device: device } = failed.settings;
  const what = `${encoder}${typeof device === 'string' ? ` on ${device}` : ''} failed (${message}): made again ${how}`;
  for (const name of failed.steps.flatMap(({ writes }) => writes)) await run.workspace.discard(name);
  run.warnings.push(what);
  run.plan = {
    ...plan,
    settings: { ...plan.settings, hardware_reason: what },
    settingsFrom: { ...plan.settingsFrom, hardware_reason: plan.settingsFrom.hardware ?? 'default' },
    sizeLimits: failed.sizeLimits,
  };
}

async function runAttempts(run: Run): Promise<void> {
  for (;;) {
    const { instead } = run.plan;
    try {
      return await runSteps(run);
    } catch (thrown) {
      if (!(thrown instanceof DeviceFailed) || !instead) throw thrown;
      await takeOver(run, thrown, instead);
    }
  }
}

async function makeProduct(run: Run): Promise<Delivered> {
  const { ports, signal, options, workspace } = run;
  for (const [name, text] of Object.entries(run.plan.texts)) await workspace.writeText(name, text);
  report(run, 'preparation', 1);
  await runAttempts(run);
  const { plan } = run;
  await expectSameSource(run);
  report(run, 'muxing', 0.2);
  const product = workspace.file(plan.product);
  const made = await ports.fileBytes(product);
  judgeSize(run, made);
  const verification = judgeCopy(run, await verifyOutput(plan, workspace, options, ports, signal));
  report(run, 'muxing', 1);
  if (!verification.ok) throw new VerifyError(verification);
  const bytes = await judgeAgainstSource(run, made);
  const sha256 = await ports.sha256(product, signal);
  report(run, 'optimization', 0.5);
  const kept = run.plan.settings.kept_source === true;
  const finished = {
    ...{ bytes, sha256, warnings: run.warnings, plan: run.plan },
    verification: kept ? await sameAsSource(run, sha256) : verification,
  };
  await options.beforePlacing({ ...finished, path: product }, workspace);
  if (signal.aborted) throw new SgError('SIGINT', 'cancelled');
  await ports.placeFile(product, plan.destination, { replace: options.replace });
  return { ...finished, path: plan.destination };
}

/**
 * Executes a plan: scratch folder, steps, verification, into place. The destination is untouched unless everything
 * holds, and nothing is left behind either way. Throws SgError: ENCODE, VERIFY, USAGE (destination), SIGINT (aborted).
 */
export async function runExport(
  plan: Plan,
  options: RunOptions,
  ports: Ports,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
  state: RunState = { stage: 'preparation', progress: 0 },
): Promise<Delivered> {
  const folder = plan.destination.slice(0, Math.max(1, plan.destination.lastIndexOf('/')));
  const lock = await ports.lockDestination(plan.destination, options.exportId, signal);
  try {
    const workspace = await ports.openWorkspace(folder, options.exportId);
    try {
      const run: Run = {
        plan,
        options,
        ports,
        signal,
        emit,
        state,
        track: stageProgress(plan.steps),
        workspace,
        warnings: [],
      };
      report(run, 'preparation', 0);
      return await makeProduct(run);
    } finally {
      await workspace.remove();
    }
  } finally {
    await lock.release();
  }
}
