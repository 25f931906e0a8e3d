/** What `export` can ask for. A part of app.ts that loads alone: an export reads no code of packages, batches and comparisons. */
export type { ExportCall, GlobalOptions, Session } from './call.ts';
export { dryRunScript } from './dry-run.ts';
export { exportOnce } from './export.ts';
export type { ExportOutcome, ExportWatcher } from './outcome.ts';
export { clearStanding } from './ports.ts';
export { prepareExport } from './prepare.ts';
export { openSession } from './session.ts';
