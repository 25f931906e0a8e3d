import { dirname, isAbsolute, join } from 'node:path';
import type { Issue } from '../model/errors.ts';
import { isMapping } from '../model/mapping.ts';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import { SUBTITLE_EXTENSIONS } from '../model/option-values.ts';
import { keyOf } from '../model/options.ts';
import { knownKeys, optionByKey, readOption, readOptions } from '../model/read-options.ts';
import { closest } from '../model/suggest.ts';

/** Raw settings under their flags' names in snake_case. */
export type RawSettings = Readonly<Record<string, unknown>>;

/** One export of a job, as it was asked for. */
export interface WantedExport {
  /** What messages call it: `h264:720p:high`, `export 3 (h264:720p)`. */
  readonly label: string;
  readonly settings: RawSettings;
  /** Stands between the pattern's name and the extension. */
  readonly suffix: string;
  /** A folder of its own, as typed or relative to the job file. */
  readonly folder: string | undefined;
}

/** What a `multi` is asked for as a whole; undefined where nobody said it. Memory in bytes. */
export interface MultiSettings {
  readonly outputFolder?: string;
  readonly parallel?: number;
  readonly memory?: number;
  readonly share?: boolean;
  readonly failFast?: boolean;
  readonly ladder?: 'hls' | 'dash' | 'cmaf';
  readonly rungs?: string;
  /** Seconds. */
  readonly segment?: number;
  readonly perTitle?: boolean;
  readonly singleFile?: boolean;
  readonly segmentFormat?: 'fmp4' | 'ts';
  readonly thumbnailTrack?: boolean;
  readonly encrypt?: 'aes-128' | 'cenc';
  readonly keyFile?: string;
  readonly keyUri?: string;
}

/** A job file. Paths in it are relative to it. */
export interface Job {
  readonly sources: readonly string[] | undefined;
  readonly exports: readonly WantedExport[] | undefined;
  /** For all its exports. */
  readonly settings: RawSettings;
  readonly multi: MultiSettings;
}

/** Keys of a job file that are not settings of an export, beside those of MULTI_OPTIONS. */
export const JOB_KEYS: readonly string[] = ['$schema', 'source', 'sources', 'exports'];
/** Keys of one export that are not settings. */
export const EXPORT_KEYS: readonly string[] = ['filename_suffix', 'output_folder'];

type KeyPath = readonly (string | number)[];
type PlaceOf = (path: KeyPath) => Promise<string>;

interface Reading {
  readonly file: string;
  readonly placeOf: PlaceOf;
  readonly issues: Issue[];
}

function issue(code: string, message: string, path: string, hint = ''): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}

/** A job that comes through a pipe (`--job <(…)`) has no folder of its own. */
const besideJob = (file: string, path: string): string =>
  isAbsolute(path) || /^\/(dev|proc)\//.test(file) ? path : join(dirname(file), path);

/** Keys of export settings in a mapping, each checked; other keys that may stand there are in `own`. */
async function readSettings(
  reading: Reading,
  raw: Readonly<Record<string, unknown>>,
  at: KeyPath,
  own: readonly string[],
): Promise<RawSettings> {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (own.includes(key) || value === undefined || value === null) continue;
    if (readOptions({ [key]: value }, { kind: 'job', file: reading.file }).issues.length > 0) {
      await tellWrong(reading, key, value, [...at, key], own);
      continue;
    }
    const row = optionByKey(key);
    const name = row ? keyOf(row.name) : key;
    if (name in settings) {
      const message = `'${name}' is said twice in ${await reading.placeOf([...at, key])}`;
      reading.issues.push(issue('key_twice', message, key, `'${key}' is another name of it: leave one out`));
    }
    settings[name] = name === 'subtitles' ? subtitlesBeside(reading.file, value) : value;
  }
  return settings;
}

function subtitlesBeside(file: string, value: unknown): unknown {
  const isFile =
    typeof value === 'string' && SUBTITLE_EXTENSIONS.some((one) => value.toLowerCase().endsWith(`.${one}`));
  return isFile ? besideJob(file, value) : value;
}

