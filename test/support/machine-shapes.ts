import * as is from './shapes.ts';

/** The contract's JSON, as shapes: its names and types are what other programs depend on. */

const STAGE = is.oneOf('preparation', 'first_pass', 'encoding', 'audio', 'muxing', 'optimization');
const RUNNING = is.oneOf('queued', 'preparing', 'encoding', 'optimizing', 'finalizing');
const ENDED = is.oneOf('completed', 'failed', 'cancelled');

export const PROGRESS = is.object({
  type: is.exactly('progress'),
  export_id: is.id,
  status: RUNNING,
  progress: is.percent,
  current_stage: STAGE,
  fps: is.orNull(is.number),
  speed: is.orNull(is.number),
  estimated_time: is.orNull(is.number),
});

const LAYER = is.oneOf('default', 'config', 'env', 'platform', 'preset', 'flag', 'source');

export const SETTINGS = is.object({
  video_codec: is.text,
  encoder: is.orNull(is.text),
  audio_codec: is.orNull(is.text),
  container: is.text,
  width: is.count,
  height: is.count,
  frame_rate: is.either(is.rate, is.oneOf('variable', 'copy')),
  pixel_format: is.orNull(is.text),
  mode: is.orNull(is.text),
  crf: is.orNull(is.number),
  video_bitrate_kbps: is.orNull(is.number),
  max_bitrate_kbps: is.orNull(is.number),
  audio_bitrate_kbps: is.orNull(is.number),
  quality: is.orNull(is.text),
  speed: is.orNull(is.text),
  two_pass: is.flag,
  hardware: is.anything,
  preset: is.orNull(is.text),
  platform: is.orNull(is.text),
});

export const VERIFICATION = is.object({
  ok: is.flag,
  checks: is.listOf(is.object({ name: is.text, expected: is.anyText, actual: is.anyText, ok: is.flag })),
});

const result = (more: Readonly<Record<string, is.Shape>>) =>
  is.object({
    type: is.exactly('result'),
    export_id: is.id,
    status: ENDED,
    progress: is.percent,
    current_stage: STAGE,
    source: is.path,
    output_files: is.listOf(is.path),
    file_sizes: is.mapOf(is.path, is.count),
    checksums: is.mapOf(is.path, is.digest),
    duration: is.number,
    encoder: is.orNull(is.text),
    hardware: is.orNull(is.text),
    passes: is.count,
    settings: is.orNull(SETTINGS),
    settings_from: is.orNull(is.mapOf(is.text, LAYER)),
    verification: is.orNull(VERIFICATION),
    warnings: is.listOf(is.text),
    error_code: is.orNull(is.text),
    error_message: is.orNull(is.text),
    ...more,
  });

export const DONE = result({
  status: is.exactly('completed'),
  progress: is.exactly(100),
  output_files: is.listOf(is.path, 1),
  settings: SETTINGS,
  settings_from: is.mapOf(is.text, LAYER),
  verification: VERIFICATION,
  error_code: is.nothing,
  error_message: is.nothing,
});

/** A run that was refused or failed under this name. Words that could not be read have neither id nor source. */
export const failed = (errorCode: string, status: 'failed' | 'cancelled' = 'failed') =>
  result({
    status: is.exactly(status),
    export_id: is.orNull(is.id),
    source: is.orNull(is.path),
    output_files: is.exactly([]),
    file_sizes: is.exactly({}),
    checksums: is.exactly({}),
    error_code: is.exactly(errorCode),
    error_message: is.text,
  });

/** Of a command that prints one document. */
export const REFUSED = is.object({ error_code: is.text, error_message: is.text });

export const FINDINGS = is.object({
  valid: is.flag,
  issues: is.listOf(
    is.object({
      severity: is.oneOf('error', 'warning', 'info'),
      code: is.text,
      message: is.text,
      path: is.anyText,
      hint: is.anyText,
    }),
  ),
});

