import { expect, test } from 'vitest';
import type { SizePriority } from '../../../src/model/option-values.ts';
import type { Forecast } from '../../../src/plan/forecast.ts';
import { stepsBelow } from '../../../src/plan/max-size.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';

const { resolved } = planCase(readCase('h264-default'));
if (!resolved) throw new Error('the golden case is refused');
const { durationSec } = resolved.timeline;

/** A film whose picture takes `megabytes`, and whose sound takes next to nothing. */
function forecast(megabytes: number): Forecast {
  const bytes = megabytes * 1e6;
  const videoKbps = bytes / 125 / durationSec;
  return { method: 'samples', bytes, lowBytes: bytes, highBytes: bytes, workSec: 1, videoKbps, audioKbps: 0 };
}

const steps = (megabytes: number, priority: SizePriority, codecFrom: 'default' | 'flag' = 'default') =>
  stepsBelow(resolved, forecast(megabytes), 10e6, priority, { codec: codecFrom });

test('what fits is left as it is', () => {
  expect(steps(9.9, 'balanced')).toBeUndefined();
});

test('a better codec comes first, where nobody chose one', () => {
  expect(steps(11, 'balanced')?.values).toEqual({ codec: 'h265', targetSize: 10e6 });
  expect(steps(11, 'balanced', 'flag')?.values).toEqual({ targetSize: 10e6 });
});

test('the picture is made smaller only where its bitrate would fall too far, sooner where quality matters more', () => {
  expect(steps(15, 'quality', 'flag')?.values).toMatchObject({ resolution: { kind: 'name', id: '720p' } });
  expect(steps(15, 'balanced', 'flag')?.values.resolution).toBeUndefined();
  expect(steps(25, 'size', 'flag')?.values.resolution).toBeUndefined();
});

test('each step says what it gains', () => {
  const said = steps(40, 'balanced')?.said ?? [];
  expect(said[0]).toMatch(/H\.265 in place of H\.264: about .+ less/);
  expect(said[1]).toMatch(/720p in place of 1920x1080: about .+ less/);
  expect(said.at(-1)).toMatch(/% of the bitrate/);
});
