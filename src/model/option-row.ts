/**
 * A setting that a user can give: one row serves the flag, the config key, the environment variable, the
 * preset key, the JSON Schema, the reference page and shell completion.
 */
export interface OptionRow {
  /** The long flag without its dashes: `max-bitrate`. Key in files: `max_bitrate`. Variable: `SG_EXPORT_MAX_BITRATE`. */
  readonly name: string;
  readonly short?: string;
  readonly kind: OptionKind;
  /** What stands in `--flag <placeholder>`. */
  readonly placeholder?: string;
  readonly help: string;
  readonly group: OptionGroup;
  /** For `enum`: the words that are taken. */
  readonly values?: readonly string[];
  /** Other words for a value: `hevc` for `h265`. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** For numbers: anything at or below this is a usage error. */
  readonly above?: number;
  readonly atLeast?: number;
  /** Other names of the key in files: the data model's. */
  readonly keys?: readonly string[];
  /** `delivery` shapes the file and may stand anywhere; `run` not in presets; `local` on the command line only. */
  readonly scope: 'delivery' | 'run' | 'local';
  readonly repeatable?: boolean;
  /** Also takes `--no-<name>`. */
  readonly negatable?: boolean;
}

export type OptionKind =
  | 'flag'
  | 'text'
  | 'path'
  | 'enum'
  | 'int'
  | 'number'
  | 'size'
  | 'bitrate'
  | 'rate'
  | 'time'
  | 'resolution'
  | 'assignment'
  | 'crop'
  | 'subtitles'
  | 'quality-target'
  | 'frame-sizes';

export const OPTION_GROUPS = [
  'What to make',
  'Quality and size',
  'Picture',
  'Sound and tracks',
  'Part of the source',
  'Promises',
  'Where it goes',
  'Several exports',
  'Streaming packages',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];
