import { chmodSync, closeSync, mkdirSync, openSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './migrations.ts';
import { errorCode, foreignProblem, HistoryProblem, isBusy, newerProblem } from './problem.ts';

/** better-sqlite3's constructor. */
export type Driver = typeof Database;

export interface DatabaseOptions {
  /** Absolute. */
  readonly path: string;
  readonly readonly: boolean;
  /** Milliseconds to wait for other processes. */
  readonly timeoutMs: number;
  readonly loadDriver: () => Promise<Driver>;
}

/**
 * Opens the database, creating or migrating it where needed. Undefined where there is nothing to read and `readonly`
 * forbids to create it. Throws whatever stands in the way, and has then changed nothing in a file that is not ours.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database.Database | undefined> {
  const { path, readonly } = options;
  const driver = await loadDriver(options);
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing && !existing.isFile()) throw new HistoryProblem(`${path}, named as the database, is not a regular file`);
  if (readonly && (!existing || existing.size === 0)) return undefined;
  if (!existing) createPrivately(path);
  const db = connect(driver, options);
  const patience = Date.now() + options.timeoutMs;
  try {
    const version = await retry(patience, () => recognise(db, path));
    if (readonly && version < SCHEMA_VERSION) {
      // Only a writer can migrate. Reading an older schema with today's statements would fail.
      db.close();
      return openDatabase({ ...options, readonly: false });
    }
    if (!readonly) await prepareForWriting(db, path, version, patience);
    db.pragma('foreign_keys = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

async function loadDriver(options: DatabaseOptions): Promise<Driver> {
  try {
    return await options.loadDriver();
  } catch (error) {
    throw driverProblem(error);
  }
}

function connect(driver: Driver, options: DatabaseOptions): Database.Database {
  const { path, readonly, timeoutMs } = options;
  try {
    return new driver(path, { readonly, fileMustExist: readonly, timeout: timeoutMs });
  } catch (error) {
    // The first connection loads the compiled part; SQLite's own errors have SQLite's codes.
    throw errorCode(error).startsWith('SQLITE_') ? error : driverProblem(error);
  }
}

function driverProblem(error: unknown): HistoryProblem {
  const code = errorCode(error);
  return new HistoryProblem(`the database driver better-sqlite3 cannot be loaded${code && ` (${code})`}`);
}

/** Made by hand because SQLite would follow the umask. Its -wal and -shm files take the mode of this one. */
function createPrivately(path: string): void {
  makeFolder(dirname(path));
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Folder by folder: Node's recursive mkdir never returns where a folder exists but takes none (as in /proc). */
function makeFolder(folder: string, parentsMade = false): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || parentsMade || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    makeFolder(folder, true);
  }
}

/** The schema version of a database of ours, 0 for an empty one. Throws where it is foreign or newer. */
function recognise(db: Database.Database, path: string): number {
  // One transaction: between two reads another process may be creating the schema.
  return db.transaction((): number => {
    const application = numberOf(db.pragma('application_id', { simple: true }));
    const version = numberOf(db.pragma('user_version', { simple: true }));
    const tables = numberOf(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
    if (application === 0 && version === 0 && tables === 0) return 0;
    if (application !== APPLICATION_ID) throw foreignProblem(path);
    if (version > SCHEMA_VERSION) throw newerProblem(path, version);
    return version;
  })();
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

async function prepareForWriting(
  db: Database.Database,
  path: string,
  version: number,
  patience: number,
): Promise<void> {
  if (version < SCHEMA_VERSION) await retry(patience, () => migrate(db, path));
  // Changing the journal takes the whole file for itself, and does not wait for that by itself.
  await retry(patience, () => chooseJournal(db, path));
  db.pragma('synchronous = NORMAL');
  if (process.platform !== 'win32') makePrivate(path);
}

function migrate(db: Database.Database, path: string): void {
  db.transaction(() => {
    const version = recognise(db, path);
    for (const sql of MIGRATIONS.slice(version)) db.exec(sql);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }).exclusive();
}

/** statfs types of filesystems that several hosts share: a WAL needs memory that all its users share. */
const NETWORK_FILESYSTEMS: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x01021997, // 9p
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x00c36400, // Ceph
  0x19830326, // BeeGFS
  0x5346414f, // AFS
]);

function chooseJournal(db: Database.Database, path: string): void {
  const wanted = isShared(path) ? 'delete' : 'wal';
  if (db.pragma('journal_mode', { simple: true }) === wanted) return;
  try {
    db.pragma(`journal_mode = ${wanted}`);
  } catch (error) {
    // A filesystem without shared memory refuses the WAL; the journal that was there keeps working.
    if (isBusy(error) || !/^SQLITE_(IOERR|CANTOPEN)/.test(errorCode(error))) throw error;
    db.pragma('journal_mode = delete');
  }
}

function isShared(path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return NETWORK_FILESYSTEMS.has(statfsSync(path).type >>> 0);
  } catch {
    return false;
  }
}

function makePrivate(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found || (found.mode & 0o077) === 0) continue;
    try {
      chmodSync(file, 0o600);
    } catch (error) {
      // The -wal goes away when the last process closes; a file of somebody else's is theirs to protect.
      if (!['ENOENT', 'EPERM'].includes(errorCode(error))) throw error;
    }
  }
}

/** Runs it again while others are in the way, until the moment (ms since the epoch) when patience ends. */
async function retry<T>(patience: number, attempt: () => T): Promise<T> {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= patience) throw error;
    }
    // Uneven waits, so that a crowd does not come back in step.
    await delay(5 + Math.random() * 20);
  }
}
