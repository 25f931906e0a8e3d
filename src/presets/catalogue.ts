import type { Issue } from '../model/errors.ts';
import type { StoredPreset } from '../model/history.ts';
import { closest } from '../model/suggest.ts';
import { PLATFORMS, SYSTEM_PRESETS } from './builtin.ts';
import { inherit, plainSettings } from './inherit.ts';
import type { Platform } from './platform.ts';
import { type Preset, presetOf, type ResolvedPreset } from './preset.ts';

/** What was looked up, or why not (exit 2). */
export type Lookup<T> =
  | { readonly found: T; readonly issues: readonly [] }
  | { readonly found: undefined; readonly issues: readonly Issue[] };

const hit = <T>(found: T): Lookup<T> => ({ found, issues: [] });
const miss = (...issues: readonly Issue[]): Lookup<never> => ({ found: undefined, issues });

function usage(code: string, path: string, message: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}

function unknown(what: 'preset' | 'platform', id: string, known: readonly string[]): Issue {
  const near = closest(id, known);
  const hint = `${near ? `did you mean '${near}'? ` : ''}known: ${known.join(', ')}`;
  return usage(`unknown_${what}`, `--${what}`, `there is no ${what} '${id}'`, hint);
}

/** A preset out of the database. */
export function presetOfStored(stored: StoredPreset): Preset {
  const { preset_id, name, description, settings } = stored;
  return presetOf(`preset '${preset_id}'`, { ...settings, preset_id, name, description }, false);
}

/** System presets first; a custom preset that has the id of a system preset is left out, as `findPreset` would never find it. */
export function listPresets(custom: readonly Preset[] = []): readonly Preset[] {
  const free = custom.filter((one) => !SYSTEM_PRESETS.some((system) => system.preset_id === one.preset_id));
  return [...SYSTEM_PRESETS, ...free];
}

/** Whether a custom preset may have this id: letters, digits, `_` and `-`, and not a system preset's. */
export function checkPresetId(id: string): readonly Issue[] {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(id)) {
    return [usage('bad_preset_id', id, `'${id}' cannot be a preset's id`, 'up to 64 letters, digits, _ and -')];
  }
  const taken = SYSTEM_PRESETS.some((preset) => preset.preset_id === id);
  return taken
    ? [usage('preset_id_taken', id, `'${id}' is a system preset`, 'choose another id, and extends to build on it')]
    : [];
}

/**
 * A preset with everything that it inherits: the farthest ancestor's settings first, its own last. Exit 2 for
 * an unknown id, an unknown parent, or parents in a circle.
 */
export function findPreset(id: string, custom: readonly Preset[] = []): Lookup<ResolvedPreset> {
  const all = listPresets(custom);
  const known = all.map((preset) => preset.preset_id);
  const line: Preset[] = [];
  for (let next: string | undefined = id; next !== undefined; next = line.at(-1)?.extends) {
    const wanted: string = next;
    const child = line.at(-1);
    if (line.some((one) => one.preset_id === wanted)) {
      const circle = [...line.map((one) => one.preset_id), wanted].join(' → ');
      return miss(
        usage('preset_circle', 'extends', `presets extend each other: ${circle}`, `change extends in ${child?.file}`),
      );
    }
    const preset = all.find((one) => one.preset_id === wanted);
    if (!preset) {
      const issue = unknown('preset', wanted, known);
      return miss(
        child
          ? { ...issue, path: 'extends', message: `${child.file} extends '${wanted}', which does not exist` }
          : issue,
      );
    }
    line.push(preset);
  }
  return hit(merged(line));
}

/** From the preset to its farthest ancestor. */
function merged(line: readonly Preset[]): ResolvedPreset {
  const [own, ...ancestors] = line;
  if (!own) throw new Error('a preset has at least itself');
  return {
    ...own,
    settings: plainSettings(inherit([own, ...ancestors].reverse())),
    lineage: line.map((one) => one.preset_id).reverse(),
  };
}

export const listPlatforms = (): readonly Platform[] => PLATFORMS;

/** A platform by its id or another name of it (`x`). Exit 2 with the nearest and all known ids otherwise. */
export function findPlatform(id: string): Lookup<Platform> {
  const lower = id.toLowerCase();
  const platform = PLATFORMS.find((one) => one.platform_id === lower || one.aliases?.includes(lower));
  return platform
    ? hit(platform)
    : miss(
        unknown(
          'platform',
          id,
          PLATFORMS.map((one) => one.platform_id),
        ),
      );
}
