import { keyOf } from '../model/options.ts';
import { optionFor } from '../model/read-options.ts';
import type { Preset } from './preset.ts';

/** Decide rate control together: who sets a CRF does not want the bitrate of the preset that it builds on. */
const RATE_KEYS: readonly string[] = ['crf', 'bitrate', 'mode', 'target_size', 'target_quality'];

/** A setting, and the preset that it came from. */
export interface Inherited {
  readonly value: unknown;
  readonly preset_id: string;
}

/**
 * Folds presets, the farthest ancestor first: what the nearer one says wins. Keys come under the flags' own names,
 * because `video_codec` in a child must replace `codec` in its parent.
 */
export function inherit(line: readonly Preset[]): Readonly<Record<string, Inherited>> {
  const folded: Record<string, Inherited> = {};
  for (const { preset_id, settings } of line) {
    const own = Object.entries(settings).map(([key, value]): readonly [string, unknown] => {
      const row = optionFor(key, value);
      return [row ? keyOf(row.name) : key, value];
    });
    const keys = own.map(([key]) => key);
    if (['crf', 'bitrate', 'target_size', 'target_quality'].some((key) => keys.includes(key))) {
      for (const key of keys.includes('bitrate') ? [...RATE_KEYS, 'max_bitrate'] : RATE_KEYS) delete folded[key];
    }
    for (const [key, value] of own) folded[key] = { value, preset_id };
  }
  return folded;
}

/** The settings alone. */
export function plainSettings(folded: Readonly<Record<string, Inherited>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(folded).map(([key, { value }]) => [key, value]));
}
