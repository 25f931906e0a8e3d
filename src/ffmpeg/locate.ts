import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SgError } from '../model/errors.ts';
import type { Binary, Toolchain } from '../model/toolchain.ts';
import { isExecutable, onPath } from './guard.ts';
import { isTooOld, OLDEST_RELEASE, parseEncoders, parseFilters, parseVersion } from './version.ts';

type Program = 'ffmpeg' | 'ffprobe';

/** A path that the user gave: the only one used. */
export interface GivenPath {
  readonly path: string;
  readonly origin: 'flag' | 'env' | 'config';
}

/** Where what an ffmpeg can do is remembered; the key holds its path, size and mtime. */
export interface FactCache {
  get(key: string): unknown;
  put(key: string, value: unknown): void;
}

export interface LocateOptions {
  readonly ffmpeg?: GivenPath;
  readonly ffprobe?: GivenPath;
  /** Of several ffmpegs, the first that lists these is taken. */
  readonly requiredEncoder?: string | readonly string[];
  readonly cache: FactCache;
  readonly signal?: AbortSignal;
}

/** How programs are asked what they can do. */
type Asking = Pick<LocateOptions, 'cache' | 'signal'>;

interface Found {
  readonly binary: Binary;
  readonly encoders: readonly string[];
  readonly filters: readonly string[];
}

interface Facts {
  readonly version: string;
  readonly release: readonly [number, number];
  readonly encoders: readonly string[];
  readonly filters: readonly string[];
}

interface Candidate {
  readonly path: string;
  readonly origin: Binary['origin'];
}

const NEEDED = OLDEST_RELEASE.join('.');
const ASK_TIMEOUT_SEC = 20;

/**
 * Finds ffmpeg (given, ffmpeg-static, PATH) and ffprobe (given, beside that ffmpeg, PATH, ffprobe-static) and
 * what they can do. Only a cache miss runs them. Throws SgError TOOLCHAIN when one is missing, does not run or
 * is older than 5.1, and what the signal was aborted with. That a listed encoder works is not promised.
 */
export async function locateToolchain(options: LocateOptions): Promise<Toolchain> {
  const required = [options.requiredEncoder ?? []].flat();
  const ffmpeg = await firstUsable(
    'ffmpeg',
    options.ffmpeg,
    () => ffmpegCandidates(),
    options,
    (found) => required.every((encoder) => found.encoders.includes(encoder)),
  );
  const ffprobe = await firstUsable(
    'ffprobe',
    options.ffprobe,
    () => ffprobeCandidates(ffmpeg.binary.path),
    options,
    () => true,
  );
  return { ffmpeg: ffmpeg.binary, ffprobe: ffprobe.binary, encoders: ffmpeg.encoders, filters: ffmpeg.filters };
}

/** The first candidate that runs, is new enough and fits; without a fit the first that runs. */
async function firstUsable(
  program: Program,
  given: GivenPath | undefined,
  candidates: () => AsyncIterable<Candidate>,
  asking: Asking,
  fits: (found: Found) => boolean,
): Promise<Found> {
  if (given) return await inspectGiven(program, given, asking);
  let usable: Found | undefined;
  const rejected: string[] = [];
  for await (const candidate of candidates()) {
    const found = await inspect(program, candidate, asking);
    if ('problem' in found) {
      rejected.push(`${candidate.path} ${found.problem}`);
      continue;
    }
    if (fits(found)) return found;
    usable ??= found;
  }
  if (usable) return usable;
  const message =
    rejected.length > 0
      ? `no usable ${program}: ${rejected.join('; ')}`
      : `${program} was not found: not beside sg-export and not on the PATH`;
  throw new SgError('TOOLCHAIN', message, { hint: installHint(program) });
}

async function inspectGiven(program: Program, given: GivenPath, asking: Asking): Promise<Found> {
  const path = resolve(given.path);
  const found = await inspect(program, { path, origin: given.origin }, asking);
  if (!('problem' in found)) return found;
  const source = {
    flag: `--${program}`,
    env: `SG_EXPORT_${program.toUpperCase()}`,
    config: `"${program}" in the config`,
  };
  throw new SgError('TOOLCHAIN', `${source[given.origin]}: ${path} ${found.problem}`, {
    hint: `Give the path of an ${program} ${NEEDED} or newer, or leave it out to use the one on the PATH.`,
  });
}

