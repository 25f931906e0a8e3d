import { formatBytes, formatTime } from '../model/units.ts';
import { type Look, pairs, paragraph } from './pairs.ts';
import { table } from './table.ts';

/** A platform as `platforms` lists it. */
export interface Platform {
  readonly platform_id: string;
  readonly name: string;
  readonly video_codec: unknown;
  readonly audio_codec: unknown;
  readonly container: unknown;
  readonly supported_video_codecs: readonly unknown[];
  readonly max_resolution: string | null;
  readonly max_frame_rate: number | null;
  readonly aspect_ratios: readonly string[];
  readonly max_file_size_mb: number | null;
  readonly max_duration_seconds: number | null;
  readonly recommended_settings: Readonly<Record<string, unknown>>;
  readonly compatibility_notes: readonly string[];
}

/** A rule with its meaning in words. */
export interface Rule {
  readonly title: string;
  readonly wanted: string;
  readonly severity: string;
  readonly surface: string;
  readonly source: string;
  readonly checked_on: string;
  readonly conflicts: readonly { readonly value: unknown; readonly source: string; readonly note?: string }[];
}

const size = (mb: number | null): string => (mb === null ? '' : formatBytes(mb * 1e6).replace(/\.0+(?= )/, ''));
const length = (sec: number | null): string => (sec === null ? '' : formatTime(sec));

export function platformTable(rows: readonly Platform[], look: Look): readonly string[] {
  return table<Platform>(
    [
      { title: 'Platform', text: (row) => row.platform_id },
      {
        title: 'Makes',
        text: (row) => `${row.video_codec}/${row.audio_codec} in ${row.container}`,
        narrow: 'wrap',
        least: 14,
      },
      {
        title: 'Also takes',
        text: (row) => row.supported_video_codecs.filter((id) => id !== row.video_codec).join(' '),
        narrow: 'wrap',
        least: 10,
      },
      { title: 'Size', text: (row) => size(row.max_file_size_mb), align: 'right' },
      { title: 'Length', text: (row) => length(row.max_duration_seconds), align: 'right' },
      { title: 'Picture', text: (row) => row.max_resolution ?? '' },
      { title: 'fps', text: (row) => (row.max_frame_rate === null ? '' : String(row.max_frame_rate)), align: 'right' },
    ],
    rows,
    look,
  );
}

/** Hardest first: what refuses, then what is encoded again, then advice. */
const SEVERITIES: readonly (readonly [severity: string, title: string])[] = [
  ['reject', 'Refused otherwise'],
  ['transcoded', 'Encoded again otherwise'],
  ['recommend', 'Advised'],
];

/** A platform as a page: its defaults, then every rule with its source and the day that it was read. */
export function platformPage(row: Platform, rules: readonly Rule[], look: Look): readonly string[] {
  const sources = [...new Set(rules.map((rule) => rule.source))];
  const mark = (source: string): string => `[${sources.indexOf(source) + 1}]`;
  const settings = Object.entries(row.recommended_settings).map(([key, value]) => `${key} = ${value}`);
  const dates = (source: string): string =>
    [...new Set(rules.filter((rule) => rule.source === source).map((rule) => rule.checked_on))].sort().at(-1) ?? '';
  return [
    look.colour.bold(`${row.name} (${row.platform_id})`),
    ...row.compatibility_notes.flatMap((note) => paragraph(note, look)),
    '',
    ...pairs([['Defaults', settings.join('\n')]], look),
    ...SEVERITIES.flatMap(([severity, title]) => {
      const own = rules.filter((rule) => rule.severity === severity);
      if (own.length === 0) return [];
      return [
        '',
        ...table<Rule>(
          [
            { title, text: (rule) => rule.title, narrow: 'wrap', least: 18 },
            { title: 'Wanted', text: (rule) => rule.wanted.split('\n').join('; '), narrow: 'wrap', least: 24 },
            { title: 'Surface', text: (rule) => rule.surface },
            { title: 'Checked', text: (rule) => rule.checked_on },
            { title: 'Source', text: (rule) => mark(rule.source) },
          ],
          own,
          look,
        ),
      ];
    }),
    ...conflictLines(rules, look),
    '',
    look.colour.bold('Sources'),
    // Whole, because an address that is cut cannot be followed.
    ...sources.map((source) => `${mark(source)} ${source} (${dates(source)})`),
  ];
}

function conflictLines(rules: readonly Rule[], look: Look): readonly string[] {
  const lines = rules.flatMap(({ title, conflicts }) =>
    conflicts.flatMap(({ value, source, note }) =>
      paragraph(`${title}: ${JSON.stringify(value)} says ${source}${note ? ` (${note})` : ''}`, look, '  '),
    ),
  );
  return lines.length === 0 ? [] : ['', look.colour.bold('Other pages say otherwise'), ...lines];
}
