import type { Stage, Step } from '../model/plan.ts';

/** Shares of a job, the contract's table; stages that a job lacks give theirs to the others in proportion. */
const WEIGHTS: Readonly<Record<Stage, number>> = {
  preparation: 5,
  first_pass: 25,
  encoding: 60,
  audio: 5,
  muxing: 3,
  optimization: 2,
};

/** Maps a stage's own fraction to 0–100 of the job; never falls, never NaN, never above 99.9 before the result. */
export function stageProgress(steps: readonly Step[]): (stage: Stage, fraction: number) => number {
  const order: readonly Stage[] = ['preparation', 'first_pass', 'audio', 'encoding', 'muxing', 'optimization'];
  const present = order.filter(
    (stage) =>
      stage === 'preparation' ||
      stage === 'muxing' ||
      stage === 'optimization' ||
      steps.some((step) => step.stage === stage),
  );
  const total = present.reduce((sum, stage) => sum + WEIGHTS[stage], 0);
  let last = 0;
  return (stage, fraction) => {
    const before = present.slice(0, Math.max(0, present.indexOf(stage))).reduce((sum, one) => sum + WEIGHTS[one], 0);
    const inside = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
    const now = ((before + WEIGHTS[stage] * inside) / total) * 100;
    last = Math.max(last, Math.min(99.9, Math.round(now * 10) / 10));
    return last;
  };
}
