import { createHash } from 'node:crypto';
import type { ResolvedExport } from '../plan/resolved.ts';

/** Keys that say where and how a run goes, not what the file is: two requests that differ only in them make the same output. */
const VIDEO_ONLY_LOCAL = ['threads', 'leanLookahead', 'encoder', 'hardware'] as const;

/**
 * Digest of everything that shapes the output. Skips compare requests, not encoders: a machine with other
 * hardware or another number of cores makes the same delivery.
 */
export function requestHash(resolved: ResolvedExport): string {
  const {
    source: _source,
    destination: _destination,
    settings: _settings,
    settingsFrom: _from,
    // Beside the film, not of it: whether they are there is asked for themselves.
    thumbnails: _thumbnails,
    // What was said of how its rate and size came about; they are in the request themselves.
    sizeSteps: _steps,
    video,
    subtitleFile,
    ...rest
  } = resolved;
  const shaped = Object.fromEntries(
    Object.entries(video).filter(([key]) => !VIDEO_ONLY_LOCAL.some((local) => local === key)),
  );
  return createHash('sha256')
    .update(JSON.stringify([1, subtitleFile ? { ...rest, subtitleFile: subtitleFile.sha256 } : rest, shaped]))
    .digest('hex');
}
