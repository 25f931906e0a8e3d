import { type Look, pairs } from './pairs.ts';
import { table } from './table.ts';

interface Encoder {
  readonly encoder: string;
  readonly hardware: string | null;
  readonly available: boolean;
  readonly reason: string | null;
  readonly modes: readonly string[];
  readonly two_pass: boolean;
  readonly levels: Readonly<Record<string, number | string>>;
  readonly levels_measured: boolean;
  readonly quality_scale: string | null;
  readonly speeds: Readonly<Record<string, string>> | null;
  readonly pixel_formats: readonly string[];
  readonly flavours: readonly string[];
  readonly settings: Readonly<Record<string, Setting>>;
}
type Setting =
  | { readonly type: 'int' | 'number'; readonly min: number; readonly max: number; readonly help: string }
  | { readonly type: 'enum'; readonly values: readonly string[]; readonly help: string };

/** A video codec as `codecs` lists it. */
export interface VideoCodec {
  readonly codec_id: string;
  readonly name: string;
  readonly encoder: string;
  readonly container: string;
  readonly containers: readonly string[];
  readonly compatibility: readonly string[];
  readonly quality_range: { readonly min: number | string | null; readonly max: number | string | null };
  readonly default_params: { readonly audio_codec: string };
  readonly available: boolean;
  readonly encoders: readonly Encoder[];
}
export interface AudioCodec {
  readonly codec_id: string;
  readonly name: string;
  readonly encoder: string;
  readonly bitrate_range: readonly [number, number] | null;
  readonly sample_rates: readonly number[];
  readonly channels: number;
  readonly available: boolean;
  readonly reason: string | null;
}
export interface Container {
  readonly format_id: string;
  readonly name: string;
  readonly extension: string;
  readonly video_codecs: readonly string[];
  readonly audio_codecs: readonly string[];
  readonly features: readonly string[];
}
export interface Listing {
  readonly video_codecs: readonly VideoCodec[];
  readonly audio_codecs: readonly AudioCodec[];
  readonly containers: readonly Container[];
}

const usable = (available: boolean, reason: string | null | undefined): string =>
  available ? 'yes' : `no: ${reason ?? 'not here'}`;
const kbps = (range: readonly [number, number] | null): string => (range ? `${range[0]}–${range[1]} kbps` : 'lossless');

/** What hardware encodes here, in a line below the table. */
function hardwareLine(rows: readonly VideoCodec[], look: Look): readonly string[] {
  const usable = rows.flatMap(({ codec_id, encoders }) => {
    const kinds = encoders.flatMap(({ hardware, available }) => (hardware && available ? [hardware] : []));
    return kinds.length > 0 ? [`${codec_id} by ${kinds.join(', ')}`] : [];
  });
  const none = 'none is known to work here: `codecs ID` and `doctor` tell why';
  return ['', ...pairs([['Hardware', usable.join('; ') || none]], look)];
}

/** Three tables that say at a glance what this machine can make. */
export function codecTables({ video_codecs, audio_codecs, containers }: Listing, look: Look): readonly string[] {
  // Where nothing can be used there is one reason for all of it: said once, not in every row.
  const rows = [...video_codecs, ...audio_codecs];
  const shared = rows.some((row) => row.available) ? undefined : audio_codecs[0]?.reason;
  const short = (available: boolean, reason: string | null | undefined) =>
    shared && !available ? 'no' : usable(available, reason);
  return [
    ...table<VideoCodec>(
      [
        { title: 'Video', text: (row) => row.codec_id },
        { title: 'Name', text: (row) => row.name },
        { title: 'Encoder', text: (row) => row.encoder },
        { title: 'Containers', text: (row) => row.containers.join(' ') },
        { title: 'Usable', text: (row) => short(row.available, row.encoders[0]?.reason), narrow: 'wrap', least: 16 },
      ],
      video_codecs,
      look,
    ),
    ...hardwareLine(video_codecs, look),
    '',
    ...table<AudioCodec>(
      [
        { title: 'Audio', text: (row) => row.codec_id },
        { title: 'Name', text: (row) => row.name },
        { title: 'Encoder', text: (row) => row.encoder },
        { title: 'Bitrate', text: (row) => kbps(row.bitrate_range) },
        { title: 'Channels', text: (row) => `to ${row.channels}`, align: 'right' },
        { title: 'Usable', text: (row) => short(row.available, row.reason), narrow: 'wrap', least: 16 },
      ],
      audio_codecs,
      look,
    ),
    '',
    ...table<Container>(
      [
        { title: 'Container', text: (row) => row.format_id },
        { title: 'Video', text: (row) => row.video_codecs.join(' '), narrow: 'wrap', least: 14 },
        { title: 'Audio', text: (row) => row.audio_codecs.join(' '), narrow: 'wrap', least: 12 },
        { title: 'Features', text: (row) => row.features.join(' '), narrow: 'wrap', least: 14 },
      ],
      containers,
      look,
    ),
    ...(shared ? ['', ...pairs([['Nothing is usable:', shared]], look)] : []),
  ];
}