function installHint(program: Program): string {
  const ways: Readonly<Record<string, string>> = {
    linux: 'sudo apt-get install ffmpeg (Debian, Ubuntu), sudo dnf install ffmpeg (Fedora), apk add ffmpeg (Alpine)',
    darwin: 'brew install ffmpeg',
    win32: 'winget install Gyan.FFmpeg',
  };
  const way = ways[process.platform] ?? 'see https://ffmpeg.org/download.html';
  return `Install ffmpeg ${NEEDED} or newer (${way}), or name one with --${program} FILE.`;
}

async function* ffmpegCandidates(): AsyncGenerator<Candidate> {
  const bundled = await staticBinary('ffmpeg');
  if (bundled) yield { path: bundled, origin: 'ffmpeg-static' };
  for (const path of onPath('ffmpeg')) yield { path, origin: 'path' };
}

async function* ffprobeCandidates(ffmpeg: string): AsyncGenerator<Candidate> {
  const beside = join(dirname(ffmpeg), process.platform === 'win32' ? 'ffprobe.exe' : 'ffprobe');
  if (isExecutable(beside)) yield { path: beside, origin: 'beside-ffmpeg' };
  for (const path of onPath('ffprobe')) yield { path, origin: 'path' };
  const bundled = await staticBinary('ffprobe');
  if (bundled) yield { path: bundled, origin: 'ffprobe-static' };
}

/** The binary of an optional package: the package, or the file that it should have downloaded, may be missing. */
async function staticBinary(program: Program): Promise<string | undefined> {
  // ffprobe-static ends the whole process on a platform that it does not know.
  if (!['linux', 'darwin', 'win32'].includes(process.platform)) return undefined;
  if (process.platform === 'darwin' && !['x64', 'arm64'].includes(process.arch)) return undefined;
  try {
    const path =
      program === 'ffmpeg' ? (await import('ffmpeg-static')).default : (await import('ffprobe-static')).default.path;
    return path !== null && isExecutable(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

async function inspect(
  program: Program,
  { path, origin }: Candidate,
  { cache, signal }: Asking,
): Promise<Found | { readonly problem: string }> {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!info) return { problem: 'does not exist' };
  if (!info.isFile()) return { problem: 'is not a file' };
  if (!isExecutable(path)) return { problem: 'may not be executed' };
  const key = `${program}:${path}:${info.size}:${info.mtimeNs}`;
  const known = factsOf(cache.get(key));
  const facts = known ?? (await ask(program, path, signal));
  if ('problem' in facts) return facts;
  if (!known) cache.put(key, facts);
  if (isTooOld(facts.release)) {
    return { problem: `is version ${facts.version}, older than ${NEEDED}` };
  }
  const { version, release, encoders, filters } = facts;
  return { binary: { path, version, release, origin }, encoders, filters };
}

/** Reads a cached value; anything that does not look as it should is a miss. */
function factsOf(value: unknown): Facts | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, release, encoders, filters } = value as Record<string, unknown>;
  const isNames = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((name) => typeof name === 'string');
  if (typeof version !== 'string' || !isNames(encoders) || !isNames(filters) || !Array.isArray(release)) {
    return undefined;
  }
  const [major, minor] = release.map(Number);
  if (major === undefined || minor === undefined) return undefined;
  return { version, release: [major, minor], encoders, filters };
}

async function ask(
  program: Program,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Facts | { readonly problem: string }> {
  const { runTool } = await import('./spawn.ts');
  const say = (args: readonly string[]) => runTool({ program: path, args, timeoutSec: ASK_TIMEOUT_SEC, signal });
  const first = await say(['-version']);
  signal?.throwIfAborted();
  if (first.outcome === 'not-started') return { problem: `cannot be run: ${first.reason}` };
  if (first.outcome === 'timeout') return { problem: `did not answer -version within ${ASK_TIMEOUT_SEC} s` };
  const version = parseVersion(program, first.stdout);
  if (first.exitCode !== 0 || !version) {
    const why = first.stderr.split('\n')[0] || `it exited with ${first.exitCode ?? 'a signal'}`;
    return { problem: version ? `does not run: ${why}` : `does not answer -version as ${program} does (${why})` };
  }
  if (program === 'ffprobe') return { ...version, encoders: [], filters: [] };
  const [encoders, filters] = await Promise.all([
    say(['-hide_banner', '-encoders']),
    say(['-hide_banner', '-filters']),
  ]);
  signal?.throwIfAborted();
  return { ...version, encoders: parseEncoders(encoders.stdout), filters: parseFilters(filters.stdout) };
}
