import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule, TestRunEndReason, TestSpecification, Vitest } from 'vitest/node';
import { table, version } from './support/written-evidence.ts';

type UserConsoleLog = Parameters<NonNullable<Reporter['onUserConsoleLog']>>[0];
/** What a file of tests prints where it skips: `tests on small disks: skipped, no mount`. */
const PRINTED = /: skipped, .+/;
const INTRO = '# The full tests, as last run\n\nWritten by `npm run test:full`, after each file of tests.';

/** One line of Markdown, whatever a test is called. */
const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[\\`*_<>|[\]]/g, '\\$&')
    .trim();

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

function commit(): string {
  try {
    const args = ['-C', fileURLToPath(new URL('.', import.meta.url)), 'rev-parse', '--short', 'HEAD'];
    return `, commit ${execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim()}`;
  } catch {
    return '';
  }
}

function machine(): string {
  const cores = `${availableParallelism()} cores (${plain(cpus()[0]?.model ?? 'unknown')})`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, node ${process.version}, ${version()}, ${process.platform} ${process.arch}, ${cores}${commit()}.`;
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

/** Keeps a page on the whole run, from vitest's own results. Where only some of the tests run, the page stays as it is. */
export class FullResult implements Reporter {
  readonly #page: string;
  readonly #printed = new Map<string, Set<string>>();
  readonly #done: TestModule[] = [];
  #vitest: Vitest | undefined;
  #files = 0;
  #whole = false;
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
    this.#whole = this.#files === all.length && !this.#vitest?.config.testNamePattern;
    this.#startedMs = performance.now();
    if (this.#whole) this.#write('**Not finished**: ');
    else this.#vitest?.logger.log(`${this.#page} stays as it is: this is a part of the tests`);
  }

  onUserConsoleLog({ content, taskId = '' }: UserConsoleLog): void {
    const file = this.#vitest?.state.idMap.get(taskId)?.file.id ?? taskId;
    const reasons = content.split('\n').filter((line) => PRINTED.test(line));
    this.#printed.set(file, new Set([...(this.#printed.get(file) ?? []), ...reasons]));
  }

  onTestModuleEnd(file: TestModule): void {
    this.#done.push(file);
    if (this.#whole) this.#write('**Not finished**: ');
  }

  onTestRunEnd(
    _files: readonly TestModule[],
    errors: readonly { readonly message: string }[],
    reason: TestRunEndReason,
  ): void {
    const lines = errors.map(({ message }) => `- outside of the tests: ${plain(message).slice(0, 300)}`);
    if (this.#whole) this.#write(reason === 'interrupted' ? '**Interrupted**: ' : '', lines);
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
    const files = [...this.#done].sort((a, b) => a.relativeModuleId.localeCompare(b.relativeModuleId));
    const failures = [...errors, ...files.flatMap((file) => failuresOf(file).map((each) => inFile(file, ...each)))];
    const skipped = files.flatMap((file) =>
      testsOf(file, 'skipped').map((one) => inFile(file, one.fullName, this.#reason(file, one))),
    );
    const passed = files.reduce((sum, file) => sum + testsOf(file, 'passed').length, 0);
    const counts = `${passed} passed, ${failures.length} failed, ${skipped.length} skipped`;
    const took = `${files.length} of ${this.#files} files, ${seconds(performance.now() - this.#startedMs)} s`;
    const rows = files.map((file) => {
      const { duration, collectDuration } = file.diagnostic();
      const figures = [testsOf(file, 'passed').length, failuresOf(file).length, testsOf(file, 'skipped').length];
      return [plain(file.relativeModuleId), ...figures, seconds(duration + collectDuration)];
    });
    const list = (title: string, lines: readonly string[]) =>
      lines.length > 0 ? ['', `## ${title}`, '', ...lines] : [];
    const text = [
      ...[INTRO, '', machine(), '', `${lead}${counts} (${took})`],
      ...list('Failed', failures),
      ...list('Skipped, and why', skipped),
      ...list('Files', table(['file', 'passed', 'failed', 'skipped', 'seconds'], rows)),
    ];
    writeFileSync(this.#page, `${text.join('\n')}\n`);
  }
}
