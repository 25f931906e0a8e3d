import { counted } from '../model/counted.ts';
import type { Issue } from '../model/errors.ts';
import type { Colour } from './colour.ts';
import { type Look, paragraph } from './pairs.ts';
import { printable } from './printable.ts';
import { type Column, table } from './table.ts';

/** What one rule says, as far as people are shown it. */
export interface VerdictRow {
  readonly title: string;
  readonly wanted: string;
  readonly found: string;
  readonly verdict: 'pass' | 'fail' | 'warn' | 'unknown' | 'allowed';
  readonly advice: boolean;
  readonly surface: string;
  readonly source: string;
  readonly checked_on: string;
}

type Finding = Pick<Issue, 'severity' | 'message' | 'path' | 'hint'>;

const WORD: Readonly<Record<Issue['severity'], string>> = { error: 'error', warning: 'warning', info: 'note' };
const RANK: readonly Issue['severity'][] = ['error', 'warning', 'info'];

function painted(severity: Issue['severity'], colour: Colour): string {
  const word = `${WORD[severity]}:`;
  return severity === 'error' ? colour.red(word) : severity === 'warning' ? colour.yellow(word) : colour.dim(word);
}

function findingLines({ severity, message, path, hint }: Finding, { width, colour }: Look): readonly string[] {
  const subject = path === '' || path === 'input' || message.includes(path) ? message : `${path}: ${message}`;
  const [first = '', ...rest] = paragraph(subject, { width: width - 9, colour });
  const tried = hint === '' ? [] : paragraph(`try: ${hint}`, { width: width - 4, colour });
  return [`${painted(severity, colour)} ${first}`, ...[...rest, ...tried].map((line) => `    ${line}`)];
}

/** `valid`, or how much is wrong. */
function lastLine(issues: readonly Finding[], colour: Colour): string {
  const [errors = 0, warnings = 0] = RANK.map((rank) => issues.filter(({ severity }) => severity === rank).length);
  const also = warnings > 0 ? `, ${counted(warnings, 'warning')}` : '';
  return errors > 0 ? colour.red(`not valid: ${counted(errors, 'error')}${also}`) : colour.green(`valid${also}`);
}

/** Findings with what would work, worst first, and whether all is well. */
export function findingsPage(issues: readonly Finding[], look: Look): readonly string[] {
  const ranked = RANK.flatMap((rank) => issues.filter(({ severity }) => severity === rank));
  return [...ranked.flatMap((issue) => findingLines(issue, look)), lastLine(issues, look.colour)];
}

function verdictWord({ verdict, advice }: VerdictRow): string {
  if (verdict === 'warn') return advice ? 'note' : 'warning';
  return { pass: 'ok', fail: 'BROKEN', unknown: 'not known', allowed: 'allowed' }[verdict];
}

const ORDER = ['BROKEN', 'warning', 'note', 'allowed', 'not known', 'ok'];

/** A page is named once, below the table: its address would leave no room for anything else. */
const sourceText = ({ source, checked_on: date }: VerdictRow): string => `${date}  ${source}`;

/** What each rule wants and what was found, broken ones first, with the pages that say so. */
export function verdictPage(heading: string, rows: readonly VerdictRow[], look: Look): readonly string[] {
  const sources = [...new Set(rows.map(sourceText))];
  const sourceOf = (row: VerdictRow) => `${sources.indexOf(sourceText(row)) + 1}`;
  const columns: readonly Column<VerdictRow>[] = [
    { title: 'Verdict', text: verdictWord },
    { title: 'Rule', text: (row) => row.title, narrow: 'wrap', least: 12 },
    { title: 'Wanted', text: (row) => row.wanted, narrow: 'wrap', least: 14 },
    { title: 'Found', text: (row) => row.found, narrow: 'wrap', least: 12 },
    { title: 'For', text: (row) => row.surface },
    { title: 'Source', text: sourceOf, align: 'right' },
  ];
  const ranked = ORDER.flatMap((word) => rows.filter((row) => verdictWord(row) === word));
  return [
    look.colour.bold(printable(heading)),
    '',
    ...table(columns, ranked, look),
    '',
    // Not wrapped: an address in two pieces cannot be followed.
    ...sources.map((source, index) => printable(`${index + 1}  ${source}`)),
    '',
  ];
}
