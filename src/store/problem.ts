import { SCHEMA_VERSION } from './migrations.ts';

/** Why a database is not used, in words for the person who asked; every other error is worded by `problemSentence`. */
export class HistoryProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HistoryProblem';
  }
}

export const foreignProblem = (path: string): HistoryProblem =>
  new HistoryProblem(`the database ${path} belongs to another program; name another file with --db`);

export const newerProblem = (path: string, version: number): HistoryProblem =>
  new HistoryProblem(
    `the database ${path} was made by a newer sg-export (its version is ${version}, this one knows up to ${SCHEMA_VERSION})`,
  );

/** SQLite's or the system's code, such as `SQLITE_BUSY_RECOVERY` or `EACCES`; empty when the error has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Another connection is in the way, for now. SQLITE_PROTOCOL: too many at once raced to begin. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(errorCode(error));
}

/** One sentence that says why history is not kept. */
export function problemSentence(error: unknown, path: string): string {
  return `history is not kept: ${reasonOf(error, path)}`;
}

function reasonOf(error: unknown, path: string): string {
  if (error instanceof HistoryProblem) return error.message;
  const code = errorCode(error);
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code))
    return `the database ${path} is damaged or is no SQLite database; move it away to start a new one`;
  if (isBusy(error)) return `the database ${path} stayed locked by another program`;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return `the disk of the database ${path} is full`;
  if (/^SQLITE_(READONLY|PERM|AUTH)/.test(code) || code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return `the database ${path} cannot be written`;
  if (code.startsWith('SQLITE_CANTOPEN')) return `the database ${path} cannot be opened`;
  const message = error instanceof Error ? error.message : String(error);
  return `the database ${path} cannot be used (${message.split('\n')[0]})`;
}
