import { type Issue, SgError } from '../model/errors.ts';
import { VERSION } from '../model/version.ts';
import { type Colour, NO_COLOUR } from './colour.ts';
import { printable } from './printable.ts';

export interface RenderOptions {
  readonly colour?: Colour;
  /** Also where it happened, for those who want to know. */
  readonly verbose?: boolean;
  /** Errors only. */
  readonly quiet?: boolean;
}

/** Line breaks and tabs are ours; any other control character came out of a file. */
const clean = (text: string): string => printable(text, '\n\t').trim();

const indent = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);

/** The message, with the flag or file in front unless the message names it anyway. */
function subject({ path, message }: Pick<Issue, 'path' | 'message'>): string {
  return path === '' || message.includes(path) ? clean(message) : `${clean(path)}: ${clean(message)}`;
}

function hintLines(hint: string, by: string, colour: Colour): readonly string[] {
  return hint === '' ? [] : [`${by}${colour.cyan('try:')} ${indent(clean(hint), `${by}     `)}`];
}

function warningLines(issues: readonly Issue[], colour: Colour): readonly string[] {
  return issues
    .filter((issue) => issue.severity === 'warning')
    .flatMap((issue) => [
      `${colour.yellow('warning:')} ${indent(subject(issue), '  ')}`,
      ...hintLines(issue.hint, '  ', colour),
    ]);
}

function listLines(errors: readonly Issue[], colour: Colour): readonly string[] {
  const items = errors.flatMap((issue) => [
    `  - ${indent(subject(issue), '    ')}`,
    ...hintLines(issue.hint, '    ', colour),
  ]);
  return [`${colour.red('error:')} ${errors.length} things are wrong with this request`, ...items];
}

function stackLines(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    lines.push(clean(`${depth > 0 ? 'caused by ' : ''}${at.stack ?? at.message}`));
  }
  return lines;
}

function bugLines(
  error: unknown,
  { colour, verbose }: Required<Pick<RenderOptions, 'colour' | 'verbose'>>,
): readonly string[] {
  const message = error instanceof Error ? error.message : String(error);
  const again = verbose ? '' : ', run again with --verbose';
  return [
    `${colour.red('error:')} internal: ${indent(clean(message), '  ')}`,
    `  This is a bug in sg-export ${VERSION}, not in your request.`,
    `  ${colour.cyan('try:')} report it${again}, with the command line, the stack and what \`sg-export doctor\` prints`,
  ];
}

function errorLines(error: SgError, colour: Colour): readonly string[] {
  const errors = error.issues.filter((issue) => issue.severity === 'error');
  const [first] = errors;
  if (errors.length > 1) return listLines(errors, colour);
  const message = first && first.message === error.message ? subject(first) : clean(error.message);
  return [
    `${colour.red('error:')} ${indent(message, '  ')}`,
    ...hintLines(error.hint || (first?.hint ?? ''), '  ', colour),
  ];
}

/**
 * What a person reads when a run stopped: what is wrong, which flag or file, and what would work. Several findings
 * come as one list. The stack is shown only where `verbose`. Ends with a line break.
 */
export function renderError(error: unknown, options: RenderOptions = {}): string {
  const { colour = NO_COLOUR, verbose = false, quiet = false } = options;
  const known = error instanceof SgError && error.code !== 'INTERNAL';
  const lines = known
    ? [...errorLines(error, colour), ...(quiet ? [] : warningLines(error.issues, colour))]
    : bugLines(error, { colour, verbose });
  const stack = verbose ? stackLines(error).map((line) => colour.dim(line)) : [];
  return `${[...lines, ...stack].join('\n')}\n`;
}
