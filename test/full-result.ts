import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule, TestRunEndReason, TestSpecification, Vitest } from 'vitest/node';
import { table, version } from './support/written-evidence.ts';

type UserConsoleLog = Parameters<NonNullable<Reporter['onUserConsoleLog']>>[0];
/** What a file of tests prints where it skips: `tests on small disks: skipped, no mount`. */
const PRINTED = /: skipped, .+/;
const INTRO = [
  '# The full tests, as last run',
  '',
  'Written by `npm run test:full`, after each file of tests. `npm run test:full -- FILE` runs one again and replaces what is said of it.',
].join('\n');

/** One line of Markdown, whatever a test is called. */
const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[\\`*_<>|[\]]/g, '\\$&')
    .trim();

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** The commit that is checked out, or a dash. */
function commit(): string {
  try {
    const args = ['-C', fileURLToPath(new URL('.', import.meta.url)), 'rev-parse', '--short', 'HEAD'];
    return execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '–';
  }
}

function machine(): string {
  const cores = `${availableParallelism()} cores (${plain(cpus()[0]?.model ?? 'unknown')})`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, node ${process.version}, ${version()}, ${process.platform} ${process.arch}, ${cores}.`;
}

const testsOf = (file: TestModule, state: 'passed' | 'failed' | 'skipped'): readonly TestCase[] => [
  ...file.children.allTests(state),
];

/** Errors outside of any test: a file that cannot be loaded, a hook of a group that fails. */
function outside(file: TestModule): readonly (readonly [string, string])[] {
  const groups = [...file.children.allSuites()].map((group) => [group.fullName, group.errors()] as const);
  return [['the file', file.errors()] as const, ...groups].flatMap(([name, errors]) =>
    errors.map((error) => [name, error.message] as const),
  );
}

const failuresOf = (file: TestModule): readonly (readonly [string, string])[] => [
  ...outside(file),
  ...testsOf(file, 'failed').map((one) => [one.fullName, one.result().errors?.[0]?.message ?? ''] as const),
];

const inFile = (file: TestModule, name: string, said: string): string =>
  `- ${plain(file.relativeModuleId)}: ${plain(name)}: ${plain(said).slice(0, 300)}`;

/** What the page says of files, as it says it: `| file | passed | failed | skipped | seconds | commit |`, and lines for what failed or was skipped. */
interface Said {
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  readonly rows: readonly string[];
}
const NOTHING: Said = { failed: [], skipped: [], rows: [] };
const TITLES = { failed: 'Failed', skipped: 'Skipped, and why', rows: 'Files' } as const;
const HEAD = ['file', 'passed', 'failed', 'skipped', 'seconds', 'commit'];

/** What a page says of all files but those that are run again. */
function saidOfOthers(page: string, again: ReadonlySet<string>): Said {
  const text = readFileSync(page, 'utf8');
  const linesOf = (title: string, lead: string) =>
    (text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '')
      .split('\n')
      .filter((line) => line.startsWith(lead) && !again.has(line.slice(lead.length).split(/: | \|/, 1)[0] ?? ''));
  return {
    failed: linesOf(TITLES.failed, '- '),
    skipped: linesOf(TITLES.skipped, '- '),
    rows: linesOf(TITLES.rows, '| ').slice(2),
  };
}

/**
 * Keeps a page on the whole run, from vitest's own results. Some of the files, run again, replace what the page says of
 * them; where only some tests of a file run, it stays as it is.
 */
export class FullResult implements Reporter {
  readonly #page: string;
  readonly #printed = new Map<string, Set<string>>();
  readonly #done: TestModule[] = [];
  #vitest: Vitest | undefined;
  #files = 0;
  #writes = false;
  #others: Said = NOTHING;
  #startedMs = 0;

