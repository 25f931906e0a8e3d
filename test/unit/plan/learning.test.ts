import { describe, expect, it, test } from 'vitest';
import type { ForecastRecord } from '../../../src/model/history.ts';
import type { Forecast } from '../../../src/plan/forecast.ts';
import { lessonOf, withLesson } from '../../../src/plan/learning.ts';

/** An export that came to `size` times what was forecast, and took `time` times as long. */
function record(size: number, time: number | null = null): ForecastRecord {
  return {
    export_id: 'e',
    machine: 'm',
    encoder: 'libx264',
    speed: 'medium',
    mode: 'crf',
    method: 'samples',
    forecast_bytes: 1_000_000,
    said_bytes: 1_000_000,
    came_bytes: 1_000_000 * size,
    forecast_sec: time === null ? null : 10,
    said_sec: null,
    came_sec: time === null ? null : 10 * time,
    megapixels: 100,
  };
}

const forecast: Forecast = {
  method: 'samples',
  bytes: 10e6,
  lowBytes: 9e6,
  highBytes: 11e6,
  workSec: 50,
  videoKbps: 1,
  audioKbps: 1,
};
const many = (count: number, size: number) => Array.from({ length: count }, () => record(size));

test('one export moves a forecast a little, many nearly as far as they were off', () => {
  expect(lessonOf([])).toBeUndefined();
  expect(lessonOf(many(1, 0.5))?.size).toBeCloseTo(0.5 ** 0.25, 6);
  expect(lessonOf(many(20, 0.5))?.size).toBeCloseTo(0.5 ** (20 / 23), 6);
});

test('one film that was unlike all others hardly counts', () => {
  const usual = lessonOf(many(9, 0.9))?.size ?? 0;
  const withOutlier = lessonOf([...many(9, 0.9), record(4)])?.size ?? 0;
  expect(Math.abs(withOutlier - usual)).toBeLessThan(0.01);
});

test('time is learned apart from size, from exports that were timed alone', () => {
  const lesson = lessonOf([...many(5, 1.1), record(1.1, 2), record(1.1, 2), record(1.1, 2)]);
  expect(lesson?.time).toBeCloseTo(2 ** 0.5, 6);
  expect(lesson?.secPerMegapixel).toBeCloseTo(0.2, 6);
  expect(lessonOf(many(5, 1.1))?.time).toBeUndefined();
});

describe('a forecast with a lesson', () => {
  const lesson = { exports: 9, size: 0.8, time: 1.5, secPerMegapixel: 0.2 };

  it('moves with its interval', () => {
    const told = withLesson(forecast, lesson, 100, false);
    expect(told).toMatchObject({ bytes: 8e6, workSec: 75 });
    expect(told.lowBytes).toBeCloseTo(7.2e6);
    expect(told.highBytes).toBeCloseTo(8.8e6);
  });

  it('keeps a wide interval, and learns of seconds where none were said', () => {
    const arithmetic = { ...forecast, method: 'arithmetic', lowBytes: 1e6, workSec: undefined } as const;
    expect(withLesson(arithmetic, lesson, 100, true)).toMatchObject({
      bytes: 8e6,
      lowBytes: 1e6,
      highBytes: 11e6,
      workSec: 20,
    });
  });

  it('without one is what it was', () => {
    expect(withLesson(forecast, undefined, 100, false)).toBe(forecast);
  });
});

test('estimates of films that are always off the same way come nearer with each export', () => {
  // Eight films that come to 70 % of what is forecast, give or take: what is said of the last ones is nearer than of the first.
  const ratios = [0.72, 0.65, 0.74, 0.69, 0.7, 0.68, 0.73, 0.7];
  const errors = ratios.map((ratio, done) => {
    const lesson = lessonOf(ratios.slice(0, done).map((one) => record(one)));
    return Math.abs(Math.log(withLesson(forecast, lesson, 1, false).bytes / (forecast.bytes * ratio)));
  });
  const mean = (part: readonly number[]) => part.reduce((sum, one) => sum + one, 0) / part.length;
  expect(mean(errors.slice(5))).toBeLessThan(mean(errors.slice(0, 3)) / 2);
});
