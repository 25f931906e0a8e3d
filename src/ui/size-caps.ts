import type { SizeCapRow } from '../model/size-caps.ts';
import { formatBytes } from '../model/units.ts';
import { shorten } from './columns.ts';
import { type Look, paragraph } from './pairs.ts';
import { table } from './table.ts';

/** Who says so; the whole address, too long for a table, is in `--json` and in the reference. */
const siteOf = (source: string): string => shorten(source.replace(/^https:\/\/(www\.)?/, ''), 32);

/** The sizes that have a name, with who says so and who says otherwise. */
export function sizeCapLines(caps: readonly SizeCapRow[], look: Look): readonly string[] {
  const plain = (bytes: number): string => formatBytes(bytes).replace(/\.0+(?= )/, '');
  const otherwise = caps.flatMap(({ cap_id: id, conflicts }) =>
    conflicts.flatMap(({ value_mb: mb, source, note }) =>
      paragraph(`${id}: ${mb} MB says ${siteOf(source)}${note ? ` (${note})` : ''}`, look, '  '),
    ),
  );
  return [
    ...table<SizeCapRow>(
      [
        { title: 'Size by name', text: (cap) => cap.cap_id },
        { title: 'File', text: (cap) => plain(cap.file_bytes), align: 'right' },
        { title: 'Of', text: (cap) => cap.about, narrow: 'wrap', least: 16 },
        { title: 'Source', text: (cap) => `${siteOf(cap.source)} (${cap.checked_on})`, narrow: 'wrap', least: 16 },
      ],
      caps,
      look,
    ),
    ...(otherwise.length === 0 ? [] : ['', look.colour.bold('Other pages say otherwise'), ...otherwise]),
  ];
}
