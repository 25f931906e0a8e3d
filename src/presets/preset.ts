/** Keys of a preset file that are not settings. */
export const PRESET_HEADER_KEYS = ['$schema', 'version', 'preset_id', 'name', 'description', 'extends'] as const;

/** A preset: sparse settings under the flags' names in snake_case, raw as they were written. */
export interface Preset {
  readonly preset_id: string;
  readonly name: string;
  readonly description: string;
  /** The preset whose settings stand where this one says nothing. */
  readonly extends?: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly is_system: boolean;
  /** The file that it was read from, for messages. */
  readonly file: string;
}

/** A preset file's own keys; settings stand beside them. */
export interface PresetFile {
  readonly preset_id: string;
  readonly name?: string;
  readonly description?: string;
  readonly extends?: string;
  readonly [setting: string]: unknown;
}

/** A preset with what it inherits. */
export interface ResolvedPreset extends Preset {
  /** Ids from the farthest ancestor to the preset itself. */
  readonly lineage: readonly string[];
}

/** A file's object in parts. The caller has checked it: a shipped file by the unit tests, a user's by `readPresetFile`. */
export function presetOf(file: string, raw: PresetFile, isSystem: boolean): Preset {
  const header: readonly string[] = PRESET_HEADER_KEYS;
  return {
    preset_id: raw.preset_id,
    name: raw.name ?? raw.preset_id,
    description: raw.description ?? '',
    ...(raw.extends === undefined ? {} : { extends: raw.extends }),
    settings: Object.fromEntries(Object.entries(raw).filter(([key]) => !header.includes(key))),
    is_system: isSystem,
    file,
  };
}
