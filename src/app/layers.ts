import { resolutionRow } from '../codecs/resolutions.ts';
import type { Issue } from '../model/errors.ts';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import type { OptionValues } from '../model/option-values.ts';
import { keyOf, OPTIONS } from '../model/options.ts';
import { optionByKey, readOptions, spellOption } from '../model/read-options.ts';
import { findPlatform, findPreset, presetOfStored } from '../presets/catalogue.ts';
import { goalOf } from '../presets/goals.ts';
import { checkAllowed } from '../presets/judge.ts';
import { foldLayers, type Layered, type LayerValues } from '../presets/layers.ts';
import type { Platform } from '../presets/platform.ts';
import type { Preset } from '../presets/preset.ts';
import type { Session } from './call.ts';

export interface RequestLayers {
  /** Every layer but the platform's, whose defaults depend on the source. */
  readonly base: readonly LayerValues[];
  readonly preset: LayerValues | undefined;
  readonly flags: OptionValues;
  readonly platform: Platform | undefined;
  readonly issues: readonly Issue[];
}

/** Keys of the config file that are about the program, not about deliveries. */
export const PROGRAM_KEYS = ['$schema', 'ffmpeg', 'ffprobe', 'db', 'presets'];

/** What several exports take from configuration and environment, and a single one has no use for. */
export const MULTI_KEYS: readonly string[] = MULTI_OPTIONS.filter((row) => row.scope === 'run').map((row) =>
  keyOf(row.name),
);

export const deliveryConfig = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).filter(([key]) => !PROGRAM_KEYS.includes(key) && !MULTI_KEYS.includes(key)),
  );

export const OPTION_NAMES: readonly string[] = [
  ...OPTIONS.filter((row) => row.scope !== 'local').map((row) => keyOf(row.name)),
  ...MULTI_KEYS,
];

/** The strongest layer that names a platform or preset decides which one it is. */
function named(
  key: 'preset' | 'platform',
  flags: OptionValues,
  env: OptionValues,
  config: OptionValues,
): string | undefined {
  return flags[key] ?? env[key] ?? config[key];
}

/** What was set outside the command line, as far as a request's layers need it. */
export type LayerSources = Pick<Session, 'issues' | 'configPath' | 'configValues' | 'environment'> & {
  readonly history: Pick<Session['history'], 'listPresets'>;
  readonly filePresets?: Session['filePresets'];
};

/** The presets that are not the system's: a file beside the configuration is nearer than what this user once saved. */
export function customPresets(session: Pick<LayerSources, 'history' | 'filePresets'>): readonly Preset[] {
  const files = session.filePresets?.presets ?? [];
  const saved = session.history.listPresets().map(presetOfStored);
  return [...files, ...saved.filter((one) => !files.some((file) => file.preset_id === one.preset_id))];
}

/** Names that no table has: found where they are read, so that they come with whatever else cannot be read. */
function unknownSizes(values: OptionValues, origin: Parameters<typeof readOptions>[1]): readonly Issue[] {
  return (['resolution', 'resolution_limit'] as const).flatMap((key): readonly Issue[] => {
    const row = optionByKey(key);
    const spec = key === 'resolution' ? values.resolution : values.resolutionLimit;
    if (!row || spec?.kind !== 'name' || resolutionRow(spec.id)) return [];
    const path = spellOption(row, origin);
    const message = `${path}: there is no resolution '${spec.id}'`;
    const hint = '`sg-export resolutions` lists them; WxH and source are taken too';
    return [{ severity: 'error', code: 'unknown_resolution', message, path, hint, exit: 'USAGE' }];
  });
}

/** The files that a preset comes from, its own and those that it builds on: what was made by it is out of date when one of them changes. */
export function presetFilesOf(session: Pick<Session, 'history' | 'filePresets'>, presetId: string): readonly string[] {
  const { found } = findPreset(presetId, customPresets(session));
  return session.filePresets.presets
    .filter((preset) => found?.lineage.includes(preset.preset_id))
    .map((preset) => preset.file);
}

/** Reads the layers of a request. Everything wrong in them is found at once. */
export function readLayers(session: LayerSources, flags: Readonly<Record<string, unknown>>): RequestLayers {
  const issues: Issue[] = [...session.issues];
  const read = (raw: Readonly<Record<string, unknown>>, origin: Parameters<typeof readOptions>[1]) => {
    const { values, issues: found } = readOptions(raw, origin);
    issues.push(...found, ...unknownSizes(values, origin));
    return values;
  };
  const config = read(deliveryConfig(session.configValues), {
    kind: 'config',
    file: session.configPath ?? 'the config',
  });
  const env = read(deliveryConfig(session.environment), { kind: 'env' });
  const flagValues = read(flags, { kind: 'flag' });
  const presetId = named('preset', flagValues, env, config);
  const platformId = named('platform', flagValues, env, config);
  let preset: LayerValues | undefined;
  if (presetId !== undefined) {
    const lookup = findPreset(presetId, customPresets(session));
    issues.push(...lookup.issues, ...(session.filePresets?.issues ?? []));
    if (lookup.found)
      preset = {
        layer: 'preset',
        values: { ...read(lookup.found.settings, { kind: 'preset', file: lookup.found.file }), preset: presetId },
      };
  }
  const platform = platformId === undefined ? undefined : findPlatform(platformId);
  issues.push(...(platform?.issues ?? []), ...checkAllowed(flagValues.allow ?? env.allow ?? config.allow ?? []));
  return {
    base: [
      { layer: 'config', values: config },
      { layer: 'env', values: env },
    ],
    preset,
    flags: flagValues,
    platform: platform?.found,
    issues,
  };
}

/**
 * Folds the layers in the contract's order. A platform or preset that config or environment names only supplies
 * defaults below that layer's own keys; one named by a flag stands above them.
 */
export function foldRequest(layers: RequestLayers, platformValues: OptionValues | undefined): Layered {
  const all = orderedLayers(layers, platformValues);
  const asked = foldLayers(all);
  const goal = goalOf(asked.values);
  if (!goal) return asked;
  // It stands right below whoever names it; what configuration or environment name, below everything, as a preset there does.
  const by = asked.from.optimizeFor;
  const at = by === 'flag' || by === 'preset' ? all.findIndex(({ layer }) => layer === by) : 0;
  return foldLayers([...all.slice(0, at), { layer: 'optimize_for', values: goal.values }, ...all.slice(at)]);
}

function orderedLayers(layers: RequestLayers, platformValues: OptionValues | undefined): readonly LayerValues[] {
  const platform: readonly LayerValues[] = platformValues ? [{ layer: 'platform', values: platformValues }] : [];
  const preset = layers.preset ? [layers.preset] : [];
  const platformAbove = layers.flags.platform !== undefined;
  const presetAbove = layers.flags.preset !== undefined;
  return [
    ...(platformAbove ? [] : platform),
    ...(presetAbove ? [] : preset),
    ...layers.base,
    ...(platformAbove ? platform : []),
    ...(presetAbove ? preset : []),
    { layer: 'flag', values: layers.flags },
  ];
}
