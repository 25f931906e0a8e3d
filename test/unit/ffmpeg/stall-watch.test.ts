import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchForStall } from '../../../src/ffmpeg/stall-watch.ts';

let now = 0;
let stalls = 0;
beforeEach(() => {
  now = 0;
  stalls = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const watch = (stallSec: number) => watchForStall(stallSec, undefined, () => stalls++);

/** Lets ticks of one second pass; the clock may move further in each than the timer does. */
function pass(ticks: number, clockSec = 1): void {
  for (let i = 0; i < ticks; i++) {
    now += clockSec * 1000;
    vi.advanceTimersByTime(1000);
  }
}

test('silence for the whole time is a stall, told once', () => {
  watch(10);
  pass(9);
  expect(stalls).toBe(0);
  pass(20);
  expect(stalls).toBe(1);
});

test('a sign of life starts anew', () => {
  const one = watch(10);
  pass(9);
  one.alive();
  pass(9);
  expect(stalls).toBe(0);
  pass(1);
  expect(stalls).toBe(1);
});

test('a suspended machine is no stall', () => {
  watch(10);
  pass(3);
  pass(1, 8 * 3600);
  expect(stalls).toBe(0);
  pass(4);
  expect(stalls).toBe(0);
  pass(2);
  expect(stalls).toBe(1);
});

test('zero is never, and stopped is over', () => {
  watch(0);
  watch(5).stop();
  pass(100);
  expect(stalls).toBe(0);
});
