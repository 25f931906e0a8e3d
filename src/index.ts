/** sg-export as a library: the same functions that the commands use. */
export {
  compareFilms,
  dryRunScript,
  type ExportCall,
  type ExportOutcome,
  type ExportWatcher,
  exportOnce,
  listCodecs,
  type MultiOutcome,
  type MultiRequest,
  type MultiWatcher,
  openSession,
  type Prepared,
  type PreparedMulti,
  prepareExport,
  prepareMulti,
  readMultiRequest,
  runMulti,
  type Session,
} from './app.ts';
export { type ErrorCode, EXIT_CODES, SgError } from './model/errors.ts';
export type { ExportResult, MultiResult, RunEvent } from './model/events.ts';
export type { ComparisonResult } from './model/quality.ts';
