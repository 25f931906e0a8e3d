/** sg-export as a library: the same functions that the commands use. */
export {
  compareFilms,
  dryRunScript,
  type ExportCall,
  type ExportOutcome,
  type ExportWatcher,
  exportOnce,
  listCodecs,
  openSession,
  type Prepared,
  prepareExport,
  type Session,
} from './app.ts';
export { type ErrorCode, EXIT_CODES, SgError } from './model/errors.ts';
export type { ExportResult, RunEvent } from './model/events.ts';
export type { ComparisonResult } from './model/quality.ts';
