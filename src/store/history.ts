import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type Database from 'better-sqlite3';
import type { History } from '../model/history.ts';
import { CACHE_BOUNDS, type CacheBounds, getCached, putCached, sweepCache } from './cache.ts';
import { syncCatalogue } from './catalogue.ts';
import type { CatalogueRows } from './catalogue-rows.ts';
import { type Connection, connectionOf } from './connection.ts';
import { type Driver, openDatabase } from './database.ts';
import { forecastOf, listForecasts, rememberForecast } from './forecasts.ts';
import * as jobs from './jobs.ts';
import { cancelMulti, finishMulti, insertMulti, multiStatus, takeUpMulti, unfinishedMultis } from './multi-runs.ts';
import { findOutput, rememberOutput } from './outputs.ts';
import { announcePlacing, forgetPlacing, listPlacings } from './placings.ts';
import { deletePreset, listPresets, savePreset } from './presets.ts';
import { HistoryProblem, problemSentence } from './problem.ts';

export interface HistoryOptions {
  readonly path: string;
  /** Written into the database where it is not there yet. */
  readonly catalogue?: CatalogueRows;
  /** Creates and changes nothing; what is missing reads as empty. Methods that write then do nothing. */
  readonly readonly?: boolean;
  /** Milliseconds to wait for a database that others hold. */
  readonly timeoutMs?: number;
  readonly cacheBounds?: CacheBounds;
  readonly now?: () => Date;
  readonly loadDriver?: () => Promise<Driver>;
}

/** History in SQLite, with the tables that show what this version knows. */
export interface HistoryStore extends History {
  /** Rebuilds the codecs' and platforms' tables where the catalogue's hash is a new one. */
  syncCatalogue(rows: CatalogueRows): void;
}

/**
 * Opens the history, and makes it where there is none. Never throws: whatever is wrong is told in one sentence by
 * `problem`, and the database is then left as it is.
 */
export async function openHistory(options: HistoryOptions): Promise<HistoryStore> {
  const path = resolve(options.path);
  const now = options.now ?? (() => new Date());
  const readonly = options.readonly ?? false;
  const bounds = options.cacheBounds ?? CACHE_BOUNDS;
  try {
    const db = await openDatabase({
      path,
      readonly,
      timeoutMs: options.timeoutMs ?? 10_000,
      loadDriver: options.loadDriver ?? (async () => (await import('better-sqlite3')).default),
    });
    const connection = db && connectionOf(db, userName(), () => now().toISOString());
    const store = historyOf(new Guard(path, readonly, connection), bounds);
    if (options.catalogue) store.syncCatalogue(options.catalogue);
    return store;
  } catch (error) {
    return historyOf(new Guard(path, readonly, undefined, problemSentence(error, path)), bounds);
  }
}

function userName(): string {
  try {
    return userInfo().username || 'local';
  } catch {
    // A container's user need not be in its list of users.
    return 'local';
  }
}

/** The one place where a database that breaks is caught: the first error ends the keeping of history. */
class Guard {
  problem: string | undefined;
  readonly #path: string;
  readonly #readonly: boolean;
  readonly #inode: bigint | undefined;
  #connection: Connection | undefined;

  constructor(path: string, readonly: boolean, connection: Connection | undefined, problem?: string) {
    this.problem = problem;
    this.#path = path;
    this.#readonly = readonly;
    this.#connection = connection;
    this.#inode = connection && inodeOf(path);
  }

  read<T>(otherwise: T, ask: (connection: Connection) => T): T {
    if (!this.#connection) return otherwise;
    try {
      return ask(this.#connection);
    } catch (error) {
      this.problem = problemSentence(error, this.#path);
      this.close();
      return otherwise;
    }
  }

  write<T>(otherwise: T, change: (connection: Connection) => T): T {
    if (this.#readonly) return otherwise;
    return this.read(otherwise, (connection) => {
      // SQLite keeps writing into a file that was deleted, and says nothing.
      if (inodeOf(this.#path) !== this.#inode)
        throw new HistoryProblem(`the database ${this.#path} was deleted or replaced meanwhile`);
      return change(connection);
    });
  }

  close(): void {
    const db: Database.Database | undefined = this.#connection?.db;
    this.#connection = undefined;
    try {
      db?.close();
    } catch (error) {
      this.problem ??= problemSentence(error, this.#path);
    }
  }
}

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;

/** Writes to the cache between two sweeps; the first one sweeps. */
const PUTS_PER_SWEEP = 64;

function historyOf(guard: Guard, bounds: CacheBounds): HistoryStore {
  let puts = 0;
  return {
    get problem() {
      return guard.problem;
    },
    insertJob: (job) => guard.write(undefined, (connection) => jobs.insertJob(connection, job)),
    updateJob: (id, change) => guard.write(undefined, (connection) => jobs.updateJob(connection, id, change)),
    listJobs: (options) => guard.read([], (connection) => jobs.listJobs(connection, options ?? {})),
    getJob: (id) => guard.read(undefined, (connection) => jobs.getJob(connection, id)),
    requestCancel: (id) => guard.write(false, (connection) => jobs.requestCancel(connection, id)),
    isCancelRequested: (id) => guard.read(false, (connection) => jobs.isCancelRequested(connection, id)),
    sweepDead: (isAlive) => guard.write(0, (connection) => jobs.sweepDead(connection, isAlive)),
    insertMulti: (multi) => guard.write(undefined, (connection) => insertMulti(connection, multi)),
    takeUpMulti: (found, by) => guard.write(true, (connection) => takeUpMulti(connection, found, by)),
    finishMulti: (id, status) => guard.write(undefined, (connection) => finishMulti(connection, id, status)),
    cancelMulti: (id) => guard.write(false, (connection) => cancelMulti(connection, id)),
    multiStatus: (id) => guard.read(undefined, (connection) => multiStatus(connection, id)),
    unfinishedMultis: () => guard.read([], unfinishedMultis),
    rememberOutput: (record) => guard.write(undefined, (connection) => rememberOutput(connection, record)),
    findOutput: (path) => guard.read(undefined, (connection) => findOutput(connection, path)),
    announcePlacing: (placing) => guard.write(undefined, (connection) => announcePlacing(connection, placing)),
    forgetPlacing: (id) => guard.write(undefined, (connection) => forgetPlacing(connection, id)),
    listPlacings: () => guard.read([], listPlacings),
    rememberForecast: (record) => guard.write(undefined, (connection) => rememberForecast(connection, record)),
    forecastOf: (id) => guard.read(undefined, (connection) => forecastOf(connection, id)),
    listForecasts: (key, limit) => guard.read([], (connection) => listForecasts(connection, key, limit)),
    getCached: (kind, key) => guard.read(undefined, (connection) => getCached(connection, kind, key)),
    putCached: (kind, key, value) =>
      guard.write(undefined, (connection) => {
        putCached(connection, kind, key, value, bounds);
        if (puts++ % PUTS_PER_SWEEP === 0) sweepCache(connection, bounds);
      }),
    listPresets: () => guard.read([], listPresets),
    savePreset: (preset) => guard.write(undefined, (connection) => savePreset(connection, preset)),
    deletePreset: (id) => guard.write(false, (connection) => deletePreset(connection, id)),
    syncCatalogue: (rows) => guard.write(undefined, (connection) => syncCatalogue(connection, rows)),
    close: () => guard.close(),
  };
}
