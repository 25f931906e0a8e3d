import type { ForecastRecord } from '../model/history.ts';
import type { Forecast } from './forecast.ts';

/** So many of the last exports are asked. */
export const LEARNED_FROM = 20;
/** A few exports say little: as much as this many that came as forecast is held against them. */
const DOUBT = 3;
/** Fewer say nothing of seconds where nothing was said before. */
const LEAST_TIMED = 3;
/** What is beyond this was another kind of thing. */
const MOST = Math.log(20);

/** How far exports of one kind came from what was forecast of them, as factors, drawn towards 1. */
export interface Lesson {
  readonly exports: number;
  readonly size: number;
  /** Undefined where nothing was said of their time. */
  readonly time: number | undefined;
  /** Seconds for a million pixels of the delivered film; undefined before enough exports were timed. */
  readonly secPerMegapixel: number | undefined;
}

/** The median: one film that was unlike all others moves it little. */
function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** What came over what was said, drawn towards 1 where few say it. */
function factorOf(ratios: readonly number[]): number | undefined {
  const logs = ratios
    .filter((ratio) => ratio > 0)
    .map(Math.log)
    .filter((log) => Math.abs(log) < MOST);
  const middle = median(logs);
  return middle === undefined ? undefined : Math.exp((middle * logs.length) / (logs.length + DOUBT));
}

/** What the last exports of one kind teach. Undefined where there are none. */
export function lessonOf(records: readonly ForecastRecord[]): Lesson | undefined {
  const size = factorOf(records.map(({ came_bytes: came, forecast_bytes: said }) => came / said));
  if (size === undefined) return undefined;
  const timed = records.flatMap(({ came_sec: came, forecast_sec: said }) =>
    came === null || said === null ? [] : [came / said],
  );
  const paces = records.flatMap(({ came_sec: came, megapixels }) =>
    came === null || megapixels <= 0 ? [] : [came / megapixels],
  );
  return {
    exports: records.length,
    size,
    time: factorOf(timed),
    secPerMegapixel: paces.length < LEAST_TIMED ? undefined : median(paces),
  };
}

/**
 * A forecast with what was learned. The interval moves along; arithmetic of a constant quality keeps its own, whose width is
 * what one film differs from the next by.
 */
export function withLesson(
  forecast: Forecast,
  lesson: Lesson | undefined,
  megapixels: number,
  wide: boolean,
): Forecast {
  if (!lesson) return forecast;
  const { size, time, secPerMegapixel: pace } = lesson;
  const bytes = forecast.bytes * size;
  const paced = pace === undefined ? undefined : pace * megapixels;
  return {
    ...forecast,
    bytes,
    lowBytes: wide ? Math.min(forecast.lowBytes, bytes) : forecast.lowBytes * size,
    highBytes: wide ? Math.max(forecast.highBytes, bytes) : forecast.highBytes * size,
    workSec: forecast.workSec === undefined ? paced : forecast.workSec * (time ?? 1),
  };
}
