import { type Look, pairs } from './pairs.ts';
import { table } from './table.ts';

/** A preset as `presets` lists it. */
export interface Preset {
  readonly preset_id: string;
  readonly name: string;
  readonly description: string;
  readonly target_quality: string | null;
  readonly video_codec: string | null;
  readonly audio_codec: string | null;
  readonly container: string | null;
  readonly video_bitrate: { readonly min_kbps: number; readonly max_kbps: number } | null;
  readonly audio_bitrate: number | null;
  readonly resolution_limit: string | null;
  readonly encoding_speed: string | null;
  readonly file_size_priority: string;
  readonly is_system: boolean;
}

function makes(row: Preset): string {
  const codecs = [row.video_codec, row.audio_codec].filter((one) => one !== null).join('/');
  return [codecs, row.container].filter(Boolean).join(' in ');
}

function quality(row: Preset): string {
  return [row.target_quality, row.encoding_speed].filter((one) => one !== null).join(', ');
}

export function presetTable(rows: readonly Preset[], look: Look): readonly string[] {
  return table<Preset>(
    [
      { title: 'Preset', text: (row) => row.preset_id, narrow: 'cut', least: 14 },
      { title: 'Makes', text: makes, narrow: 'wrap', least: 12 },
      { title: 'Quality', text: quality, narrow: 'wrap', least: 12 },
      { title: 'At most', text: (row) => row.resolution_limit ?? '' },
      { title: 'For', text: (row) => row.description, narrow: 'wrap', least: 20 },
      ...(rows.some((row) => !row.is_system)
        ? [{ title: 'Whose', text: (row: Preset) => (row.is_system ? 'system' : 'yours') }]
        : []),
    ],
    rows,
    look,
  );
}

function bitrateText(range: Preset['video_bitrate']): string | null {
  if (!range) return null;
  const { min_kbps: min, max_kbps: max } = range;
  return min === max ? `${min} kbps` : `${min}–${max} kbps at 720p`;
}

const shown = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** One preset, and for each of its settings the preset of its lineage that says it. */
export function presetPage(
  row: Preset,
  origin: {
    readonly file: string;
    readonly lineage: readonly string[];
    readonly from: Readonly<Record<string, { readonly value: unknown; readonly preset_id: string }>>;
  },
  look: Look,
): readonly string[] {
  const settings = Object.entries(origin.from).map(([key, { value, preset_id }]) => ({ key, value, preset_id }));
  return [
    ...pairs(
      [
        ['Preset', row.name === row.preset_id ? row.preset_id : `${row.preset_id} (${row.name})`],
        ['For', row.description],
        ['Makes', makes(row)],
        ['Video', bitrateText(row.video_bitrate)],
        ['Audio', row.audio_bitrate === null ? null : `${row.audio_bitrate} kbps`],
        ['Priority', row.file_size_priority],
        ['Kept in', row.is_system ? 'sg-export itself' : origin.file],
        ['Builds on', origin.lineage.slice(0, -1).reverse().join(', ')],
      ],
      look,
    ),
    ...(settings.length === 0 ? [] : ['']),
    ...table<(typeof settings)[number]>(
      [
        { title: 'Setting', text: ({ key }) => key },
        { title: 'Value', text: ({ value }) => shown(value), narrow: 'wrap' },
        { title: 'From', text: ({ preset_id }) => preset_id },
      ],
      settings,
      look,
    ),
  ];
}
