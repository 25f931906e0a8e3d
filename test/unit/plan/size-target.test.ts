import { expect, test } from 'vitest';
import type { Observation } from '../../../src/model/plan.ts';
import { reviseForSize } from '../../../src/plan/size-target.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';
import { mediaOf, readSource } from '../../golden/source-file.ts';

const golden = readCase('target-size');
const { plan, resolved } = planCase(golden);
const media = mediaOf(readSource(golden.source));
/** The same for an encoder without a log of a first pass. */
const withoutLog = resolved && { ...resolved, video: { ...resolved.video, encoder: 'libsvtav1', twoPass: false } };
const TARGET = 3_000_000;
const BESIDE = 240_000;

/** What an encoder makes of a rate: bytes of the whole file. */
type Encoder = (kbps: number) => number;
const seconds = resolved?.timeline.durationSec ?? 0;
const exact: Encoder = (kbps) => BESIDE + kbps * 125 * seconds;

/** Plays the loop against an encoder, from the weighed sound on. */
function play(encoder: Encoder, request = resolved) {
  if (!plan || !request) throw new Error('the golden case has no plan');
  const observations: Observation[] = [{ stepId: 'beside', kbps: 0, bytes: BESIDE, product: 'beside.mp4' }];
  const ran: number[] = [];
  for (;;) {
    const revision = reviseForSize(request, media, plan, observations);
    const step = revision.plan.steps.at(-1);
    if (!step?.observed) {
      const bytes = observations.find(({ product }) => product === revision.plan.product)?.bytes ?? 0;
      return { plan: revision.plan, ran, bytes };
    }
    const { kbps } = step.observed;
    ran.push(kbps);
    const product = step.writes[0] ?? '';
    observations.push({ stepId: step.id, kbps, bytes: Math.round(encoder(kbps)), product });
  }
}

const delivered = (found: ReturnType<typeof play>, encoder: Encoder) =>
  encoder(found.ran[Number(/\d/.exec(found.plan.product)?.[0]) - 1] ?? 0);

test('an encoder that keeps its rate needs one try', () => {
  const found = play(exact);
  expect(found.ran).toHaveLength(1);
  expect(delivered(found, exact)).toBeLessThanOrEqual(TARGET);
  expect(delivered(found, exact)).toBeGreaterThan(TARGET * 0.99);
});

test.each([
  ['spends 6 % too much', (kbps: number) => BESIDE + kbps * 125 * seconds * 1.06],
  ['spends 12 % too little', (kbps: number) => BESIDE + kbps * 125 * seconds * 0.88],
  ['follows the rate by a power', (kbps: number) => BESIDE + 125 * seconds * (kbps / 1000) ** 0.7 * 1200],
] as const)('one that %s is corrected in four tries at most, never above', (_, encoder) => {
  const found = play(encoder);
  expect(found.ran.length).toBeLessThanOrEqual(4);
  expect(delivered(found, encoder)).toBeLessThanOrEqual(TARGET);
  expect(delivered(found, encoder)).toBeGreaterThan(TARGET * 0.98);
});

test('a picture that needs less is delivered smaller, and said to be saturated', () => {
  const still: Encoder = () => BESIDE + 400_000;
  const found = play(still);
  expect(found.plan.settings.target_saturated).toBe(true);
  expect(found.plan.warnings.join()).toContain('needs no more than');
});

test('a target that every try exceeds ends with the smallest that came out', () => {
  expect(() => play(() => 5_000_000)).toThrow(/smallest came to 5\.00 MB/);
});

test('the sound alone may be too much', () => {
  if (!plan || !resolved) throw new Error('the golden case has no plan');
  const heard = [{ stepId: 'beside', kbps: 0, bytes: TARGET + 1, product: 'beside.mp4' }];
  expect(() => reviseForSize(resolved, media, plan, heard)).toThrow(/sound alone takes/);
});

/** Numbers from 0 to 1, the same each time (Park and Miller's generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test('an encoder whose sizes scatter by 2 % is hit all the same, and never above', () => {
  const next = numbers(1);
  const scatter = () => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6) * 0.02;
  const missed: number[] = [];
  for (let film = 0; film < 300; film += 1) {
    const spends = 0.85 + 0.3 * next();
    const { bytes } = play((kbps) => BESIDE + kbps * 125 * seconds * spends * (1 + scatter()), withoutLog);
    expect(bytes).toBeLessThanOrEqual(TARGET);
    if (bytes < TARGET * 0.98) missed.push(bytes);
  }
  expect(missed.length, `${missed}`).toBeLessThanOrEqual(6);
});
