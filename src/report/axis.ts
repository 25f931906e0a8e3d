/** Where the lines of a scale are. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10];
const TIME_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const MOST_VALUES = 5;
const MOST_TIMES = 9;

/** Sums of decimal fractions are not round, but labels are. */
const tidy = (value: number): number => Number(value.toPrecision(12));

function ticks(from: number, to: number, step: number): readonly number[] {
  const count = Math.floor((to - from) / step + 1e-6);
  return Array.from({ length: count + 1 }, (_, n) => tidy(from + n * step));
}

/** A scale of round numbers that holds all values; `top` is a bound that none exceeds, such as an SSIM of 1. */
export function valueAxis(
  values: readonly number[],
  bounds: { readonly bottom?: number; readonly top?: number } = {},
): Axis {
  const low = bounds.bottom ?? values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = bounds.top ?? values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const span = Math.max(high - low, Math.abs(high) * 1e-4, 1e-6);
  const rough = span / (MOST_VALUES - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = tidy((STEPS.find((one) => one * power >= rough * 0.999) ?? 10) * power);
  const from = tidy(Math.floor(low / step + 1e-9) * step);
  const to = bounds.top ?? tidy(Math.ceil(high / step - 1e-9) * step);
  return { from: from < to ? from : tidy(to - step), to, ticks: ticks(from < to ? from : tidy(to - step), to, step) };
}

/** A scale of time from 0, seconds. */
export function timeAxis(lengthSec: number): Axis {
  const step =
    TIME_STEPS.find((one) => lengthSec / one < MOST_TIMES) ?? Math.ceil(lengthSec / MOST_TIMES / 3600) * 3600;
  return { from: 0, to: lengthSec, ticks: ticks(0, lengthSec, step) };
}
