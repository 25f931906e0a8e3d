/** Marks a database as sg-export's (`SGEX`), so that another program's is recognised and left alone. */
export const APPLICATION_ID = 0x53474558;

/**
 * What each schema version adds to the one before; the version is the database's `user_version`. A migration that was
 * released is never edited: people's databases have already been through it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE export_jobs (
    export_id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    source_type TEXT NOT NULL DEFAULT 'file',
    export_config TEXT NOT NULL DEFAULT '{}',
    status TEXT NOT NULL,
    progress REAL NOT NULL DEFAULT 0,
    current_stage TEXT,
    output_files TEXT NOT NULL DEFAULT '[]',
    file_sizes TEXT NOT NULL DEFAULT '{}',
    error_message TEXT,
    webhook_url TEXT,
    started_at TEXT,
    completed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    cancel_requested_at TEXT,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    lease_until TEXT,
    priority INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX export_jobs_user_status ON export_jobs (user_id, status);
  CREATE INDEX export_jobs_status_created ON export_jobs (status, created_at);

  CREATE TABLE export_presets (
    preset_id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    target_quality TEXT,
    video_codec TEXT,
    audio_codec TEXT,
    video_bitrate TEXT,
    audio_bitrate TEXT,
    resolution_limit TEXT,
    encoding_speed TEXT,
    custom_settings TEXT NOT NULL DEFAULT '{}',
    is_system INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  );
  CREATE INDEX export_presets_user ON export_presets (user_id);
  CREATE INDEX export_presets_system ON export_presets (is_system);

  CREATE TABLE codec_configurations (
    codec_id TEXT PRIMARY KEY NOT NULL,
    codec_type TEXT NOT NULL,
    name TEXT NOT NULL,
    encoder TEXT NOT NULL,
    container TEXT,
    file_extension TEXT,
    compatibility TEXT NOT NULL,
    quality_range TEXT,
    default_params TEXT NOT NULL,
    is_enabled INTEGER NOT NULL DEFAULT 1
  );

  CREATE TABLE platform_presets (
    platform_id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    video_codec TEXT,
    audio_codec TEXT,
    max_resolution TEXT,
    max_file_size_mb REAL,
    max_duration_seconds REAL,
    recommended_settings TEXT NOT NULL,
    compatibility_notes TEXT
  );

  CREATE TABLE outputs (
    path TEXT PRIMARY KEY NOT NULL,
    export_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    mtime_ns TEXT NOT NULL,
    inode TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    source_path TEXT NOT NULL,
    source_bytes INTEGER NOT NULL,
    source_mtime_ns TEXT NOT NULL,
    source_inode TEXT NOT NULL,
    source_sha256 TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    recorded_at TEXT NOT NULL
  );

  CREATE TABLE cache (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    PRIMARY KEY (kind, key)
  );
  CREATE INDEX cache_last_used ON cache (last_used_at);

  CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
  `,
  `
  CREATE TABLE multi_runs (
    multi_id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL,
    request TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL
  );
  CREATE INDEX multi_runs_user_status ON multi_runs (user_id, status, created_at);
  `,
  `
  CREATE TABLE forecasts (
    export_id TEXT NOT NULL,
    machine TEXT NOT NULL,
    encoder TEXT NOT NULL,
    speed TEXT NOT NULL,
    mode TEXT NOT NULL,
    method TEXT NOT NULL,
    forecast_bytes INTEGER NOT NULL,
    said_bytes INTEGER NOT NULL,
    came_bytes INTEGER NOT NULL,
    forecast_sec REAL,
    said_sec REAL,
    came_sec REAL,
    megapixels REAL NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (export_id, method)
  );
  CREATE INDEX forecasts_kind ON forecasts (machine, encoder, speed, mode, method);
  `,
  `
  CREATE TABLE placings (
    export_id TEXT PRIMARY KEY NOT NULL,
    outputs TEXT NOT NULL,
    receipt TEXT,
    recorded_at TEXT NOT NULL
  );
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;
