import { encoderRow } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import { formatBytes } from '../model/units.ts';
import { estimateBytes } from '../plan/estimate.ts';
import { warn, wrong } from '../plan/finding.ts';
import { arithmeticForecast, type Forecast, sampledForecast } from '../plan/forecast.ts';
import { sizeSettings, stepsBelow, stepText } from '../plan/max-size.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Layered } from '../presets/layers.ts';
import type { Decision, DecisionInput } from './decide.ts';
import { type Deciding, decideWithFlags } from './decide-again.ts';
import { type Sampling, sampled } from './sampled.ts';
import { sizeLimitsOf } from './size-rules.ts';

/** The least of what was asked for and what the platform takes, bytes. A rate that was typed is not bent for a platform. */
export function maximumOf({ layers }: DecisionInput, { values, from }: Layered): number | undefined {
  const typed = (['crf', 'bitrate', 'mode'] as const).some((key) => from[key] === 'flag');
  if (typed && values.maxSize === undefined) return undefined;
  const refusing = sizeLimitsOf(layers.platform, values.allow ?? []).filter(({ refuses }) => refuses);
  const all = [...(values.maxSize === undefined ? [] : [values.maxSize]), ...refusing.map(({ bytes }) => bytes)];
  return all.length > 0 ? Math.min(...all) : undefined;
}

async function forecastOf(resolved: ResolvedExport, sampling: Sampling): Promise<Forecast> {
  const { media } = sampling;
  if (resolved.video.rate.mode !== 'crf' || !encoderRow(resolved.video.encoder))
    return arithmeticForecast(resolved, media);
  return sampledForecast(resolved, media, await sampled(resolved, sampling));
}

/** What has one size, and that is too large. */
function tooLarge(resolved: ResolvedExport, forecast: Forecast, maximum: number): readonly Issue[] {
  if (forecast.lowBytes <= maximum) return [];
  const what = `${resolved.settings.video_codec} comes to about ${formatBytes(Math.round(forecast.bytes))}`;
  const message = `--max-size ${formatBytes(maximum)} cannot be reached: ${what}, whatever the picture`;
  return [wrong('max_size_fixed_rate', '--max-size', message, 'another --codec, a lower --resolution', 'TARGET')];
}

/**
 * Brings a request below its maximum: as it is where that fits, else with the steps that `stepsBelow` takes. The decision
 * then carries the maximum, so that a file which comes out larger all the same is made again.
 */
export async function belowMaximum(
  depends: DecisionInput,
  first: Decision,
  decideAgain: Deciding,
  sampling: Sampling,
): Promise<Decision> {
  const { resolved, layered, issues } = first;
  const maximum = maximumOf(depends, layered);
  const blocked = issues.some(({ severity }) => severity === 'error');
  if (maximum === undefined || !resolved || blocked || resolved.targetBytes !== undefined) return first;
  const bounded = { ...first, resolved: { ...resolved, maxBytes: maximum } };
  if (estimateBytes(resolved, depends.media) <= maximum) return bounded;
  const forecast = await forecastOf(resolved, sampling);
  if (!encoderRow(resolved.video.encoder)?.crf)
    return { ...first, issues: [...issues, ...(layered.values.maxSize ? tooLarge(resolved, forecast, maximum) : [])] };
  const priority = layered.values.sizePriority ?? 'balanced';
  const steps = stepsBelow(resolved, forecast, maximum, priority, layered.from);
  if (!steps) return bounded;
  // The steps decide the rate now, whatever decided it before.
  const { crf: _crf, bitrate: _bitrate, mode: _mode, targetQuality: _figure, ...flags } = depends.layers.flags;
  const byQuality = { bytes: Math.round(forecast.bytes), from: forecast.method };
  const sizeSteps = { steps: steps.steps, byQuality };
  const said = steps.steps.map((step) =>
    warn('size_step', '--max-size', `to stay below ${formatBytes(maximum)}: ${stepText(step)}`),
  );
  return decideWithFlags(depends, { ...flags, ...steps.values }, decideAgain, {
    settings: sizeSettings(sizeSteps),
    sizeSteps,
    issues: said,
  });
}
