import { expect, it } from 'vitest';
import { timeAxis, valueAxis } from '../../../src/report/axis.ts';

it.each([
  [[0.9271, 0.99], { top: 1 }, [0.92, 0.94, 0.96, 0.98, 1]],
  [[34.2, 48.8], {}, [30, 35, 40, 45, 50]],
  [[24, 624], { bottom: 0 }, [0, 200, 400, 600, 800]],
  [[0, 0], { bottom: 0 }, [0]],
])('values %j with bounds %j lie within round lines', (values, bounds, lines) => {
  const axis = valueAxis(values, bounds);
  expect(axis.ticks).toEqual(expect.arrayContaining(lines));
  expect(axis.from).toBeLessThanOrEqual(Math.min(...values));
  expect(axis.to).toBeGreaterThanOrEqual(Math.max(...values));
  expect(axis.to).toBeGreaterThan(axis.from);
  expect(axis.ticks.length).toBeLessThan(8);
});

it.each([
  [[1, 1], { top: 1 }],
  [[40, 40], {}],
  [[0.999999, 1], { top: 1 }],
  [[-0.02, 1], { top: 1 }],
  [[100, 100], {}],
])('values that are all alike (%j) have a scale too', (values, bounds) => {
  const { from, to, ticks } = valueAxis(values, bounds);
  expect(to).toBeGreaterThan(from);
  expect(from).toBeLessThanOrEqual(Math.min(...values));
  for (const tick of ticks) expect(Number.isFinite(tick)).toBe(true);
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks.length).toBeLessThan(12);
});

it.each([
  [0.04, 1],
  [7.5, 8],
  [20, 5],
  [5400, 7],
  [86_400, 9],
])('%f seconds have some %i lines', (lengthSec, about) => {
  const { ticks, to } = timeAxis(lengthSec);
  expect(ticks[0]).toBe(0);
  expect(ticks.at(-1)).toBeLessThanOrEqual(to);
  expect(Math.abs(ticks.length - about)).toBeLessThanOrEqual(2);
});
