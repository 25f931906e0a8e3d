import type { StoredPreset } from '../model/history.ts';
import { isRow, objectOf, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

/**
 * The data model's own columns beside `custom_settings`, which alone is read back: each is filled from the setting of
 * its name, or from the flag of the same meaning.
 */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  target_quality: ['target_quality', 'quality'],
  video_codec: ['video_codec', 'codec'],
  audio_codec: ['audio_codec'],
  video_bitrate: ['video_bitrate', 'bitrate'],
  audio_bitrate: ['audio_bitrate'],
  resolution_limit: ['resolution_limit', 'resolution'],
  encoding_speed: ['encoding_speed', 'speed'],
};

const COLUMNS = ['preset_id', 'user_id', 'name', 'description', ...Object.keys(SHOWN), 'custom_settings'];

export function listPresets({ statement }: Connection): readonly StoredPreset[] {
  const rows = statement('SELECT * FROM export_presets WHERE is_system = 0 ORDER BY preset_id').all();
  return rows.filter(isRow).map((row) => ({
    preset_id: textOf(row.preset_id),
    name: textOf(row.name),
    description: textOf(row.description),
    settings: objectOf(row.custom_settings),
    created_at: textOf(row.created_at),
    updated_at: textOf(row.updated_at),
  }));
}

/** Replaces a preset of the same id, which keeps the time of its making. */
export function savePreset({ statement, user }: Connection, preset: StoredPreset): void {
  const { settings } = preset;
  const shown = Object.entries(SHOWN).map(([column, names]): [string, string | null] => {
    const name = names.find((candidate) => settings[candidate] !== undefined);
    return [column, name === undefined ? null : shownText(settings[name])];
  });
  const names = [...COLUMNS, 'created_at', 'updated_at'];
  statement(
    `INSERT INTO export_presets (${names.join(', ')}, is_system) VALUES (${names.map((name) => `@${name}`).join(', ')}, 0)
     ON CONFLICT (preset_id) DO UPDATE SET
       ${[...COLUMNS.slice(1), 'updated_at'].map((name) => `${name} = excluded.${name}`).join(', ')}`,
  ).run({
    preset_id: preset.preset_id,
    user_id: user,
    name: preset.name,
    description: preset.description,
    ...Object.fromEntries(shown),
    custom_settings: JSON.stringify(settings),
    created_at: preset.created_at,
    updated_at: preset.updated_at,
  });
}

export function deletePreset({ statement }: Connection, presetId: string): boolean {
  return statement('DELETE FROM export_presets WHERE preset_id = ? AND is_system = 0').run(presetId).changes > 0;
}

function shownText(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