  constructor(page: string) {
    this.#page = page;
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    const all = (await this.#vitest?.globTestSpecifications()) ?? [];
    this.#files = specifications.length;
    this.#startedMs = performance.now();
    const whole = this.#files === all.length;
    this.#writes = !this.#vitest?.config.testNamePattern && (whole || existsSync(this.#page));
    if (!this.#writes) {
      this.#vitest?.logger.log(`${this.#page} stays as it is: this is a part of the tests`);
      return;
    }
    const root = this.#vitest?.config.root ?? '';
    const again = new Set(specifications.map(({ moduleId }) => plain(relative(root, moduleId))));
    if (!whole) this.#others = saidOfOthers(this.#page, again);
    this.#write('**Not finished**: ');
  }

  onUserConsoleLog({ content, taskId = '' }: UserConsoleLog): void {
    const file = this.#vitest?.state.idMap.get(taskId)?.file.id ?? taskId;
    const reasons = content.split('\n').filter((line) => PRINTED.test(line));
    this.#printed.set(file, new Set([...(this.#printed.get(file) ?? []), ...reasons]));
  }

  onTestModuleEnd(file: TestModule): void {
    this.#done.push(file);
    if (this.#writes) this.#write('**Not finished**: ');
  }

  onTestRunEnd(
    _files: readonly TestModule[],
    errors: readonly { readonly message: string }[],
    reason: TestRunEndReason,
  ): void {
    const lines = errors.map(({ message }) => `- outside of the tests: ${plain(message).slice(0, 300)}`);
    if (this.#writes) this.#write(reason === 'interrupted' ? '**Interrupted**: ' : '', lines);
  }

  /** What a test gave as its reason, else what its file printed, else its name's own words. */
  #reason(file: TestModule, one: TestCase): string {
    const result = one.result();
    const given = result.state === 'skipped' ? result.note : undefined;
    if (one.parent.type === 'suite' && one.parent.errors().length > 0) return 'its group failed';
    const printed = [...(this.#printed.get(file.id) ?? [])].join('; ');
    return given ?? (printed || /\((skipped .+)\)/.exec(one.name)?.[1] || 'no reason given');
  }

  #write(lead: string, errors: readonly string[] = []): void {
    const said = this.#said(errors);
    const [passed = 0, failed = 0, skipped = 0] = [1, 2, 3].map((column) =>
      said.rows.reduce((sum, row) => sum + Number(row.split(' | ')[column]), column === 2 ? errors.length : 0),
    );
    const others = this.#others.rows.length;
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    const beside = others > 0 ? `, beside ${others} as they were` : '';
    const took = `${this.#done.length} of ${this.#files} files${beside}, ${seconds(performance.now() - this.#startedMs)} s`;
    const list = (title: string, lines: readonly string[]) =>
      lines.length > 0 ? ['', `## ${title}`, '', ...lines] : [];
    const text = [
      ...[INTRO, '', machine(), '', `${lead}${counts} (${took})`],
      ...list(TITLES.failed, said.failed),
      ...list(TITLES.skipped, said.skipped),
      ...list(TITLES.rows, said.rows.length > 0 ? [...table(HEAD, []), ...said.rows] : []),
    ];
    writeFileSync(this.#page, `${text.join('\n')}\n`);
  }

  /** Of the files that ran and of those that did not, in their order. */
  #said(errors: readonly string[]): Said {
    const { failed, skipped, rows } = this.#others;
    const now = commit();
    return {
      failed: [
        ...errors,
        ...[...failed, ...this.#done.flatMap((file) => failuresOf(file).map((each) => inFile(file, ...each)))].sort(),
      ],
      skipped: [
        ...skipped,
        ...this.#done.flatMap((file) =>
          testsOf(file, 'skipped').map((one) => inFile(file, one.fullName, this.#reason(file, one))),
        ),
      ].sort(),
      rows: [...rows, ...this.#done.map((file) => rowOf(file, now))].sort(),
    };
  }
}

function rowOf(file: TestModule, now: string): string {
  const { duration, collectDuration } = file.diagnostic();
  const figures = [testsOf(file, 'passed').length, failuresOf(file).length, testsOf(file, 'skipped').length];
  const cells = [plain(file.relativeModuleId), ...figures, seconds(duration + collectDuration), now];
  return table(cells.map(String), [])[0] ?? '';
}
