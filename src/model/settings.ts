/** Layers, weakest first. `source` marks what was read off the source. */
export const LAYERS = ['default', 'config', 'env', 'platform', 'preset', 'optimize_for', 'flag', 'source'] as const;
export type Layer = (typeof LAYERS)[number];

/** What was decided, under the contract's names: the `settings` of a result. */
export interface Settings {
  readonly video_codec: string;
  readonly encoder: string;
  readonly audio_codec: string;
  readonly container: string;
  readonly width: number;
  readonly height: number;
  /** `30000/1001`; `variable` where it follows the source's timestamps. */
  readonly frame_rate: string;
  readonly pixel_format: string;
  readonly mode: string;
  readonly crf: number | null;
  readonly video_bitrate_kbps: number | null;
  readonly max_bitrate_kbps: number | null;
  readonly audio_bitrate_kbps: number | null;
  readonly quality: string | null;
  readonly speed: string | null;
  readonly two_pass: boolean;
  readonly hardware: string | null;
  readonly preset: string | null;
  readonly platform: string | null;
  /** Integrated loudness that was asked for. */
  readonly loudness_lufs: number | null;
  readonly [more: string]: unknown;
}

export type SettingsFrom = Readonly<Record<string, Layer>>;
