import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HistoryStore, openHistory } from '../../../src/store/history.ts';
import { SCHEMA_VERSION } from '../../../src/store/migrations.ts';
import { job, outputRecord, scratchFolder } from './sample-records.ts';

/** Every method, called on a history that is not kept: nothing may throw or claim success. */
function expectNothing(history: HistoryStore): void {
  history.insertJob(job('e1'));
  history.updateJob('e1', { progress: 50 });
  history.rememberOutput(outputRecord('/out/a.mp4'));
  history.putCached('kind', 'key', 1);
  history.savePreset({ preset_id: 'p', name: '', description: '', settings: {}, created_at: '', updated_at: '' });
  history.syncCatalogue({ hash: '1', codecs: [], platforms: [] });
  expect([history.listJobs(), history.listPresets()]).toEqual([[], []]);
  expect([history.getJob('e1'), history.findOutput('/out/a.mp4'), history.getCached('kind', 'key')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([history.requestCancel('e1'), history.isCancelRequested('e1'), history.deletePreset('p')]).toEqual([
    false,
    false,
    false,
  ]);
  expect(history.sweepDead(() => false)).toBe(0);
  history.close();
}

/** Opens a path at which nothing can be kept, and returns why. */
async function problemAt(path: string, more: { readonly timeoutMs?: number } = {}): Promise<string> {
  const history = await openHistory({ path, ...more });
  const before = history.problem;
  expectNothing(history);
  expect(history.problem).toBe(before);
  return before ?? 'no problem';
}

async function madeHistory(): Promise<string> {
  const path = join(scratchFolder(), 'history.db');
  const history = await openHistory({ path });
  history.insertJob(job('e1'));
  history.close();
  expect(history.problem).toBeUndefined();
  return path;
}

function change(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

describe('a database that is not used, and left as it is', () => {
  it('is one that is no database', async () => {
    const path = join(scratchFolder(), 'history.db');
    writeFileSync(path, 'my shopping list, longer than the header of a database, which has a hundred bytes'.repeat(9));
    const before = readFileSync(path);
    expect(await problemAt(path)).toBe(
      `history is not kept: the database ${path} is damaged or is no SQLite database; move it away to start a new one`,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, '..'))).toEqual(['history.db']);
  });

  it('is one that is cut short', async () => {
    const path = await madeHistory();
    truncateSync(path, 5000);
    const before = readFileSync(path);
    expect(await problemAt(path)).toMatch(/^history is not kept: the database .* is damaged/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each([
    ['tables of its own', 'CREATE TABLE bookmarks (url)'],
    ['an application id of its own', 'PRAGMA application_id = 77'],
    ['our version number by chance', 'PRAGMA user_version = 1'],
  ])("is another program's, with %s", async (_, sql) => {
    const path = join(scratchFolder(), 'history.db');
    change(path, sql);
    const [before, mode] = [readFileSync(path), statSync(path).mode];
    expect(await problemAt(path)).toBe(
      `history is not kept: the database ${path} belongs to another program; name another file with --db`,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(statSync(path).mode).toBe(mode);
  });

  it('is one of a newer sg-export', async () => {
    const path = await madeHistory();
    change(path, 'PRAGMA journal_mode = delete; PRAGMA user_version = 99');
    const before = readFileSync(path);
    expect(await problemAt(path)).toBe(
      `history is not kept: the database ${path} was made by a newer sg-export ` +
        `(its version is 99, this one knows up to ${SCHEMA_VERSION})`,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is a folder, a device, or below a file', async () => {
    const folder = scratchFolder();
    expect(await problemAt(folder)).toBe(
      `history is not kept: ${folder}, named as the database, is not a regular file`,
    );
    const device = statSync('/dev/null').mode;
    expect(await problemAt('/dev/null')).toContain('not a regular file');
    expect(statSync('/dev/null').mode).toBe(device);
    writeFileSync(join(folder, 'file'), '');
    expect(await problemAt(join(folder, 'file', 'deep', 'history.db'))).toMatch(/^history is not kept: the database /);
  });

  it('is a link to nowhere', async () => {
    const path = join(scratchFolder(), 'history.db');
    symlinkSync('/proc/nowhere/history.db', path);
    expect(await problemAt(path)).toMatch(/^history is not kept: the database .* cannot be opened/);
  });

  // Root may write anywhere, but not where the kernel keeps its own folders.
  it('is one in a folder that cannot be written', async () => {
    const path = '/proc/sys/kernel/sg-export/history.db';
    expect(await problemAt(path)).toMatch(/^history is not kept: the database \/proc\/sys\/kernel\/.* cannot be /);
  });

  it('is one that another connection holds for longer than we wait', async () => {
    const path = await madeHistory();
    const holder = new Database(path);
    onTestFinished(() => void holder.close());
    holder.pragma('journal_mode = delete');
    holder.exec('BEGIN EXCLUSIVE');
    const started = performance.now();
    expect(await problemAt(path, { timeoutMs: 200 })).toBe(
      `history is not kept: the database ${path} stayed locked by another program`,
    );
    const waitedMs = performance.now() - started;
    expect(waitedMs).toBeGreaterThan(150);
    expect(waitedMs).toBeLessThan(3000);
    holder.exec('COMMIT');
    const after = await openHistory({ path });
    expect([after.problem, after.listJobs().length]).toEqual([undefined, 1]);
    after.close();
  });

  it('cannot be opened without its driver', async () => {
    const folder = scratchFolder();
    const failing = async (): Promise<never> => {
      throw Object.assign(new Error("Cannot find package 'better-sqlite3'"), { code: 'ERR_MODULE_NOT_FOUND' });
    };
    const history = await openHistory({ path: join(folder, 'history.db'), loadDriver: failing });
    expect(history.problem).toBe(
      'history is not kept: the database driver better-sqlite3 cannot be loaded (ERR_MODULE_NOT_FOUND)',
    );
    expectNothing(history);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('cannot be opened where the compiled part of the driver is missing', async () => {
    class Uncompiled {
      constructor() {
        throw new Error('Could not locate the bindings file. Tried:\n → build/better_sqlite3.node');
      }
    }
    const history = await openHistory({
      path: join(scratchFolder(), 'history.db'),
      loadDriver: async () => Uncompiled as unknown as typeof Database,
    });
    expect(history.problem).toBe('history is not kept: the database driver better-sqlite3 cannot be loaded');
    expectNothing(history);
  });
});

describe('a database that breaks midway', () => {
  it.each([
    ['deleted', (path: string) => rmSync(path)],
    ['moved away', (path: string) => renameSync(path, `${path}.old`)],
    [
      'replaced',
      (path: string) => {
        writeFileSync(`${path}.new`, 'something else');
        renameSync(`${path}.new`, path);
      },
    ],
  ])('because it is %s is given up, and what is there now is not written', async (_, harm) => {
    const path = await madeHistory();
    const history = await openHistory({ path });
    history.updateJob('e1', { progress: 20 });
    harm(path);
    const now = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    history.updateJob('e1', { progress: 30 });
    expect(history.problem).toBe(`history is not kept: the database ${path} was deleted or replaced meanwhile`);
    expectNothing(history);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(now);
  });

  it('because another connection holds it too long is given up', async () => {
    const path = await madeHistory();
    const history = await openHistory({ path, timeoutMs: 100 });
    const holder = new Database(path);
    onTestFinished(() => void holder.close());
    holder.exec('BEGIN IMMEDIATE');
    history.updateJob('e1', { progress: 30 });
    expect(history.problem).toBe(`history is not kept: the database ${path} stayed locked by another program`);
    expectNothing(history);
  });

  it('because there is no more room is given up, and what was written stays', async () => {
    const path = await madeHistory();
    const room = (driver: typeof Database): typeof Database =>
      new Proxy(driver, {
        construct: (target, [file, options]) => {
          const db = new target(file, options);
          db.pragma('max_page_count = 40');
          return db;
        },
      });
    const history = await openHistory({ path, loadDriver: async () => room(Database) });
    expect(history.problem).toBeUndefined();
    history.putCached('kind', 'key', 'x'.repeat(1_000_000));
    expect(history.problem).toBe(`history is not kept: the disk of the database ${path} is full`);
    expectNothing(history);
    const after = await openHistory({ path });
    expect(after.listJobs()).toHaveLength(1);
    after.close();
  });

  it('by anything unforeseen is given up too', async () => {
    const path = await madeHistory();
    const history = await openHistory({ path });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    history.updateJob('e1', { export_config: circular });
    expect(history.problem).toMatch(/^history is not kept: the database .* cannot be used \(Converting circular/);
    expectNothing(history);
  });
});

it('keeps its folder free of anything else', async () => {
  const path = await madeHistory();
  mkdirSync(join(path, '..', 'other'));
  expect(readdirSync(join(path, '..')).sort()).toEqual(['history.db', 'other']);
});
