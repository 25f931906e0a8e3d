import { type Look, pairs } from './pairs.ts';
import { table } from './table.ts';

interface Program {
  readonly path: string | null;
  readonly version: string | null;
  readonly origin: string | null;
  readonly reason: string | null;
}
interface Encoder {
  readonly encoder: string;
  readonly hardware: boolean;
  readonly usable: boolean;
  readonly reason: string | null;
}
interface Filter {
  readonly filter: string;
  readonly listed: boolean;
  readonly needed_for: string;
}
interface Gpu {
  readonly name: string;
  readonly device: string | null;
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
  readonly database: { readonly path: string; readonly usable: boolean; readonly reason: string | null };
  readonly config: { readonly path: string | null; readonly warnings: readonly string[] };
  readonly versions: { readonly sg_export: string; readonly node: string; readonly system: string };
  readonly ok: boolean;
}

const programText = ({ path, version, origin, reason }: Program): string =>
  path === null ? `no: ${reason}` : `${version}, ${path} (${origin})`;

const encoderTable = (title: string, encoders: readonly Encoder[], look: Look): readonly string[] =>
  encoders.length === 0
    ? []
    : [
        '',
        ...table<Encoder>(
          [
            { title, text: (row) => row.encoder },
            { title: 'Usable', text: (row) => (row.usable ? 'yes' : 'no') },
            { title: 'Reason', text: (row) => row.reason ?? '', narrow: 'wrap', least: 20 },
          ],
          encoders,
          look,
        ),
      ];

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
            { title: 'Graphics device', text: (row) => row.name, narrow: 'wrap', least: 16 },
            { title: 'Device', text: (row) => row.device ?? '' },
            { title: 'Usable', text: (row) => (row.usable ? 'yes' : 'no') },
            { title: 'How', text: (row) => row.reason ?? row.encoders.join(' '), narrow: 'wrap', least: 20 },
          ],
          gpus,
          look,
        )),
    '',
    findings.ok
      ? look.colour.green('Exports work on this machine.')
      : look.colour.red('Exports do not work on this machine.'),
  ];
}