/** The finding once more, with the line of its key. */
async function tellWrong(reading: Reading, key: string, value: unknown, path: KeyPath, own: readonly string[]) {
  const place = await reading.placeOf(path);
  const { issues } = readOptions({ [key]: value }, { kind: 'job', file: place });
  for (const found of issues) {
    const near = closest(key, [...own, ...knownKeys({ kind: 'job', file: place })]);
    const hint = found.code !== 'unknown_key' ? found.hint : near ? `did you mean '${near}'?` : WHERE_KEYS;
    reading.issues.push({ ...found, hint: key === 'output' ? OUTPUT_HINT : hint });
  }
}

const WHERE_KEYS = "the keys are those of export's flags in snake_case: `sg-export multi --help`";
const OUTPUT_HINT = 'output_folder, naming_pattern and filename_suffix say where the outputs go';

async function readMulti(reading: Reading, raw: Readonly<Record<string, unknown>>): Promise<MultiSettings> {
  const read: Record<string, unknown> = {};
  for (const row of MULTI_OPTIONS) {
    const key = keyOf(row.name);
    if (raw[key] === undefined || raw[key] === null) continue;
    const origin = { kind: 'job', file: await reading.placeOf([key]) } as const;
    const one = readOption(row, raw[key], origin);
    if (one.ok) read[key] = one.value;
    else reading.issues.push(one.issue);
  }
  const beside = ['output_folder', 'key_file'].flatMap((key) => {
    const path = read[key];
    return typeof path === 'string' ? [[key, besideJob(reading.file, path)] as const] : [];
  });
  return multiSettings({ ...read, ...Object.fromEntries(beside) });
}

/** Values of MULTI_OPTIONS that were read, by their keys. */
export function multiSettings(read: Readonly<Record<string, unknown>>): MultiSettings {
  const { output_folder: folder, parallel, memory, share, fail_fast: failFast } = read;
  return {
    ...(typeof folder === 'string' ? { outputFolder: folder } : {}),
    ...(typeof parallel === 'number' ? { parallel } : {}),
    ...(typeof memory === 'number' ? { memory } : {}),
    ...(typeof share === 'boolean' ? { share } : {}),
    ...(typeof failFast === 'boolean' ? { failFast } : {}),
    ...ladderSettings(read),
  };
}

/** Those of a streaming package; the option table has held each against what it takes. */
function ladderSettings(read: Readonly<Record<string, unknown>>): MultiSettings {
  const { ladder, rungs, segment, per_title: perTitle, single_file: singleFile, encrypt } = read;
  const { segment_format: segmentFormat, thumbnail_track: thumbnailTrack, key_file: keyFile, key_uri: keyUri } = read;
  return {
    ...(ladder === 'hls' || ladder === 'dash' || ladder === 'cmaf' ? { ladder } : {}),
    ...(typeof rungs === 'string' ? { rungs } : {}),
    ...(typeof segment === 'number' ? { segment } : {}),
    ...(typeof perTitle === 'boolean' ? { perTitle } : {}),
    ...(typeof singleFile === 'boolean' ? { singleFile } : {}),
    ...(segmentFormat === 'fmp4' || segmentFormat === 'ts' ? { segmentFormat } : {}),
    ...(typeof thumbnailTrack === 'boolean' ? { thumbnailTrack } : {}),
    ...(encrypt === 'aes-128' || encrypt === 'cenc' ? { encrypt } : {}),
    ...(typeof keyFile === 'string' ? { keyFile } : {}),
    ...(typeof keyUri === 'string' ? { keyUri } : {}),
  };
}

async function readSources(reading: Reading, raw: Readonly<Record<string, unknown>>) {
  const { source, sources } = raw;
  if (source === undefined && sources === undefined) return undefined;
  const key = sources === undefined ? 'source' : 'sources';
  const place = await reading.placeOf([key]);
  if (source !== undefined && sources !== undefined) {
    reading.issues.push(issue('key_twice', `source and sources both stand in ${place}`, key, 'keep one of them'));
  }
  const value = sources ?? source;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const paths = list.filter((one): one is string => typeof one === 'string' && one !== '');
  if (paths.length === 0 || paths.length < list.length) {
    reading.issues.push(issue('bad_sources', `${key} in ${place} is not a path or a list of paths`, key));
  }
  return paths.map((path) => besideJob(reading.file, path));
}