function settingText([key, setting]: readonly [string, Setting]): string {
  const takes = setting.type === 'enum' ? setting.values.join(' ') : `${setting.min} to ${setting.max}`;
  return `${key}: ${setting.help}; ${takes}`;
}

/** What the numbers of the levels are, where they are not a CRF that was measured. */
function scaleText({ hardware, quality_scale, levels_measured }: Encoder): string {
  const scale = hardware && quality_scale ? ` by ${quality_scale}` : '';
  return levels_measured ? scale : `${scale}; not yet measured beside the software's`;
}

/** Encoders that this ffmpeg was built without are one line each. */
const isAbsent = ({ hardware, reason }: Encoder): boolean => hardware !== null && reason === 'not in this ffmpeg';

function encoderLines(encoder: Encoder, look: Look): readonly string[] {
  const levels = Object.keys(encoder.levels);
  const settings = Object.entries(encoder.settings);
  return [
    look.colour.bold(encoder.encoder),
    ...pairs(
      [
        ['Usable', usable(encoder.available, encoder.reason)],
        ['Modes', [...encoder.modes, ...(encoder.two_pass ? ['two passes'] : [])].join(', ')],
        ['Flavours', encoder.flavours.join(', ')],
        ['Pixel formats', encoder.pixel_formats.join(', ')],
        ['Quality', `${levels.map((level) => `${level} ${encoder.levels[level]}`).join(', ')}${scaleText(encoder)}`],
        [
          'Speed',
          Object.entries(encoder.speeds ?? {})
            .map(([speed, means]) => `${speed} = ${means}`)
            .join('\n'),
        ],
        ['--set', settings.map(settingText).join('\n')],
      ],
      look,
    ).map((line) => `  ${line}`),
  ];
}

const absentLines = (absent: readonly Encoder[], look: Look): readonly string[] =>
  absent.length === 0
    ? []
    : ['', ...pairs([['Not in this ffmpeg', absent.map(({ encoder }) => encoder).join(', ')]], look)];

/** Everything about one codec or container. */
export function codecPage(row: VideoCodec | AudioCodec | Container, look: Look): readonly string[] {
  const inner = { ...look, width: look.width - 2 };
  if ('format_id' in row) {
    return pairs(
      [
        ['Container', `${row.format_id} (${row.name}), .${row.extension}`],
        ['Video', row.video_codecs.join(', ')],
        ['Audio', row.audio_codecs.join(', ')],
        ['Features', row.features.join(', ')],
      ],
      look,
    );
  }
  if (!('encoders' in row)) {
    return pairs(
      [
        ['Codec', `${row.codec_id} (${row.name})`],
        ['Encoder', row.encoder],
        ['Usable', usable(row.available, row.reason)],
        ['Bitrate', kbps(row.bitrate_range)],
        ['Sample rates', row.sample_rates.length > 0 ? `${row.sample_rates.join(', ')} Hz` : 'any'],
        ['Channels', `up to ${row.channels}`],
      ],
      look,
    );
  }
  const { min, max } = row.quality_range;
  return [
    ...pairs(
      [
        ['Codec', `${row.codec_id} (${row.name})`],
        ['Containers', `${row.containers.join(', ')} (${row.container} unless said otherwise)`],
        ['Sound', `${row.default_params.audio_codec} unless said otherwise`],
        [typeof min === 'number' ? 'CRF' : 'Flavours', typeof min === 'number' ? `${min} to ${max}` : null],
        ['Platforms', row.compatibility.join(', ')],
      ],
      look,
    ),
    ...row.encoders.flatMap((encoder) => (isAbsent(encoder) ? [] : ['', ...encoderLines(encoder, inner)])),
    ...absentLines(row.encoders.filter(isAbsent), look),
  ];
}
