import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MultiRecord, StoredPreset } from '../../../src/model/history.ts';
import type { CatalogueRows } from '../../../src/store/catalogue-rows.ts';
import { type HistoryOptions, type HistoryStore, openHistory } from '../../../src/store/history.ts';
import { job, outputRecord, scratchFolder } from './sample-records.ts';

async function open(path: string, more: Partial<HistoryOptions> = {}): Promise<HistoryStore> {
  const history = await openHistory({ path, ...more });
  onTestFinished(() => history.close());
  expect(history.problem).toBeUndefined();
  return history;
}

const freshPath = (): string => join(scratchFolder(), 'state', 'sg-export', 'history.db');

function rowsOf(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

describe('the file', () => {
  it("is its owner's alone, with its folder and its side files, whatever the umask", async () => {
    const path = freshPath();
    const umask = process.umask(0);
    onTestFinished(() => void process.umask(umask));
    const history = await open(path);
    history.insertJob(job('e1'));
    const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
    expect([join(path, '..'), join(path, '../..')].map(modeOf)).toEqual(['700', '700']);
  });

  it('keeps a write-ahead log and has the tables and indexes of the data model', async () => {
    const path = freshPath();
    (await open(path)).insertJob(job('e1'));
    expect(rowsOf(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    const columns = (table: string): string =>
      rowsOf(path, `SELECT group_concat(name, ' ') AS names FROM pragma_table_info('${table}')`)
        .map((row) => Object.values(row ?? {}).join())
        .join();
    expect(columns('export_jobs')).toBe(
      'export_id user_id source_id source_type export_config status progress current_stage output_files file_sizes ' +
        'error_message webhook_url started_at completed_at created_at updated_at cancel_requested_at host pid attempt ' +
        'lease_until priority',
    );
    expect(columns('export_presets')).toBe(
      'preset_id user_id name description target_quality video_codec audio_codec video_bitrate audio_bitrate ' +
        'resolution_limit encoding_speed custom_settings is_system created_at updated_at',
    );
    expect(columns('codec_configurations')).toBe(
      'codec_id codec_type name encoder container file_extension compatibility quality_range default_params is_enabled',
    );
    expect(columns('platform_presets')).toBe(
      'platform_id name video_codec audio_codec max_resolution max_file_size_mb max_duration_seconds ' +
        'recommended_settings compatibility_notes',
    );
    expect(columns('cache')).toBe('kind key value created_at last_used_at');
    expect(columns('multi_runs')).toBe('multi_id user_id request status created_at updated_at host pid');
    const indexes = rowsOf(path, `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1`);
    expect(indexes).toEqual(
      [
        'cache_last_used',
        'export_jobs_status_created',
        'export_jobs_user_status',
        'export_presets_system',
        'export_presets_user',
        'forecasts_kind',
        'multi_runs_user_status',
      ].map((name) => ({ name })),
    );
  });

  it('keeps what was written when it is opened again', async () => {
    const path = freshPath();
    const first = await open(path);
    first.insertJob(job('e1'));
    first.close();
    expect((await open(path)).getJob('e1')).toEqual(job('e1'));
  });

  it('opened for reading creates nothing and writes nothing', async () => {
    const path = freshPath();
    const nothing = await open(path, { readonly: true });
    expect(nothing.listJobs()).toEqual([]);
    expect(statSync(join(path, '..'), { throwIfNoEntry: false })).toBeUndefined();
    (await open(path)).insertJob(job('e1'));
    const reader = await open(path, { readonly: true });
    reader.updateJob('e1', { status: 'failed' });
    expect(reader.requestCancel('e1')).toBe(false);
    expect(reader.problem).toBeUndefined();
    expect(reader.getJob('e1')).toEqual(job('e1'));
  });

  it('does nothing, without a problem, once closed', async () => {
    const history = await open(freshPath());
    history.close();
    history.insertJob(job('e1'));
    expect(history.listJobs()).toEqual([]);
    expect(history.problem).toBeUndefined();
  });
});

describe('jobs', () => {
  it('come back as they were written, and only the given fields change', async () => {
    const history = await open(freshPath());
    history.insertJob(job('e1'));
    history.updateJob('e1', { progress: 99.5, error_message: 'disk full', output_files: [] });
    history.updateJob('e1', { error_message: null, status: undefined });
    history.updateJob('unknown', { progress: 1 });
    expect(history.listJobs()).toEqual([job('e1', { progress: 99.5, output_files: [] })]);
    expect(history.getJob('unknown')).toBeUndefined();
  });

  it('are listed newest first, the later written first within one moment', async () => {
    const history = await open(freshPath());
    history.insertJob(job('old', { created_at: '2026-01-01T00:00:00.000Z' }));
    history.insertJob(job('new', { created_at: '2026-03-01T00:00:00.000Z', status: 'completed' }));
    history.insertJob(job('twin-a'));
    history.insertJob(job('twin-b'));
    const ids = (options?: Parameters<HistoryStore['listJobs']>[0]): string[] =>
      history.listJobs(options).map((row) => row.export_id);
    expect(ids()).toEqual(['new', 'twin-b', 'twin-a', 'old']);
    expect(ids({ limit: 2 })).toEqual(['new', 'twin-b']);
    expect(ids({ limit: 1, status: 'encoding' })).toEqual(['twin-b']);
    expect(ids({ limit: 0 })).toEqual([]);
  });

  it('can be asked to stop by another process, while they run', async () => {
    const path = freshPath();
    const [runner, other] = [await open(path), await open(path)];
    runner.insertJob(job('e1'));
    expect(runner.isCancelRequested('e1')).toBe(false);
    expect([other.requestCancel('e1'), other.requestCancel('e1'), other.requestCancel('nobody')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(runner.isCancelRequested('e1')).toBe(true);
    runner.updateJob('e1', { status: 'completed' });
    expect(other.requestCancel('e1')).toBe(false);
  });

  it('start anew, not cancelled, when the same id is inserted again', async () => {
    const path = freshPath();
    const history = await open(path);
    history.insertJob(job('e1'));
    history.requestCancel('e1');
    history.insertJob(job('e1', { progress: 0 }));
    expect(history.isCancelRequested('e1')).toBe(false);
    expect(history.listJobs()).toEqual([job('e1', { progress: 0 })]);
    expect(rowsOf(path, 'SELECT attempt FROM export_jobs')).toEqual([{ attempt: 2 }]);
  });

  it('of dead processes become failed, and no others', async () => {
    const history = await open(freshPath(), { now: () => new Date('2026-05-05T05:05:05Z') });
    history.insertJob(job('dead', { pid: 1, status: 'finalizing' }));
    history.insertJob(job('dead-queued', { pid: 1, status: 'queued' }));
    history.insertJob(job('alive', { pid: 2 }));
    for (const status of ['completed', 'cancelled', 'failed'] as const)
      history.insertJob(job(status, { status, pid: 1 }));
    expect(history.sweepDead(({ pid }) => pid !== 1)).toBe(2);
    expect(history.sweepDead(({ pid }) => pid !== 1)).toBe(0);
    const status = Object.fromEntries(history.listJobs().map((row) => [row.export_id, row.status]));
    expect(status).toEqual({
      dead: 'failed',
      'dead-queued': 'failed',
      alive: 'encoding',
      completed: 'completed',
      cancelled: 'cancelled',
      failed: 'failed',
    });
    expect(history.getJob('dead')).toMatchObject({
      output_files: [],
      completed_at: '2026-05-05T05:05:05.000Z',
      error_message: 'the process that ran this export (1 on farm-7) ended without finishing it',
    });
  });

  it('that came to their end while the sweep looked at them keep it', async () => {
    const path = freshPath();
    const [sweeper, runner] = [await open(path), await open(path)];
    runner.insertJob(job('e1'));
    const swept = sweeper.sweepDead(() => {
      runner.updateJob('e1', { status: 'completed' });
      return false;
    });
    expect(swept).toBe(0);
    expect(sweeper.getJob('e1')?.status).toBe('completed');
  });

  it('with columns that were damaged still read', async () => {
    const path = freshPath();
    const history = await open(path);
    history.insertJob(job('e1'));
    const db = new Database(path);
    db.exec(`UPDATE export_jobs SET export_config = '{', output_files = '{"a":1}', file_sizes = '{"a":"b","c":3}'`);
    db.close();
    expect(history.getJob('e1')).toEqual(job('e1', { export_config: {}, output_files: [], file_sizes: { c: 3 } }));
  });
});

describe('outputs', () => {
  it('are remembered exactly, the last one of a path', async () => {
    const history = await open(freshPath());
    history.rememberOutput(outputRecord('/out/a.mp4', 'e1'));
    history.rememberOutput(outputRecord('/out/a.mp4', 'e2'));
    expect(history.findOutput('/out/a.mp4')).toEqual(outputRecord('/out/a.mp4', 'e2'));
    expect(history.findOutput('/out/b.mp4')).toBeUndefined();
  });

  it('are kept before they go into place, and say nothing of what stands there', async () => {
    const path = freshPath();
    const history = await open(path);
    const outputs = [outputRecord('/out/a.mp4', 'e1'), outputRecord('/out/a.jpg', 'e1')];
    history.announcePlacing({ export_id: 'e1', outputs, receipt: '/out/a.json' });
    history.announcePlacing({ export_id: 'e2', outputs: outputs.slice(1), receipt: undefined });
    expect(history.findOutput('/out/a.mp4')).toBeUndefined();
    expect(history.listPlacings()[0]).toEqual({ export_id: 'e1', outputs, receipt: '/out/a.json' });
    history.forgetPlacing('e1');
    expect(history.listPlacings().map(({ export_id: id }) => id)).toEqual(['e2']);
    const db = new Database(path);
    db.exec(`UPDATE placings SET outputs = '[{"output":1}]'`);
    db.close();
    expect(history.listPlacings()).toEqual([{ export_id: 'e2', outputs: [], receipt: undefined }]);
  });
});

describe('several exports at once', () => {
  const run = (multi_id: string, created_at: string): MultiRecord => ({
    multi_id,
    request: { version: 1, request: { exports: [] } },
    status: 'running',
    created_at,
    host: 'here/1',
    pid: 1,
  });

  it('are found again until they are finished, the newest first', async () => {
    const path = freshPath();
    const history = await open(path);
    history.insertMulti(run('a', '2026-11-20T10:00:00Z'));
    history.insertMulti(run('b', '2026-11-21T10:00:00Z'));
    history.finishMulti('b', 'failed');
    history.close();
    const again = await open(path);
    expect(again.unfinishedMultis()).toEqual([
      { ...run('b', '2026-11-21T10:00:00Z'), status: 'failed' },
      run('a', '2026-11-20T10:00:00Z'),
    ]);
    again.insertMulti({ ...run('b', '2026-11-22T10:00:00Z'), pid: 2 });
    expect(again.unfinishedMultis()[0], 'taken up').toMatchObject({
      status: 'running',
      pid: 2,
      created_at: '2026-11-21T10:00:00Z',
    });
    expect(again.takeUpMulti(run('b', ''), { host: 'here/3', pid: 3 }), 'found before it was taken up').toBe(false);
    expect(again.takeUpMulti({ ...run('b', ''), pid: 2 }, { host: 'here/3', pid: 3 })).toBe(true);
    expect(again.unfinishedMultis()[0]).toMatchObject({ status: 'running', host: 'here/3', pid: 3 });
    again.finishMulti('b', 'completed');
    expect(again.unfinishedMultis().map(({ multi_id }) => multi_id)).toEqual(['a']);
  });
});

describe('the cache', () => {
  it('gives back what was put under a kind and a key', async () => {
    const history = await open(freshPath());
    history.putCached('toolchain', '/usr/bin/ffmpeg:1', { encoders: ['libx264'], ok: null });
    history.putCached('toolchain', 'list', [1]);
    history.putCached('toolchain', 'list', [2]);
    history.putCached('toolchain', 'nothing', undefined);
    expect(history.getCached('toolchain', '/usr/bin/ffmpeg:1')).toEqual({ encoders: ['libx264'], ok: null });
    expect(history.getCached('toolchain', 'list')).toEqual([2]);
    expect(history.getCached('toolchain', 'nothing')).toBeUndefined();
    expect(history.getCached('trial', 'list')).toBeUndefined();
    expect(history.problem).toBeUndefined();
  });

  /** Each opening sweeps at its first write. */
  async function putInTurn(path: string, days: number, key: string, value: unknown): Promise<void> {
    const history = await open(path, {
      cacheBounds: { entries: 3, bytes: 4000, days: 30 },
      now: () => new Date(Date.UTC(2026, 0, 1 + days)),
    });
    history.putCached('k', key, value);
    if (key === 'b') history.getCached('k', 'a');
    history.close();
  }

  const keysOf = (path: string): unknown[] =>
    rowsOf(path, 'SELECT key FROM cache ORDER BY key').flatMap((row) => Object.values(row ?? {}));

  it('holds no more entries than it may: the least recently used go', async () => {
    const path = freshPath();
    for (const [day, key] of [...'cabd'].entries()) await putInTurn(path, day * 2, key, 1);
    expect(keysOf(path)).toEqual(['a', 'b', 'd']);
    await putInTurn(path, 33, 'e', 1);
    expect(keysOf(path)).toEqual(['b', 'd', 'e']);
  });

  it('holds no more bytes than it may, and drops what was not used for long', async () => {
    const path = freshPath();
    for (const [day, key] of ['x', 'y', 'z'].entries()) await putInTurn(path, day, key, 'v'.repeat(900));
    expect(keysOf(path)).toEqual(['x', 'y', 'z']);
    await putInTurn(path, 3, 'whole', 'v'.repeat(1200));
    expect(keysOf(path)).toEqual(['x', 'y', 'z']);
    await putInTurn(path, 100, 'later', 1);
    expect(keysOf(path)).toEqual(['later']);
  });

  it('counts bytes, not entries, where values are big', async () => {
    const path = freshPath();
    const history = await open(path, { cacheBounds: { entries: 1000, bytes: 4000, days: 30 } });
    for (let i = 0; i < 65; i += 1) history.putCached('k', `${i}`, 'v'.repeat(898));
    expect(keysOf(path)).toHaveLength(4);
    expect(history.getCached('k', '64')).toBe('v'.repeat(898));
  });
});

describe('custom presets', () => {
  const preset: StoredPreset = {
    preset_id: 'house',
    name: 'House style',
    description: 'as we deliver',
    settings: { quality: 'high', codec: 'h265', bitrate: 4000, resolution: '1080p', speed: 'slow', audio_codec: 'aac' },
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
  };

  it('are saved, replaced, listed by id and deleted', async () => {
    const history = await open(freshPath());
    history.savePreset(preset);
    history.savePreset({ ...preset, preset_id: 'a' });
    const later = { ...preset, name: 'New', created_at: '2027', updated_at: '2027' };
    history.savePreset(later);
    expect(history.listPresets()).toEqual([
      { ...preset, preset_id: 'a' },
      { ...later, created_at: preset.created_at },
    ]);
    expect([history.deletePreset('a'), history.deletePreset('a')]).toEqual([true, false]);
    expect(history.listPresets()).toHaveLength(1);
  });

  it("fill the data model's columns from their settings", async () => {
    const path = freshPath();
    const history = await open(path);
    history.savePreset(preset);
    history.savePreset({
      ...preset,
      preset_id: 'named',
      settings: { video_codec: 'av1', target_quality: 'low', video_bitrate: { min_kbps: 1 } },
    });
    const columns =
      'target_quality, video_codec, audio_codec, video_bitrate, resolution_limit, encoding_speed, is_system';
    expect(rowsOf(path, `SELECT ${columns} FROM export_presets ORDER BY preset_id`)).toEqual([
      {
        target_quality: 'high',
        video_codec: 'h265',
        audio_codec: 'aac',
        video_bitrate: '4000',
        resolution_limit: '1080p',
        encoding_speed: 'slow',
        is_system: 0,
      },
      {
        target_quality: 'low',
        video_codec: 'av1',
        audio_codec: null,
        video_bitrate: '{"min_kbps":1}',
        resolution_limit: null,
        encoding_speed: null,
        is_system: 0,
      },
    ]);
  });
});

describe('the catalogue', () => {
  const catalogue = (hash: string, name: string): CatalogueRows => ({
    hash,
    codecs: [
      {
        codec_id: 'h264',
        codec_type: 'video',
        name,
        encoder: 'libx264',
        container: 'mp4',
        file_extension: '.mp4',
        compatibility: ['youtube'],
        quality_range: { min: 0, max: 51 },
        default_params: {},
        is_enabled: true,
      },
    ],
    platforms: [
      {
        platform_id: 'youtube',
        name,
        video_codec: 'h264',
        audio_codec: 'aac',
        max_resolution: null,
        max_file_size_mb: 256_000,
        max_duration_seconds: null,
        recommended_settings: { fps: 30 },
        compatibility_notes: null,
      },
    ],
  });

  it('is written at opening, and again only when its hash is a new one', async () => {
    const path = freshPath();
    const history = await open(path, { catalogue: catalogue('1', 'first') });
    const read = (): unknown[] => [
      ...rowsOf(path, 'SELECT name, compatibility, quality_range, is_enabled FROM codec_configurations'),
      ...rowsOf(path, 'SELECT name, recommended_settings, max_file_size_mb FROM platform_presets'),
    ];
    const expected = (name: string): unknown[] => [
      { name, compatibility: '["youtube"]', quality_range: '{"min":0,"max":51}', is_enabled: 1 },
      { name, recommended_settings: '{"fps":30}', max_file_size_mb: 256_000 },
    ];
    expect(read()).toEqual(expected('first'));
    history.syncCatalogue(catalogue('1', 'same hash'));
    expect(read()).toEqual(expected('first'));
    history.syncCatalogue(catalogue('2', 'second'));
    expect(read()).toEqual(expected('second'));
    expect(history.problem).toBeUndefined();
  });
});

describe('forecasts', () => {
  const key = { machine: 'cpu x2', encoder: 'libx264', speed: 'medium', mode: 'crf', method: 'arithmetic' };
  const forecast = (export_id: string, came_bytes: number) => ({
    ...{ ...key, export_id, came_bytes, forecast_bytes: 100, said_bytes: 90, megapixels: 12.5 },
    ...{ forecast_sec: null, said_sec: 4.5, came_sec: null },
  });

  it('are kept by export, and listed by kind, newest first', async () => {
    const history = await open(freshPath());
    for (const [id, came] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      history.rememberForecast(forecast(id, came));
    history.rememberForecast({ ...forecast('d', 4), speed: 'slow' });
    expect(history.forecastOf('b')).toEqual(forecast('b', 2));
    expect(history.forecastOf('nobody')).toBeUndefined();
    // Samples tell more than arithmetic, whichever was kept last.
    history.rememberForecast({ ...forecast('s', 5), method: 'samples' });
    history.rememberForecast(forecast('s', 5));
    expect(history.forecastOf('s')?.method).toBe('samples');
    expect(history.listForecasts(key, 2).map((one) => one.export_id)).toEqual(['s', 'c']);
  });

  it('come to a database of an older version, which keeps what it had', async () => {
    const path = freshPath();
    (await open(path)).insertJob(job('old'));
    const db = new Database(path);
    db.exec('DROP TABLE forecasts; DROP TABLE placings');
    db.pragma('user_version = 2');
    db.close();
    const history = await open(path);
    history.rememberForecast(forecast('new', 7));
    expect(history.forecastOf('new')?.came_bytes).toBe(7);
    expect(history.getJob('old')?.export_id).toBe('old');
  });
});
