/**
 * The codecs and platforms that this version knows, as the data model's tables hold them. They are written for people
 * and programs that read the database; sg-export itself plans from its own rows, never from these.
 */
export interface CatalogueRows {
  /** Changes whenever a row does: the tables are rebuilt only then. */
  readonly hash: string;
  readonly codecs: readonly CodecConfigurationRow[];
  readonly platforms: readonly PlatformPresetRow[];
}

export interface CodecConfigurationRow {
  readonly codec_id: string;
  readonly codec_type: 'video' | 'audio';
  readonly name: string;
  readonly encoder: string;
  readonly container: string | null;
  readonly file_extension: string | null;
  /** Platform ids. */
  readonly compatibility: readonly string[];
  readonly quality_range: Readonly<Record<string, unknown>> | null;
  readonly default_params: Readonly<Record<string, unknown>>;
  readonly is_enabled: boolean;
}

export interface PlatformPresetRow {
  readonly platform_id: string;
  readonly name: string;
  readonly video_codec: string | null;
  readonly audio_codec: string | null;
  readonly max_resolution: string | null;
  readonly max_file_size_mb: number | null;
  readonly max_duration_seconds: number | null;
  readonly recommended_settings: Readonly<Record<string, unknown>>;
  readonly compatibility_notes: string | null;
}
