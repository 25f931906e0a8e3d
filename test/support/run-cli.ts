import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, expect } from 'vitest';

/** The program as a user starts it. `SG_EXPORT_TEST_BIN` names another copy of it. */
export const BIN = resolve(process.env.SG_EXPORT_TEST_BIN ?? 'bin/sg-export.js');

/** A folder for everything that this test file makes; gone with it. */
export const ROOT = mkdtempSync(join(tmpdir(), 'sg-e2e-'));
afterAll(() => rmSync(ROOT, { recursive: true, force: true, maxRetries: 3 }));

let folders = 0;

/** An empty folder of its own for one case. */
export function fresh(): string {
  folders += 1;
  return mkdtempSync(join(ROOT, `case${folders}-`));
}

/** Every name below a folder, sorted; hidden ones too. */
export function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => relative(folder, join(folder, name)))
    .sort();
}

/** The user's environment without what would steer sg-export, and with a history of its own. */
export function cleanEnv(more: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const steering = /^(SG_EXPORT_|VITEST|NODE_ENV$|MAKE|MFLAGS$|FORCE_COLOR$|NO_COLOR$|TEST$|AV_LOG_|FFREPORT$)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !steering.test(key)));
  const own = {
    NO_COLOR: '1',
    SG_EXPORT_DB: join(ROOT, 'history.db'),
    XDG_STATE_HOME: join(ROOT, 'state'),
    XDG_CONFIG_HOME: join(ROOT, 'config'),
  };
  return Object.fromEntries(Object.entries({ ...env, ...own, ...more }).filter(([, value]) => value !== undefined));
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ended with SIGKILL after this long, so that one that hangs is one failure. */
  readonly timeoutMs?: number;
  /** In a process group of its own, as a shell starts it: `-pid` then reaches it and all that it started. */
  readonly ownGroup?: boolean;
}

export interface CliRun {
  readonly args: readonly string[];
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface StartedCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliRun>;
}

/** Starts sg-export and returns at once. */
export function startSg(args: readonly string[], options: CliOptions = {}): StartedCli {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: cleanEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup === true,
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 55_000);
  const ended = new Promise<CliRun>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      done({
        args,
        code,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
        tookMs: performance.now() - startedMs,
      });
    });
  });
  return { child, ended };
}

/**
 * Sends a signal to a run with `ownGroup` and to all that it started. Not by the program `kill`: that of procps takes
 * `-9 -123` for a kill of everything there is (-1), and 0 would be the tests' own group.
 */
export function signalGroup({ child }: StartedCli, signal: NodeJS.Signals): void {
  expect(child.pid, 'it was started').toBeGreaterThan(1);
  process.kill(-Number(child.pid), signal);
}

/** Runs sg-export to its end. */
export function sg(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return startSg(args, options).ended;
}

/** A run for messages of failed expectations. */
export function shown(run: CliRun): string {
  const end = (text: string) => JSON.stringify(text.slice(-600));
  const said = /"error_message":"[^"]*"/.exec(run.stdout)?.[0] ?? '';
  return `${run.code ?? run.signal} ${said} of ${run.args.join(' ')}; stdout ${end(run.stdout)}; stderr ${end(run.stderr)}`;
}

/** Runs sg-export and expects success. */
export async function ok(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const run = await sg(args, options);
  expect(run.code, shown(run)).toBe(0);
  return run;
}

type Json = Readonly<Record<string, unknown>>;

/** stdout as NDJSON; a line that is none fails. */
export function jsonLines(run: CliRun): readonly Json[] {
  const lines = run.stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    expect(typeof value, line).toBe('object');
    return value as Json;
  });
}

/** The last line, which is always a result. */
export function resultOf(run: CliRun): Json {
  const last = jsonLines(run).at(-1);
  expect(last, shown(run)).toMatchObject({ type: 'result' });
  return last ?? {};
}

/** One clear message on stderr, nothing on stdout, no stack trace: what every refusal looks like. */
export function expectRefusal(run: CliRun, code: number): void {
  expect(run.code, shown(run)).toBe(code);
  expect(run.stdout, shown(run)).toBe('');
  expect(run.stderr.match(/^error:/gm), shown(run)).toHaveLength(1);
  expect(run.stderr, shown(run)).not.toMatch(/^\s+at .+[:(]\d+/m);
  expect(run.stderr, shown(run)).not.toMatch(/internal:|undefined|\[object|NaN/);
}

/** Waits for a condition. */
export async function until(condition: () => boolean, withinMs = 20_000): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (condition()) return true;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return condition();
}

if (!existsSync(BIN)) throw new Error(`${BIN} is missing`);

/** Exports a file of the test's folder at the fastest speed. Fails the test where the export fails. */
export async function delivered(name: string, extension: string, ...flags: readonly string[]) {
  const output = join(fresh(), `o.${extension}`);
  const result = resultOf(
    await ok(['export', join(ROOT, name), '-o', output, '--speed', 'ultrafast', '--json', ...flags]),
  );
  return { file: String((result.output_files as readonly string[])[0]), warnings: String(result.warnings) };
}
