import { closeSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { SgError } from '../model/errors.ts';
import { findCandidates, type Surroundings } from './config-places.ts';
import { parseConfig } from './parse-config.ts';

export interface LoadedConfig {
  /** Absolute path of the file that was read; undefined when there is none. */
  readonly path: string | undefined;
  /**
   * Who chose the file: the command line, the folder that is worked in (which may be a stranger's, so nothing in it
   * may say which programs are run), or this user.
   */
  readonly chosenBy: 'flag' | 'project' | 'user' | undefined;
  /** As written; what the keys mean is decided elsewhere. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Files that were found and not used, in sentences. */
  readonly warnings: readonly string[];
}

export type ConfigSearch = Pick<Surroundings, 'cwd'> &
  Partial<Surroundings> & {
    /** `--config FILE`: only this one is read, relative to `cwd`. */
    readonly file?: string;
  };

const MAX_BYTES = 1024 ** 2;
const DATA_EXTENSIONS: readonly string[] = ['', '.json', '.yaml', '.yml'];

/**
 * The configuration that applies in `cwd`: the nearest file from there upwards to home or the root, else the user's
 * own. Data only: a configuration that is a program is never run. Throws USAGE for a file that is broken or too big,
 * and for a `file` that cannot be read.
 */
export async function loadConfig(search: ConfigSearch): Promise<LoadedConfig> {
  if (search.file !== undefined) return loadNamed(resolve(search.cwd, search.file));
  const { cwd, home = homedir(), env = process.env, platform = process.platform } = search;
  const warnings: string[] = [];
  for (const { path, owner, executable } of findCandidates({ cwd, home, env, platform })) {
    if (executable) {
      warnings.push(`${path} is ignored: sg-export reads its configuration as JSON or YAML and runs no code for it`);
      continue;
    }
    const bytes = readUpTo(path, MAX_BYTES);
    if ('reason' in bytes) {
      warnings.push(`${path} is ignored: it cannot be read (${bytes.reason})`);
      continue;
    }
    if (basename(path) === 'package.json' && !isAboutUs(bytes)) continue;
    const values = await parse(path, bytes);
    if (values) return { path, chosenBy: owner, values, warnings };
  }
  return { path: undefined, chosenBy: undefined, values: {}, warnings };
}

async function loadNamed(path: string): Promise<LoadedConfig> {
  const text = readDataFile(path, '--config', MAX_BYTES);
  const values = text.trim() === '' ? undefined : await parseConfig(path, text);
  return { path, chosenBy: 'flag', values: values ?? {}, warnings: [] };
}

/** The text of a JSON or YAML file that a flag names; `path` is absolute. Throws USAGE. */
export function readDataFile(path: string, flag: string, maxBytes: number): string {
  if (!DATA_EXTENSIONS.includes(extname(path).toLowerCase())) {
    throw new SgError('USAGE', `${flag}: ${path} is neither JSON nor YAML`, {
      hint: 'name a file that ends in .json, .yaml or .yml, or has no extension',
    });
  }
  const bytes = readUpTo(path, maxBytes);
  if ('reason' in bytes) throw new SgError('USAGE', `${flag}: ${path} cannot be read (${bytes.reason})`);
  if (bytes.truncated) throw new SgError('USAGE', `${path} is larger than ${maxBytes / 1024 ** 2} MiB`);
  return textOf(path, bytes.data);
}

function textOf(path: string, data: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    throw new SgError('USAGE', `${path} is not UTF-8 text`);
  }
}

interface FileBytes {
  readonly data: Buffer;
  readonly truncated: boolean;
}

/** By reading and not by its size: a pipe (`--config <(…)`) has none. */
function readUpTo(path: string, limit: number): FileBytes | { readonly reason: string } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const chunks: Buffer[] = [];
    for (let total = 0; total <= limit; ) {
      const chunk = Buffer.alloc(64 * 1024);
      const bytes = readSync(descriptor, chunk);
      if (bytes === 0) return { data: Buffer.concat(chunks), truncated: false };
      chunks.push(chunk.subarray(0, bytes));
      total += bytes;
    }
    return { data: Buffer.concat(chunks), truncated: true };
  } catch (error) {
    return { reason: reasonOf(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return String(code ?? error);
}

/**
 * Every Node project has a package.json, and nearly none is about sg-export: those are passed by, broken or not, without
 * paying for cosmiconfig. One that names us and is broken is about us: its fault is to be told.
 */
function isAboutUs({ data, truncated }: FileBytes): boolean {
  if (truncated || !data.includes('"sg-export"')) return false;
  try {
    return Object.hasOwn(Object(JSON.parse(data.toString())), 'sg-export');
  } catch {
    return true;
  }
}

async function parse(path: string, { data, truncated }: FileBytes): Promise<Record<string, unknown> | undefined> {
  if (truncated) throw new SgError('USAGE', `${path} is larger than 1 MiB, so it is no configuration of sg-export`);
  const text = textOf(path, data);
  return text.trim() === '' ? undefined : parseConfig(path, text);
}
