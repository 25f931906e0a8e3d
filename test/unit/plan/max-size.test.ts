import { expect, test } from 'vitest';
import type { SizePriority } from '../../../src/model/option-values.ts';
import type { Forecast } from '../../../src/plan/forecast.ts';
import { sizeResult, stepsBelow, stepText } from '../../../src/plan/max-size.ts';
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

test('each step says what it is forecast to gain', () => {
  const taken = steps(40, 'balanced')?.steps ?? [];
  const said = taken.map(stepText);
  expect(said[0]).toMatch(/H\.265 in place of H\.264: about .+ less, by forecast/);
  expect(said[1]).toMatch(/720p in place of 1920x1080: about .+ less, by forecast/);
  expect(said.at(-1)).toMatch(/% of the bitrate .*, by forecast/);
  expect(taken.map(({ step }) => step)).toEqual(['codec', 'resolution', 'bitrate']);
  // All of them together bring the picture to what the size leaves for it.
  const all = taken.reduce((sum, { gain_bytes: gain }) => sum + gain, 0);
  expect(40e6 - all).toBeGreaterThan(9.8e6);
  expect(40e6 - all).toBeLessThan(10e6);
});

test('what came says what was gained: in all, and by a step that was the only one', () => {
  const byQuality = { bytes: 40e6, from: 'samples' } as const;
  const several = sizeResult({ steps: steps(40, 'balanced')?.steps ?? [], byQuality }, 9.9e6);
  expect(several.settings.size_gained_bytes).toBe(30.1e6);
  expect(several.said).toContain('30.1 MB were gained in all: 40.0 MB by quality (by samples), 9.90 MB now');
  expect(several.settings.size_gains).toMatchObject([
    { gain_from: 'forecast' },
    { gain_from: 'forecast' },
    { gain_from: 'forecast' },
  ]);
  const one = sizeResult({ steps: steps(11, 'balanced')?.steps ?? [], byQuality }, 9.9e6);
  expect(one.settings.size_gains).toMatchObject([{ step: 'codec', gain_bytes: 30.1e6, gain_from: 'result' }]);
  expect(one.settings.size_steps).toEqual(['H.265 in place of H.264: 30.1 MB less']);
});
