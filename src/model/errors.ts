/** Exit codes: the one table. README, the reference page and `--help` print it; scripts depend on it. */
export const EXIT_CODES = [
  { code: 0, name: 'OK', when: 'done and verified; `validate`: no errors' },
  { code: 1, name: 'INTERNAL', when: 'a bug in sg-export' },
  {
    code: 2,
    name: 'USAGE',
    when: 'the command cannot be parsed, a name is unknown, or the destination exists, is the input or cannot be written',
  },
  { code: 3, name: 'INPUT', when: 'the input is missing, unreadable, empty, not media, or not a local file' },
  {
    code: 4,
    name: 'RULES',
    when: 'well-formed, but out of range or not possible for this source, codec, container or platform',
  },
  {
    code: 5,
    name: 'TOOLCHAIN',
    when: 'ffmpeg or ffprobe is missing or older than 5.1, or lacks an encoder or filter; the asked-for hardware is not usable',
  },
  {
    code: 6,
    name: 'ENCODE',
    when: 'ffmpeg failed or stalled, the disk is too small, or the source broke or changed while it was decoded',
  },
  { code: 7, name: 'VERIFY', when: 'the output is not what was planned' },
  { code: 8, name: 'PARTIAL', when: '`multi`: some exports done, some failed' },
  { code: 9, name: 'TARGET', when: 'the target or maximum size cannot be reached' },
  { code: 124, name: 'TIMEOUT', when: '`--timeout` ran out' },
  { code: 129, name: 'SIGHUP', when: 'the terminal went away' },
  { code: 130, name: 'SIGINT', when: 'Ctrl-C, or `sg-export cancel`' },
  { code: 143, name: 'SIGTERM', when: 'terminated' },
] as const;

export type ExitName = (typeof EXIT_CODES)[number]['name'];
export type ErrorCode = Exclude<ExitName, 'OK'>;

export function exitCodeOf(name: ExitName): number {
  return EXIT_CODES.find((row) => row.name === name)?.code ?? 1;
}

/** Where a finding comes from, worst first: the first one present decides the exit code. */
export type IssueExit = Extract<ErrorCode, 'USAGE' | 'INPUT' | 'RULES' | 'TOOLCHAIN' | 'ENCODE' | 'TARGET'>;

/** A finding about a request: many at once, returned and never thrown one by one. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable identifier in snake_case, such as `crf_out_of_range`. */
  readonly code: string;
  readonly message: string;
  /** The flag, key or file that the finding is about. */
  readonly path: string;
  /** What would work. */
  readonly hint: string;
  readonly exit: IssueExit;
}

/** A finding as the contract's JSON has it. */
export function issueJson({ severity, code, message, path, hint }: Issue): Omit<Issue, 'exit'> {
  return { severity, code, message, path, hint };
}

/** What stopped a run: one exit code, one message. Anything else that is thrown is a bug. */
export class SgError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly issues: readonly Issue[];
  constructor(
    code: ErrorCode,
    message: string,
    more: { hint?: string; issues?: readonly Issue[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'SgError';
    this.code = code;
    this.hint = more.hint ?? '';
    this.issues = more.issues ?? [];
  }
}

const EXIT_ORDER: readonly IssueExit[] = ['USAGE', 'INPUT', 'RULES', 'TOOLCHAIN', 'ENCODE', 'TARGET'];

/** Turns findings into the error that ends a run, or undefined when none of them is an error. */
export function errorOfIssues(issues: readonly Issue[]): SgError | undefined {
  const errors = issues.filter((issue) => issue.severity === 'error');
  if (errors.length === 0) return undefined;
  const code = EXIT_ORDER.find((exit) => errors.some((issue) => issue.exit === exit)) ?? 'RULES';
  return new SgError(code, errors.map((issue) => issue.message).join('\n'), {
    hint: errors.length === 1 ? (errors[0]?.hint ?? '') : '',
    issues,
  });
}
