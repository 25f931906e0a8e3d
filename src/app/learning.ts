import type { Delivered } from '../engine/run.ts';
import type { ForecastKey, ForecastRecord } from '../model/history.ts';
import { valueOf } from '../model/rational.ts';
import { arithmeticForecast, type Forecast, sampledForecast } from '../plan/forecast.ts';
import { LEARNED_FROM, type Lesson, lessonOf, withLesson } from '../plan/learning.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Prepared, Session } from './call.ts';
import type { Attempt } from './outcome.ts';
import { forecastBefore, machineLabel, sampledBefore } from './sampled.ts';
import { sourceCache } from './source-cache.ts';

/** Exports that are alike in what makes a forecast wrong. A size that was asked for is kept to, and teaches nothing. */
function keyOf({ video, targetBytes }: ResolvedExport, method: Forecast['method']): ForecastKey {
  const mode = targetBytes === undefined ? video.rate.mode : 'size';
  return {
    machine: machineLabel(),
    encoder: video.encoder,
    speed: video.codec === 'copy' ? '' : video.speed,
    mode: `${video.codec === 'copy' ? 'copy' : mode}${video.twoPass ? ', two passes' : ''}`,
    method,
  };
}

/** Millions of pixels in the delivered film: what an encoder's time goes by. */
function megapixelsOf({ video, timeline }: ResolvedExport): number {
  const frames = video.frames ?? timeline.durationSec * (video.frameRate ? valueOf(video.frameRate) : 30);
  return (frames * video.geometry.width * video.geometry.height) / 1e6;
}

/** A forecast as the exports before it teach. */
export function learned(
  { history }: Pick<Session, 'history'>,
  resolved: ResolvedExport,
  forecast: Forecast,
): { readonly forecast: Forecast; readonly lesson: Lesson | undefined } {
  if (resolved.targetBytes !== undefined) return { forecast, lesson: undefined };
  const lesson = lessonOf(history.listForecasts(keyOf(resolved, forecast.method), LEARNED_FROM));
  const wide = forecast.method === 'arithmetic' && resolved.video.rate.mode === 'crf';
  return { forecast: withLesson(forecast, lesson, megapixelsOf(resolved), wide), lesson };
}

/** What was or would have been said of an export, at next to no cost: by arithmetic, and by samples where some were encoded before. */
async function forecastsOf(
  { history }: Session,
  prepared: Prepared,
  resolved: ResolvedExport,
): Promise<readonly Forecast[]> {
  const { media, toolchain } = prepared;
  const arithmetic = arithmeticForecast(resolved, media);
  if (resolved.targetBytes !== undefined) return [arithmetic];
  const cache = sourceCache(history, prepared, toolchain, false);
  const finding = await sampledBefore(resolved, cache);
  const better = (await forecastBefore(resolved, cache)) ?? (finding && sampledForecast(resolved, media, finding));
  return better ? [arithmetic, better] : [arithmetic];
}

/** Its encode alone is what a forecast is about: not one beside others, nor what is measured of it afterwards. */
function isTimed({ call }: Attempt, { values }: Prepared): boolean {
  return call.multi === undefined && values.verify !== 'full' && values.report === undefined;
}

/** Keeps what was forecast of a delivery, and what came; its seconds are those that its result tells. */
export async function rememberForecast(
  attempt: Attempt,
  prepared: Prepared,
  { plan, bytes }: Pick<Delivered, 'plan' | 'bytes'>,
): Promise<void> {
  const { session, exportId, startedMs } = attempt;
  const tookSec = (performance.now() - startedMs) / 1000;
  const { resolved } = prepared;
  const { kept_source: kept, target_size_bytes: aimed } = plan.settings;
  if (!resolved || kept === true) return;
  // Made again below its maximum: it is not the film that was forecast.
  const asked = typeof aimed === 'number' ? { ...resolved, targetBytes: aimed } : resolved;
  for (const forecast of await forecastsOf(session, prepared, asked)) {
    const told = learned(session, asked, forecast).forecast;
    const record: ForecastRecord = {
      ...keyOf(asked, forecast.method),
      export_id: exportId,
      forecast_bytes: Math.round(forecast.bytes),
      said_bytes: Math.round(told.bytes),
      came_bytes: bytes,
      forecast_sec: forecast.workSec ?? null,
      said_sec: told.workSec ?? null,
      came_sec: isTimed(attempt, prepared) ? tookSec : null,
      megapixels: megapixelsOf(asked),
    };
    if (record.forecast_bytes > 0) session.history.rememberForecast(record);
  }
}
