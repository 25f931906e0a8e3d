import { resolutionRow } from '../codecs/resolutions.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { OptionValues } from '../model/option-values.ts';
import { readOptions } from '../model/read-options.ts';
import { closest } from '../model/suggest.ts';
import { checkPresetId, findPlatform, findPreset, listPresets, presetOfStored } from '../presets/catalogue.ts';
import { type Inherited, inherit } from '../presets/inherit.ts';
import type { Preset, ResolvedPreset } from '../presets/preset.ts';
import { type PresetRow, presetRow } from '../presets/rows.ts';
import type { Session } from './call.ts';
import { requireHistory } from './jobs.ts';
import { customPresets } from './layers.ts';

function throwIssues(issues: readonly Issue[]): void {
  const error = errorOfIssues(issues);
  if (error) throw error;
}

function resolved(session: Session, id: string): ResolvedPreset {
  const { found, issues } = findPreset(id, customPresets(session));
  if (found) return found;
  throwIssues([...issues, ...session.filePresets.issues]);
  throw new SgError('USAGE', `there is no preset '${id}'`);
}

/** All presets that can be used, system ones first; and what is wrong with those that cannot. */
export function listPresetRows(session: Session): {
  readonly rows: readonly PresetRow[];
  readonly issues: readonly Issue[];
} {
  const custom = customPresets(session);
  const lookups = listPresets(custom).map((preset) => findPreset(preset.preset_id, custom));
  return {
    rows: lookups.flatMap(({ found }) => (found ? [presetRow(found)] : [])),
    issues: [...session.filePresets.issues, ...lookups.flatMap(({ issues }) => issues)],
  };
}

/** A preset's row, where it is kept, and for each setting the preset of its lineage that says it. */
export interface ShownPreset {
  readonly row: PresetRow;
  readonly file: string;
  readonly lineage: readonly string[];
  readonly from: Readonly<Record<string, Inherited>>;
}

/** Throws SgError USAGE for an unknown preset, with the nearest and all known ones. */
export function showPreset(session: Session, id: string): ShownPreset {
  const preset = resolved(session, id);
  const all = listPresets(customPresets(session));
  const line = preset.lineage.flatMap((one) => all.find((candidate) => candidate.preset_id === one) ?? []);
  return { row: presetRow(preset), file: preset.file, lineage: preset.lineage, from: inherit(line) };
}

/** What `presets save` is given beside the settings. */
export interface PresetAbout {
  readonly name?: string;
  readonly description?: string;
  readonly extends?: string;
  readonly overwrite?: boolean;
}

function unknownNames(values: OptionValues): readonly Issue[] {
  const platform = values.platform === undefined ? [] : findPlatform(values.platform).issues;
  const sizes = (['resolution', 'resolutionLimit'] as const).flatMap((key): readonly Issue[] => {
    const spec = values[key];
    if (spec?.kind !== 'name' || resolutionRow(spec.id)) return [];
    const flag = key === 'resolution' ? '--resolution' : '--resolution-limit';
    const message = `${flag}: there is no resolution '${spec.id}'`;
    const hint = '`sg-export resolutions` lists them; WxH and source are taken too';
    return [{ severity: 'error', code: 'unknown_resolution', message, path: flag, hint, exit: 'USAGE' }];
  });
  return [...platform, ...sizes];
}

function takenBy(id: string, session: Session, overwrite: boolean): readonly Issue[] {
  const base = { severity: 'error', code: 'preset_id_taken', path: id, exit: 'USAGE' } as const;
  const file = session.filePresets.presets.find((one) => one.preset_id === id)?.file;
  if (file)
    return [{ ...base, message: `'${id}' is the preset in ${file}`, hint: 'change that file, or choose another id' }];
  const saved = session.history.listPresets().some((one) => one.preset_id === id);
  if (!saved || overwrite) return [];
  return [{ ...base, message: `there is already a preset '${id}'`, hint: '--overwrite replaces it' }];
}

/**
 * Keeps a custom preset in the database. `settings` are flags by their keys in snake_case, as they were typed.
 * Throws SgError USAGE with all that is wrong: the id, a value, a name; or where there is no database to keep it in.
 */
export async function savePreset(
  session: Session,
  id: string,
  settings: Readonly<Record<string, unknown>>,
  about: PresetAbout,
): Promise<PresetRow> {
  requireHistory(session);
  const { values, issues } = readOptions(settings, { kind: 'flag' });
  const problems = [
    ...checkPresetId(id),
    ...issues,
    ...unknownNames(values),
    ...takenBy(id, session, about.overwrite === true),
  ];
  const earlier = session.history.listPresets().find((one) => one.preset_id === id);
  const now = new Date().toISOString();
  const stored = {
    preset_id: id,
    name: about.name ?? id,
    description: about.description ?? '',
    settings: {
      ...settings,
      ...(about.extends === undefined ? {} : { extends: about.extends }),
    },
    created_at: earlier?.created_at ?? now,
    updated_at: now,
  };
  const others = customPresets(session).filter((one) => one.preset_id !== id);
  const candidate: Preset = presetOfStored(stored);
  const lookup = findPreset(id, [...others, candidate]);
  // A parent that is missing or a circle; what is wrong with the id itself was found above.
  if (about.extends !== undefined) problems.push(...lookup.issues);
  throwIssues(problems);
  // Brings all decisions, which no listing pays for.
  const { contradictions } = await import('./preset-contradictions.ts');
  if (lookup.found) throwIssues(contradictions(lookup.found));
  session.history.savePreset(stored);
  requireHistory(session);
  if (!lookup.found) throw new SgError('INTERNAL', `preset '${id}' was saved and cannot be found`);
  return presetRow(lookup.found);
}

/** Deletes a saved preset. Throws SgError USAGE for one that is the system's, a file's, unknown, or built upon. */
export function deletePreset(session: Session, id: string): void {
  requireHistory(session);
  const saved = session.history.listPresets().map((one) => one.preset_id);
  const file = session.filePresets.presets.find((one) => one.preset_id === id)?.file;
  if (!saved.includes(id)) {
    if (file) throw new SgError('USAGE', `'${id}' is the preset in ${file}`, { hint: 'delete that file' });
    throwIssues(checkPresetId(id));
    const near = closest(id, saved);
    throw new SgError('USAGE', `there is no saved preset '${id}'`, {
      hint: near ? `did you mean '${near}'?` : saved.length > 0 ? `saved: ${saved.join(', ')}` : 'none is saved',
    });
  }
  const heirs = customPresets(session).filter((one) => one.extends === id && one.preset_id !== id);
  if (heirs.length > 0 && !file) {
    throw new SgError(
      'USAGE',
      `'${id}' cannot be deleted: ${heirs.map((one) => one.preset_id).join(', ')} extends it`,
      {
        hint: 'delete or change those first',
      },
    );
  }
  session.history.deletePreset(id);
  requireHistory(session);
}