async function readExport(reading: Reading, raw: unknown, index: number): Promise<WantedExport | undefined> {
  const name = `export ${index + 1}`;
  if (typeof raw === 'string') return readSpecLine(reading, raw, index);
  if (!isMapping(raw)) {
    const message = `${name} in ${await reading.placeOf(['exports', index])} is no export`;
    reading.issues.push(issue('bad_export', message, 'exports', 'write `- codec: h264` or `- h264:1080p:high`'));
    return undefined;
  }
  const at = ['exports', index];
  const settings = await readSettings(reading, raw, at, EXPORT_KEYS);
  const text = async (key: string): Promise<string | undefined> => {
    const value = raw[key];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    reading.issues.push(issue(`bad_${key}`, `${key} in ${await reading.placeOf([...at, key])} is not some text`, key));
    return undefined;
  };
  const folder = await text('output_folder');
  const said = describeSettings(settings);
  return {
    label: said === '' ? name : `${name} (${said})`,
    settings,
    suffix: (await text('filename_suffix')) ?? '',
    folder: folder === undefined ? undefined : besideJob(reading.file, folder),
  };
}

/** An export in one word; only what is wrong with it costs a look for its line. */
async function readSpecLine(reading: Reading, spec: string, index: number): Promise<WantedExport | undefined> {
  const wanted = readSpec(spec, '', []);
  if (!wanted) readSpec(spec, `${await reading.placeOf(['exports', index])}, export ${index + 1}`, reading.issues);
  return wanted;
}

function describeSettings(settings: RawSettings): string {
  const { codec, resolution, quality, preset, platform } = settings;
  const said = [codec, resolution, quality].filter((one) => typeof one === 'string' || typeof one === 'number');
  return said.length > 0 ? said.join(':') : [preset, platform].filter((one) => typeof one === 'string').join(' ');
}

async function readExports(reading: Reading, raw: unknown): Promise<readonly WantedExport[] | undefined> {
  if (raw === undefined) return undefined;
  const hint = 'write `exports:` with a list of exports';
  if (!Array.isArray(raw) || raw.length === 0) {
    const place = await reading.placeOf(['exports']);
    const what = raw === null || Array.isArray(raw) ? 'is empty' : 'is not a list of exports';
    reading.issues.push(issue('no_exports', `exports in ${place} ${what}`, 'exports', hint));
    return [];
  }
  const found: WantedExport[] = [];
  for (const [index, one] of raw.entries()) {
    const read = await readExport(reading, one, index);
    if (read) found.push(read);
  }
  return found;
}

/** Reads the parsed job file. `file` is its path as typed. Every wrong key and value is a finding (exit 2) that names its line. */
export async function readJob(
  raw: Readonly<Record<string, unknown>>,
  file: string,
  placeOf: PlaceOf,
): Promise<{ readonly job: Job; readonly issues: readonly Issue[] }> {
  const issues: Issue[] = [];
  const reading: Reading = { file, placeOf, issues };
  const own = [...JOB_KEYS, ...MULTI_OPTIONS.map((row) => keyOf(row.name))];
  const job: Job = {
    settings: await readSettings(reading, raw, [], own),
    multi: await readMulti(reading, raw),
    sources: await readSources(reading, raw),
    exports: await readExports(reading, raw.exports),
  };
  return { job, issues };
}

const SPEC_HINT = 'write codec:resolution:quality, such as h264:1080p:high; a part may be left empty';

/** Reads `codec:resolution:quality`, of which a part may be empty or missing at the end. `where` is what messages name. */
export function readSpec(spec: string, where: string, issues: Issue[]): WantedExport | undefined {
  const parts = spec.split(':').map((part) => part.trim());
  const [codec, resolution, quality] = parts;
  if (parts.length > 3 || parts.every((part) => part === '')) {
    issues.push(issue('bad_export', `${where}: '${spec}' is no export`, '--export', SPEC_HINT));
    return undefined;
  }
  const settings = Object.fromEntries(
    Object.entries({ codec, resolution, quality }).filter(([, value]) => value !== undefined && value !== ''),
  );
  const { issues: found } = readOptions(settings, { kind: 'job', file: where });
  issues.push(...found);
  return found.length > 0 ? undefined : { label: spec, settings, suffix: '', folder: undefined };
}
