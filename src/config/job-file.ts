import { extname, resolve } from 'node:path';
import { SgError } from '../model/errors.ts';
import { readDataFile } from './config-file.ts';
import { parseConfig } from './parse-config.ts';

/** Keys and list places that lead to a value: `['exports', 2, 'codec']`; ending in a place, it is the value there that is meant. */
export type KeyPath = readonly (string | number)[];

export interface LoadedJob {
  /** As written; what the keys mean is decided elsewhere. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a key stands, for messages: `deliver.yaml, line 7`; only the file's name where that cannot be told. */
  readonly placeOf: (path: KeyPath) => Promise<string>;
}

const MAX_BYTES = 8 * 1024 ** 2;
const MAX_VALUES = 200_000;

/** Reads a job file: JSON by its extension, else YAML. Throws USAGE, naming the line where the text is broken. */
export async function loadJobFile(typed: string, cwd: string): Promise<LoadedJob> {
  const path = resolve(cwd, typed);
  const text = readDataFile(path, '--job', MAX_BYTES).replace(/^\uFEFF/, '');
  const values = text.trim() === '' ? undefined : await parseConfig(typed, text, MAX_VALUES);
  if (!values)
    throw new SgError('USAGE', `the job file ${typed} is empty`, { hint: 'write `exports:` with a list of exports' });
  const lines = new Map<string, Promise<LinesOf>>();
  const lineOf = async (keys: KeyPath): Promise<number | undefined> => {
    const last = keys.at(-1);
    const word = typeof last === 'number' ? valueAt(values, keys) : last;
    if (typeof last === 'number' && !isPlain(word)) return lineOf(keys.slice(0, -1));
    const known = lines.get(`${typeof last} ${word}`) ?? findLines(typed, text, String(word), typeof last === 'number');
    lines.set(`${typeof last} ${word}`, known);
    return (await known)(keys) ?? (typeof last === 'number' ? lineOf(keys.slice(0, -1)) : undefined);
  };
  return {
    values,
    placeOf: async (keys) => {
      const line = keys.length === 0 ? undefined : await lineOf(keys);
      return line === undefined ? typed : `${typed}, line ${line}`;
    },
  };
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '');

function valueAt(values: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null ? Object.entries(at).find(([key]) => key === String(part))?.[1] : undefined,
    values,
  );
}

type LinesOf = (path: KeyPath) => number | undefined;

const MARK = '__at_';

/**
 * Where a key, or a value in a list, stands in a text that was parsed: each of its occurrences gets a mark, and the parser,
 * which knows all ways of writing JSON and YAML, tells which mark came to which place.
 */
async function findLines(name: string, text: string, word: string, isValue: boolean): Promise<LinesOf> {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const after = isValue ? '(?![\\w.:-])' : `(?=["']?[ \\t]*:)`;
  const marked = text.replace(
    new RegExp(`(?<![\\w$.${isValue ? ':' : ''}-])${escaped}${after}`, 'g'),
    (found, offset: number) => `${found}${MARK}${text.slice(0, offset).split('\n').length}`,
  );
  // The extension chooses the parser.
  const parsed = await parseConfig(`job${extname(name)}`, marked, MAX_VALUES).catch(() => undefined);
  return (path) => markedLine(parsed, path);
}

function markedLine(parsed: unknown, path: KeyPath): number | undefined {
  let at: unknown = parsed;
  let line: number | undefined;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    const entry = Object.entries(at).find(([key]) => key === String(part) || key.startsWith(`${part}${MARK}`));
    if (!entry) return undefined;
    line = Number(entry[0].split(MARK)[1]);
    at = entry[1];
  }
  if (typeof path.at(-1) === 'number') line = Number(String(at).split(MARK)[1]);
  return Number.isInteger(line) ? line : undefined;
}
