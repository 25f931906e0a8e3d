import type { DecoderState } from '../model/hardware.ts';
import { type Look, pairs } from './pairs.ts';
import { type Column, table } from './table.ts';

interface Program {
  readonly path: string | null;
  readonly version: string | null;
  readonly origin: string | null;
  readonly reason: string | null;
}
interface DeviceTrial {
  readonly pixel_format: string;
  readonly gpu: number | null;
  readonly usable: boolean;
  readonly reason: string | null;
}
interface Encoder {
  readonly encoder: string;
  readonly hardware: boolean;
  readonly usable: boolean;
  readonly reason: string | null;
  readonly ms: number | null;
  readonly trials?: readonly DeviceTrial[];
}
interface Filter {
  readonly filter: string;
  readonly listed: boolean;
  readonly needed_for: string;
}
interface Gpu {
  readonly gpu: number;
  readonly name: string;
  readonly device: string | null;
  readonly driver: string | null;
  readonly usable: boolean;
  readonly encoders: readonly string[];
  readonly reason: string | null;
}

/** What `doctor` found out. */
export interface Findings {
  readonly ffmpeg: Program;
  readonly ffprobe: Program;
  readonly encoders: readonly Encoder[];
  readonly filters: readonly Filter[];
  readonly gpus: readonly Gpu[];
  readonly hwaccels: readonly string[];
  readonly decoders: readonly DecoderState[];
  readonly database: { readonly path: string; readonly usable: boolean; readonly reason: string | null };
  readonly config: { readonly path: string | null; readonly warnings: readonly string[] };
  readonly versions: { readonly sg_export: string; readonly node: string; readonly system: string };
  readonly ok: boolean;
}

const programText = ({ path, version, origin, reason }: Program): string =>
  path === null ? `no: ${reason}` : `${version}, ${path} (${origin})`;

const secondsText = (ms: number | null): string => (ms === null ? '' : `${(ms / 1000).toFixed(1)} s`);

/** What each trial of a usable hardware encoder said; of one that is not, its reason says all. */
function trialsText({ reason, trials = [] }: Encoder): string {
  if (reason !== null) return reason;
  const where = ({ gpu, pixel_format }: DeviceTrial): string => `${pixel_format} on GPU ${gpu}`;
  const good = trials.filter((one) => one.usable).map(where);
  const bad = trials.filter((one) => !one.usable).map((one) => `not ${where(one)}: ${one.reason}`);
  return [...good, ...bad].join('; ');
}

const encoderTable = (title: string, encoders: readonly Encoder[], look: Look): readonly string[] =>
  encoders.length === 0
    ? []
    : [
        '',
        ...table<Encoder>(
          [
            { title, text: (row) => row.encoder },
            { title: 'Usable', text: (row) => (row.usable ? 'yes' : 'no') },
            { title: 'Time', text: (row) => secondsText(row.ms), align: 'right' },
            { title: 'Reason', text: trialsText, narrow: 'wrap', least: 20 },
          ],
          encoders,
          look,
        ),
      ];

/** What decodes on devices: tried where there is one, else only what this ffmpeg was built with. */
function decoderLines({ gpus, hwaccels, decoders }: Findings, look: Look): readonly string[] {
  if (decoders.length === 0) {
    const listed = hwaccels.length > 0 ? `This ffmpeg lists ${hwaccels.join(', ')}` : 'This ffmpeg lists none';
    const why = gpus.length === 0 ? 'no device to try them on' : 'none of them is for a device here';
    return ['', ...pairs([['Decoders on devices', `${listed}: ${why}.`]], look)];
  }
  const columns: readonly Column<DecoderState>[] = [
    { title: 'Decoder', text: (row) => `${row.hardware} ${row.codec}` },
    { title: 'Pixels', text: (row) => row.pixel_format },
    { title: 'GPU', text: (row) => `${row.gpu}`, align: 'right' },
    { title: 'Usable', text: (row) => (row.usable ? 'yes' : 'no') },
    { title: 'Time', text: (row) => secondsText(row.ms), align: 'right' },
    { title: 'Reason', text: (row) => row.reason ?? '', narrow: 'wrap', least: 20 },
  ];
  return ['', ...table<DecoderState>(columns, decoders, look)];
}

/** All of it as a page; the verdict comes last, where a terminal shows it. */
export function doctorPage(findings: Findings, look: Look): readonly string[] {
  const { ffmpeg, ffprobe, encoders, filters, gpus, database, config, versions } = findings;
  return [
    ...pairs(
      [
        ['sg-export', `${versions.sg_export} on Node ${versions.node}, ${versions.system}`],
        ['ffmpeg', programText(ffmpeg)],
        ['ffprobe', programText(ffprobe)],
        ['Config', config.path ?? 'none'],
        ['', config.warnings.join('\n')],
        ['Database', database.usable ? database.path : `not usable: ${database.reason}`],
      ],
      look,
    ),
    ...encoderTable(
      'Encoder',
      encoders.filter((one) => !one.hardware),
      look,
    ),
    ...encoderTable(
      'Hardware',
      encoders.filter((one) => one.hardware),
      look,
    ),
    ...(filters.length === 0 ? [] : ['']),
    ...table<Filter>(
      [
        { title: 'Filter', text: (row) => row.filter },
        { title: 'Here', text: (row) => (row.listed ? 'yes' : 'no') },
        { title: 'For', text: (row) => row.needed_for, narrow: 'wrap' },
      ],
      filters,
      look,
    ),
    '',
    ...(gpus.length === 0
      ? ['No graphics device: encoders run in software.']
      : table<Gpu>(
          [
            { title: 'GPU', text: (row) => `${row.gpu}`, align: 'right' },
            { title: 'Graphics device', text: (row) => row.name, narrow: 'wrap', least: 16 },
            { title: 'Device', text: (row) => row.device ?? '' },
            { title: 'Driver', text: (row) => row.driver ?? '' },
            { title: 'Usable', text: (row) => (row.usable ? 'yes' : 'no') },
            { title: 'How', text: (row) => row.reason ?? row.encoders.join(' '), narrow: 'wrap', least: 20 },
          ],
          gpus,
          look,
        )),
    ...decoderLines(findings, look),
    '',
    findings.ok
      ? look.colour.green('Exports work on this machine.')
      : look.colour.red('Exports do not work on this machine.'),
  ];
}
