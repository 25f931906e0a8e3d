import type { OptionKey, OptionValues } from '../model/option-values.ts';
import type { Layer, SettingsFrom } from '../model/settings.ts';

/** One layer's values: later layers win over earlier ones, key by key; undefined means not given. */
export interface LayerValues {
  readonly layer: Layer;
  readonly values: OptionValues;
}

/** The folded request, with the layer that each value came from. */
export interface Layered {
  readonly values: OptionValues;
  readonly from: SettingsFrom;
}

/** Keys that decide rate control together: a stronger layer's choice of one drops a weaker layer's other. */
const RATE_KEYS: readonly OptionKey[] = ['crf', 'bitrate', 'mode', 'targetSize', 'targetQuality'];

/** What a weaker layer said of the rate and a stronger one, by saying something else of it, takes back. */
export function overruled(keys: readonly string[]): readonly string[] {
  // An average that was asked for is not held down by a weaker layer's maximum.
  if (keys.includes('bitrate')) return [...RATE_KEYS, 'maxBitrate'];
  if (['crf', 'targetSize', 'targetQuality'].some((key) => keys.includes(key))) return RATE_KEYS;
  // A level is a wish for its own CRF or bitrate, in whichever mode.
  return keys.includes('quality') ? ['crf', 'bitrate', 'targetSize', 'targetQuality'] : [];
}

/** Folds layers, weakest first. */
export function foldLayers(layers: readonly LayerValues[]): Layered {
  const values: Record<string, unknown> = {};
  const from: Record<string, Layer> = {};
  for (const { layer, values: given } of layers) {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined);
    const keys = entries.map(([key]) => key);
    // A name that a weaker layer gave its size is not that of a stronger one's.
    const sized = keys.includes('maxSize') || keys.includes('targetSize');
    for (const key of [...overruled(keys), ...(sized ? ['sizeCap'] : [])]) {
      delete values[key];
      delete from[key];
    }
    for (const [key, value] of entries) {
      values[key] = value;
      from[key] = layer;
    }
  }
  return { values, from };
}
