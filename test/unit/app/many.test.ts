import { expect, test } from 'vitest';
import { runInLanes, unitsOf } from '../../../src/app/many.ts';

/** Runs jobs whose ends the test decides; tells what runs. */
function scene(needs: readonly number[], lanes: number, memoryBytes = Number.POSITIVE_INFINITY) {
  const ends = new Map<number, () => void>();
  const order: number[] = [];
  const each = needs.map((bytes) => ({ lanes: 1, memoryBytes: bytes }));
  const over = runInLanes(each, { lanes, memoryBytes }, (index) => {
    order.push(index);
    return new Promise((resolve) => ends.set(index, resolve));
  });
  const end = async (index: number): Promise<readonly number[]> => {
    ends.get(index)?.();
    ends.delete(index);
    await new Promise(setImmediate);
    return [...ends.keys()];
  };
  return { running: () => [...ends.keys()], end, order, over };
}

test('so many run at once, in their order', async () => {
  const { running, end, over } = scene([0, 0, 0, 0, 0], 2);
  expect(running()).toEqual([0, 1]);
  expect(await end(1)).toEqual([0, 2]);
  expect(await end(0)).toEqual([2, 3]);
  expect(await end(2)).toEqual([3, 4]);
  await end(3);
  await end(4);
  await over;
});

test('one that needs too much waits, and smaller ones pass', async () => {
  const { running, end, order, over } = scene([6, 6, 3, 1], 3, 10);
  expect(running()).toEqual([0, 2, 3]);
  expect(await end(2)).toEqual([0, 3]);
  expect(await end(0)).toEqual([3, 1]);
  await end(3);
  await end(1);
  await over;
  expect(order).toEqual([0, 2, 3, 1]);
});

test('one that needs more than there is runs alone', async () => {
  const { running, end, over } = scene([50, 50, 1], 3, 10);
  expect(running()).toEqual([0]);
  expect(await end(0)).toEqual([1]);
  expect(await end(1)).toEqual([2]);
  await end(2);
  await over;
});

test('nothing to do is over at once', async () => {
  await scene([], 3).over;
});

test('a bug of a job is not lost', async () => {
  await expect(
    runInLanes([{ lanes: 1, memoryBytes: 0 }], { lanes: 1, memoryBytes: 0 }, () => Promise.reject(new Error('a bug'))),
  ).rejects.toThrow('a bug');
});

test('exports of one source run together, in parts of like size that fit, and in the order of their first', () => {
  const none = Array.from({ length: 8 }, () => 0);
  const limits = { lanes: 3, memoryBytes: 10 };
  const keys = ['a', 'b', 'a', undefined, 'a', 'a', 'b', undefined];
  expect(unitsOf(keys, none, limits)).toEqual([[0, 2], [1, 6], [3], [4, 5], [7]]);
  expect(unitsOf(['a', 'a', 'a'], none, limits)).toEqual([[0, 1, 2]]);
  expect(unitsOf(['a', 'a'], none, { ...limits, lanes: 1 })).toEqual([[0], [1]]);
  expect(unitsOf(['a', 'a', 'a', 'a'], [6, 6, 4, 50], limits)).toEqual([[0], [1, 2], [3]]);
});

test('a device runs no more than it takes, and what needs none passes', async () => {
  const ends = new Map<number, () => void>();
  const slot = { device: 'nvenc 0', most: 2 };
  const needs = [slot, slot, slot, undefined, { device: 'nvenc 1', most: 2 }].map((one) => ({
    ...{ lanes: 1, memoryBytes: 0 },
    slot: one,
  }));
  const over = runInLanes(needs, { lanes: 5, memoryBytes: 1 }, (index) => new Promise((end) => ends.set(index, end)));
  expect([...ends.keys()]).toEqual([0, 1, 3, 4]);
  ends.get(3)?.();
  await new Promise(setImmediate);
  expect(ends.has(2)).toBe(false);
  ends.get(0)?.();
  await new Promise(setImmediate);
  expect(ends.has(2)).toBe(true);
  for (const end of ends.values()) end();
  await over;
});
