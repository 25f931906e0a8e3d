import { createHash } from 'node:crypto';
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { clip } from './clips.ts';
import { type CliOptions, type CliRun, fresh, listing, ok, type StartedCli, startSg, until } from './run-cli.ts';

/** Why runs cannot be watched from outside here; undefined where they can. */
export const noProc: string | undefined = process.platform === 'linux' ? undefined : 'watching processes needs /proc';
if (noProc) console.warn(`tests of how runs end: skipped, ${noProc}`);

const quietly = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Every process that works in a folder or names it, whatever program it is; dead ones that nobody collected are none. */
export function processesAt(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const cwd = quietly(() => readlinkSync(`/proc/${pid}/cwd`));
      return cwd.startsWith(folder) || quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).includes(folder);
    })
    .map(Number);
}

/** What a process runs, by the last part of its first word. */
export const programOf = (pid: number): string =>
  basename(quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[0] ?? '');

/** Processes of a program that work in a scratch folder below `folder`: the steps that make the film. */
export function workersAt(folder: string, program = 'ffmpeg'): readonly number[] {
  return processesAt(folder).filter((pid) => {
    const words = quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    if (!words.slice(0, 2).some((word) => basename(word) === program)) return false;
    return quietly(() => readlinkSync(`/proc/${pid}/cwd`)).includes('/.sg-export-');
  });
}

/** What stands at a destination before a run, and must stand there after one that did not deliver. */
export interface Place {
  readonly folder: string;
  readonly source: string;
  readonly output: string;
  readonly db: string;
  /** Flags that allow the destination to be what it is. */
  readonly flags: readonly string[];
  /** Expects the folder, the source and the destination to be as they were. */
  readonly expectAsBefore: () => void;
}

const identity = (path: string) => {
  const { ino, size, mtimeMs, mode } = lstatSync(path);
  return { ino, size, mtimeMs, mode, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
};

/** A folder with a source of its own, whose destination is free or taken by a file that `--overwrite` may replace. */
export function placeFor(clipPath: string, destination: 'free' | 'taken', name = 'out.mp4'): Place {
  const folder = fresh();
  const source = join(folder, basename(clipPath));
  const out = join(folder, 'out');
  const output = join(out, name);
  mkdirSync(out);
  copyFileSync(clipPath, source);
  if (destination === 'taken') writeFileSync(output, 'precious, and not a film\n');
  const before = listing(folder);
  const files = destination === 'taken' ? [source, output] : [source];
  const identities = files.map(identity);
  return {
    folder,
    source,
    output,
    // Outside of the folder: whoever names it is a run on the film.
    db: join(fresh(), 'h.db'),
    flags: destination === 'taken' ? ['--overwrite'] : [],
    expectAsBefore: () => {
      expect(listing(folder), 'the folder is as it was').toEqual(before);
      expect(files.map(identity)).toEqual(identities);
    },
  };
}

/** A minute of film: it is long still at it whenever it is stopped. */
export const longClip = (): string => clip({ name: 'long.mp4', sec: 60 });
export const SLOW: readonly string[] = ['--speed', 'veryslow', '--resolution', '1080p', '--upscale'];

/** Starts an export of a place. */
export function startExport(place: Place, more: readonly string[], options: CliOptions = {}): StartedCli {
  const args = ['export', place.source, '-o', place.output, '--db', place.db, ...place.flags, ...more];
  return startSg(args, { cwd: place.folder, ...options });
}

/** Waits until a program (ffmpeg) makes the film; fails where the run ends before. */
export async function untilEncoding(place: Place, run: StartedCli, program = 'ffmpeg'): Promise<void> {
  const over = () => run.child.exitCode !== null || run.child.signalCode !== null;
  await until(() => over() || workersAt(place.folder, program).length > 0, 40_000);
  const why = over() ? `it ended: ${JSON.stringify(await run.ended)}` : `no ${program} came`;
  expect(workersAt(place.folder, program).length, why).toBeGreaterThan(0);
}

/** Expects that no process of a place's runs is left, at the latest 2 s from now. */
export async function expectNobodyAt(place: Place): Promise<void> {
  const gone = await until(() => processesAt(place.folder).length === 0, 2000);
  const left = processesAt(place.folder).map((pid) => quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
  expect(gone, `still there: ${left.join('; ').replaceAll('\0', ' ')}`).toBe(true);
}

type Job = Readonly<Record<string, unknown>>;

/** The exports that a place's history knows, newest first. */
export async function jobsOf(place: Place): Promise<readonly Job[]> {
  const run = await ok(['history', '--json', '--db', place.db]);
  return (JSON.parse(run.stdout) as { readonly jobs: readonly Job[] }).jobs;
}

/** Expects all that must hold once a run was stopped: exit code, status in the history, nobody and nothing left. */
export async function expectStopped(place: Place, run: CliRun, code: number, status: string): Promise<void> {
  expect(run.code, `${run.code ?? run.signal}: ${run.stdout} ${run.stderr}`).toBe(code);
  await expectNobodyAt(place);
  place.expectAsBefore();
  expect(await jobsOf(place)).toMatchObject([{ status, output_files: [], completed_at: expect.any(String) }]);
}
