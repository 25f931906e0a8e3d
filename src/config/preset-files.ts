import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Issue } from '../model/errors.ts';
import type { Preset } from '../presets/preset.ts';

/** Presets that are files, and what is wrong with those that could not be taken. */
export interface PresetFiles {
  readonly presets: readonly Preset[];
  readonly issues: readonly Issue[];
}

/** Beside the configuration: every .json file in it is a preset. */
export const PRESETS_FOLDER = 'sg-export-presets';

const MAX_BYTES = 1024 ** 2;
const MAX_FILES = 1000;

function finding(file: string, message: string, hint: string): Issue {
  return { severity: 'error', code: 'bad_preset_file', message, path: file, hint, exit: 'USAGE' };
}

/** What a path stands for: a file, the .json files of a folder, or nothing. */
function filesAt(path: string): readonly string[] | undefined {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith('.json'));
    return names
      .sort()
      .slice(0, MAX_FILES)
      .map((name) => join(path, name));
  } catch {
    return undefined;
  }
}

function namedPaths(value: unknown, configPath: string): { readonly paths: readonly string[]; readonly bad: boolean } {
  if (value === undefined || value === null) return { paths: [], bad: false };
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const paths = list.filter((one): one is string => typeof one === 'string' && one !== '');
  return { paths: paths.map((path) => resolve(dirname(configPath), path)), bad: paths.length < list.length };
}

async function readOne(file: string): Promise<{ readonly preset?: Preset; readonly issues: readonly Issue[] }> {
  let text: string;
  try {
    if (statSync(file).size > MAX_BYTES) return { issues: [finding(file, `${file} is larger than 1 MiB`, '')] };
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { issues: [finding(file, `${file} cannot be read: ${String(error)}`, '')] };
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    const { findJsonFault } = await import('./json-fault.ts');
    const { line, reason } = findJsonFault(text);
    return { issues: [finding(file, `${file}, line ${line ?? 1}: ${reason}`, 'correct the file')] };
  }
  // Brings zod, which only those pay for who have such files.
  const { readPresetFile } = await import('../presets/preset-file.ts');
  const { preset, issues } = readPresetFile(raw, file);
  return preset ? { preset, issues } : { issues };
}

/**
 * The presets that stand beside a configuration file: those that its key `presets` names (files or folders, relative to
 * it) and those in its folder `sg-export-presets`. Nothing is thrown: what is wrong matters only to who wants a preset.
 */
export async function loadPresetFiles(
  configPath: string | undefined,
  values: Readonly<Record<string, unknown>>,
): Promise<PresetFiles> {
  if (configPath === undefined) return { presets: [], issues: [] };
  const issues: Issue[] = [];
  const named = namedPaths(values.presets, configPath);
  if (named.bad) {
    const message = `presets in ${configPath} is not a list of files and folders`;
    issues.push(finding(configPath, message, 'write it as in "presets": ["house.json", "more-presets"]'));
  }
  const files = new Set(filesAt(join(dirname(configPath), PRESETS_FOLDER)) ?? []);
  for (const path of named.paths) {
    const found = filesAt(path);
    if (!found) issues.push(finding(path, `presets in ${configPath}: there is no ${path}`, ''));
    for (const file of found ?? []) files.add(file);
  }
  const presets = new Map<string, Preset>();
  for (const file of files) {
    const { preset, issues: found } = await readOne(file);
    issues.push(...found);
    const earlier = preset && presets.get(preset.preset_id);
    if (earlier)
      issues.push(finding(file, `${file} and ${earlier.file} have the same preset_id`, 'change one of them'));
    else if (preset) presets.set(preset.preset_id, preset);
  }
  return { presets: [...presets.values()], issues };
}
