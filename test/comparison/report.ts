import { cpus } from 'node:os';
import { PROGRAMS } from './programs.ts';
import type { Verdict } from './properties.ts';

/** One property of one clip: a verdict for each program, undefined where there is nothing to judge. */
export interface Row {
  readonly clip: string;
  readonly property: string;
  readonly verdicts: readonly (Verdict | undefined)[];
}

export interface Circumstances {
  readonly versions: readonly string[];
  readonly tookSec: number;
}

const WORD = { ok: 'ok', said: 'said', wrong: '**wrong**' } as const;
const cell = (verdict: Verdict | undefined): string =>
  verdict ? [WORD[verdict.kind], ...(verdict.note ? [verdict.note] : [])].join(': ') : '–';
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  line(head),
  line(head.map(() => '---')),
  ...rows.map(line),
];

const names = PROGRAMS.map(({ name }) => name);
const count = (rows: readonly Row[], program: number, kind: Verdict['kind']): number =>
  rows.filter(({ verdicts }) => verdicts[program]?.kind === kind).length;

function totals(rows: readonly Row[]): readonly string[] {
  const properties = [...new Set(rows.map(({ property }) => property))];
  const lineOf = (name: string, some: readonly Row[]) => [
    name,
    ...names.map((_, n) => {
      const judged = some.filter(({ verdicts }) => verdicts[n] !== undefined).length;
      const said = count(some, n, 'said');
      return `${count(some, n, 'ok')} of ${judged}${said > 0 ? ` (${said} said)` : ''}`;
    }),
  ];
  return table(
    ['right', ...names],
    [
      ...properties.map((name) =>
        lineOf(
          name,
          rows.filter(({ property }) => property === name),
        ),
      ),
      lineOf('**all**', rows),
    ],
  );
}

/** Where sg-export is not right, or another program is better. */
function worse(rows: readonly Row[]): readonly string[] {
  const own = PROGRAMS.length - 1;
  const found = rows.filter(({ verdicts }) => verdicts[own]?.kind !== 'ok');
  if (found.length === 0) return ['Nowhere in this table.'];
  return table(
    ['clip', 'property', ...names],
    found.map(({ clip, property, verdicts }) => [clip, property, ...verdicts.map(cell)]),
  );
}

/** The whole result as Markdown. */
export function report(rows: readonly Row[], { versions, tookSec }: Circumstances): string {
  const about = PROGRAMS.map(({ typed, name }, n) => `- ${name}: \`${typed}\`, ${versions[n]}`);
  return [
    '# What each program gets right by its defaults\n',
    `\`npm run bench:defaults\`, ${new Date().toISOString().slice(0, 10)}, ${Math.round(tookSec)} s on ${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}.\n`,
    'Real clips to MP4, no option given:\n',
    ...about,
    '',
    'Every output is decoded and measured against the decoded source; `said`: lost, and the program prints that it is; `–`: nothing to',
    'judge, for another fault that is counted once (no file, a picture that is cut). Clips of one kind of picture',
    'throughout are cut after 3 to 16 s, at a keyframe and without encoding; the film that is made of their scenes is left out.',
    'Colours are right within 3 steps of 255 (median over moving pictures at 64×36, by the tags, else by the guess that players make from the',
    'size) and tagged with matrix, primaries and transfer. Sound is in step within 40 ms.\n',
    '## Totals\n',
    ...totals(rows),
    '\n## Where sg-export is not right\n',
    ...worse(rows),
    '\n## All\n',
    ...table(
      ['clip', 'property', ...names],
      rows.map(({ clip, property, verdicts }) => [clip, property, ...verdicts.map(cell)]),
    ),
    '',
  ].join('\n');
}