export const JOB = is.object({
  export_id: is.id,
  status: is.either(RUNNING, ENDED),
  progress: is.percent,
  current_stage: STAGE,
  source: is.path,
  export_config: is.object({}),
  output_files: is.listOf(is.path),
  file_sizes: is.mapOf(is.path, is.count),
  error_message: is.orNull(is.text),
  created_at: is.time,
  started_at: is.orNull(is.time),
  completed_at: is.orNull(is.time),
});

const PROGRAM = is.object({ path: is.path, version: is.text });

export const DOCTOR = is.object({
  ffmpeg: PROGRAM,
  ffprobe: PROGRAM,
  encoders: is.listOf(is.object({ encoder: is.text, listed: is.flag, usable: is.flag, reason: is.orNull(is.text) }), 8),
  gpus: is.listOf(is.anything),
  database: is.object({ path: is.path, usable: is.flag, reason: is.orNull(is.text) }),
  ok: is.flag,
});

const LEVEL = is.either(is.number, is.text);

export const CODECS = is.object({
  video_codecs: is.listOf(
    is.object({
      codec_id: is.text,
      name: is.text,
      encoder: is.text,
      container: is.text,
      containers: is.listOf(is.text, 1),
      file_extension: is.text,
      compatibility: is.listOf(is.text),
      quality_range: is.object({
        min: LEVEL,
        max: LEVEL,
        best: LEVEL,
        levels: is.object({ draft: LEVEL, low: LEVEL, medium: LEVEL, high: LEVEL, ultra: LEVEL }),
      }),
      default_params: is.object({}),
      available: is.flag,
      encoders: is.listOf(is.object({ encoder: is.text })),
    }),
    6,
  ),
  audio_codecs: is.listOf(
    is.object({
      codec_id: is.text,
      name: is.text,
      encoder: is.text,
      bitrate_range: is.anything,
      sample_rates: is.listOf(is.count),
      channels: is.count,
    }),
    5,
  ),
  containers: is.listOf(
    is.object({
      format_id: is.text,
      name: is.text,
      extension: is.text,
      video_codecs: is.listOf(is.text, 1),
      audio_codecs: is.listOf(is.text, 1),
      features: is.listOf(is.text),
    }),
    4,
  ),
});

export const PRESET = is.object({
  preset_id: is.text,
  name: is.text,
  description: is.anyText,
  target_quality: is.orNull(is.text),
  video_codec: is.orNull(is.text),
  audio_codec: is.orNull(is.text),
  container: is.orNull(is.text),
  video_bitrate: is.orNull(is.object({ min_kbps: is.number, max_kbps: is.number })),
  audio_bitrate: is.orNull(is.number),
  resolution_limit: is.orNull(is.text),
  encoding_speed: is.orNull(is.text),
  file_size_priority: is.orNull(is.text),
  custom_settings: is.object({}),
  is_system: is.flag,
});

export const PLATFORM = is.object({
  platform_id: is.text,
  name: is.text,
  video_codec: is.text,
  audio_codec: is.text,
  container: is.text,
  supported_video_codecs: is.listOf(is.text, 1),
  supported_audio_codecs: is.listOf(is.text, 1),
  max_resolution: is.orNull(is.text),
  max_frame_rate: is.orNull(is.number),
  aspect_ratios: is.listOf(is.text),
  max_file_size_mb: is.orNull(is.number),
  max_duration_seconds: is.orNull(is.number),
  recommended_settings: is.object({}),
  compatibility_notes: is.listOf(is.text),
  rules: is.listOf(
    is.object({
      rule: is.text,
      value: is.anything,
      severity: is.text,
      surface: is.text,
      source: is.text,
      checked_on: is.day,
      conflicts: is.listOf(is.anything),
    }),
  ),
  sources: is.listOf(is.object({ url: is.text, checked_on: is.day })),
});

export const RESOLUTION = is.object({
  preset_id: is.text,
  name: is.text,
  width: is.count,
  height: is.count,
  aspect_ratio: is.text,
  common_name: is.text,
  scaling_method: is.text,
  bitrate_multiplier: is.number,
});
