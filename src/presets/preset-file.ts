import type { Issue } from '../model/errors.ts';
import { readOptions } from '../model/read-options.ts';
import { checkPresetId } from './catalogue.ts';
import { PRESET_HEADER_KEYS, type Preset, presetOf } from './preset.ts';
import { PresetHeader } from './schema.ts';

/**
 * Reads the parsed JSON of a user's preset file. Every wrong key and value is a finding (exit 2) that names the
 * file; a preset comes only without any. Import this lazily: it brings zod.
 */
export function readPresetFile(
  raw: unknown,
  file: string,
): { readonly preset: Preset | undefined; readonly issues: readonly Issue[] } {
  const header = PresetHeader.safeParse(raw);
  if (!header.success) {
    return { preset: undefined, issues: header.error.issues.map((issue) => headerIssue(issue, raw, file)) };
  }
  const preset = presetOf(file, header.data, false);
  const issues = [
    ...checkPresetId(preset.preset_id),
    ...('preset' in preset.settings ? [presetInPreset(file)] : []),
    ...readOptions(preset.settings, { kind: 'preset', file }).issues,
  ];
  return { preset: issues.length === 0 ? preset : undefined, issues };
}

function presetInPreset(file: string): Issue {
  const message = `${file}: a preset builds on another by 'extends', not by 'preset'`;
  return {
    severity: 'error',
    code: 'preset_in_preset',
    message,
    path: 'preset',
    hint: "write 'extends'",
    exit: 'USAGE',
  };
}

function headerIssue(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  raw: unknown,
  file: string,
): Issue {
  const key = issue.path.map(String).join('.');
  const newer =
    key === 'version' && typeof raw === 'object' && raw !== null && 'version' in raw && Number(raw.version) > 1;
  return {
    severity: 'error',
    code: 'bad_preset_file',
    message: `${file}: ${key === '' ? 'not a preset' : `'${key}'`}: ${newer ? 'written for a newer sg-export' : issue.message}`,
    path: file,
    hint: newer
      ? 'update sg-export'
      : `a preset is a JSON object with version 1, ${PRESET_HEADER_KEYS.slice(2).join(', ')} and settings`,
    exit: 'USAGE',
  };
}
