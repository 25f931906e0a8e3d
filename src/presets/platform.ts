/** How hard a rule is: `reject` refuses, `transcoded` and `recommend` only warn. */
export type RuleSeverity = 'reject' | 'transcoded' | 'recommend';
/** The way into the platform that a rule is about. */
export type RuleSurface = 'app' | 'web' | 'api' | 'ads';

/** What each rule's value is. Sizes in MB (1,000,000 bytes), durations in seconds, bitrates in kbps, pictures in pixels as displayed. */
export interface RuleValues {
  readonly container: readonly string[];
  readonly max_file_size: number;
  readonly min_file_size: number;
  readonly max_duration: number;
  readonly min_duration: number;
  readonly moov_at_front: true;
  readonly no_edit_list: true;
  readonly fragmented: false;
  readonly video_codec: readonly string[];
  readonly h264_profile: readonly string[];
  readonly cabac: true;
  readonly b_frames: number;
  readonly closed_gop: true;
  readonly max_keyframe_interval: number;
  readonly hevc_tag: readonly string[];
  readonly max_video_bitrate: number;
  readonly min_video_bitrate: number;
  readonly recommended_video_bitrate: VideoRateTable;
  readonly max_width: number;
  readonly max_height: number;
  readonly min_width: number;
  readonly min_height: number;
  readonly max_long_side: number;
  readonly max_short_side: number;
  readonly min_long_side: number;
  readonly min_short_side: number;
  readonly aspect_ratio: AspectRange;
  readonly recommended_aspect: readonly string[];
  readonly max_frame_rate: number;
  readonly min_frame_rate: number;
  readonly constant_frame_rate: true;
  readonly progressive: true;
  readonly pixel_format: readonly string[];
  readonly bit_depth: number;
  readonly sample_aspect: '1:1';
  readonly colour_space: 'bt709';
  readonly hdr: HdrRule;
  readonly rotation_matrix: false;
  readonly audio_required: true;
  readonly audio_codec: readonly string[];
  readonly audio_profile: readonly string[];
  readonly audio_channels: readonly number[];
  readonly audio_sample_rate: SampleRateRule;
  readonly max_audio_bitrate: number;
  readonly min_audio_bitrate: number;
  readonly recommended_audio_bitrate: readonly AudioRate[];
  readonly loudness: LoudnessRule;
}
export type RuleId = keyof RuleValues;

/** Widths to heights, written `9:16`. */
export interface AspectRange {
  readonly min: string;
  readonly max: string;
}

/** HDR is taken, from this short side up; or not at all. */
export interface HdrRule {
  readonly allowed: boolean;
  readonly min_short_side?: number;
}

export interface SampleRateRule {
  readonly max?: number;
  readonly one_of?: readonly number[];
}

export interface AudioRate {
  readonly channels: number;
  readonly kbps: number;
}

export interface LoudnessRule {
  readonly lufs: number;
  readonly tolerance: number;
}

/** What a platform advises for each size. Less than `too_little` of the advice is worth a remark, more than the advice is wasted. */
export interface VideoRateTable {
  readonly too_little: number;
  readonly rows: readonly VideoRate[];
}

export interface VideoRate {
  /** The row holds for pictures up to this short side and this frame rate. */
  readonly short_side: number;
  readonly max_frame_rate: number;
  readonly hdr: boolean;
  readonly min_kbps: number;
  readonly max_kbps: number;
}

/** What another page says of the same thing. */
export interface RuleConflict {
  readonly value: unknown;
  readonly source: string;
  readonly note?: string;
}

export interface RuleOf<R extends RuleId> {
  readonly rule: R;
  readonly value: RuleValues[R];
  readonly severity: RuleSeverity;
  readonly surface: RuleSurface;
  /** The page that says so, or `product requirements` where the figure is sg-export's own brief. */
  readonly source: string;
  /** ISO date on which the page was read. */
  readonly checked_on: string;
  readonly conflicts: readonly RuleConflict[];
  /** Video codecs that the rule is about; all where it is left out. */
  readonly applies_to?: readonly string[];
}
export type PlatformRule = { [R in RuleId]: RuleOf<R> }[RuleId];

/** A file of presets/platforms. */
export interface Platform {
  readonly version: 1;
  readonly platform_id: string;
  readonly name: string;
  /** Other ids that find it. */
  readonly aliases?: readonly string[];
  /** Strangers see what is delivered: location and device tags are dropped. */
  readonly publishes: boolean;
  /** Option keys with their values: the defaults of `--platform`. */
  readonly recommended_settings: Readonly<Record<string, string | number | boolean>>;
  readonly compatibility_notes: readonly string[];
  readonly rules: readonly PlatformRule[];
}

function isRule<R extends RuleId>(rule: { readonly rule: RuleId }, id: R): rule is RuleOf<R> {
  return rule.rule === id;
}

/** All rules of one kind, in the file's order. */
export function rulesOf<R extends RuleId>(platform: Platform, id: R): readonly RuleOf<R>[] {
  return platform.rules.flatMap((rule) => (isRule(rule, id) ? [rule] : []));
}

/** `9:16`, `1:2.4` → width ÷ height. */
export function ratioOf(text: string): number {
  const [width, height] = text.split(':').map(Number);
  return (width ?? Number.NaN) / (height ?? Number.NaN);
}

/** The advised rate for a frame: the smallest row that holds it. Undefined where a platform advises nothing for it. */
export function videoRateFor(
  table: VideoRateTable,
  frame: {
    readonly width: number;
    readonly height: number;
    readonly frameRate: number | undefined;
    readonly hdr: boolean;
  },
): VideoRate | undefined {
  const shortSide = Math.min(frame.width, frame.height);
  const fits = table.rows
    .filter((row) => row.hdr === frame.hdr && (frame.frameRate ?? 30) <= row.max_frame_rate + 0.5)
    .sort((a, b) => a.short_side - b.short_side || a.max_frame_rate - b.max_frame_rate);
  return fits.find((row) => row.short_side >= shortSide);
}
