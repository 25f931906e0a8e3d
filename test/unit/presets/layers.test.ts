import { describe, expect, it } from 'vitest';
import { foldLayers } from '../../../src/presets/layers.ts';

const fold = (weak: object, strong: object) =>
  foldLayers([
    { layer: 'config', values: weak },
    { layer: 'flag', values: strong },
  ]).values;

describe('what a stronger layer says of the rate', () => {
  it.each([
    [{ crf: 40 }, { quality: 'ultra' }, { quality: 'ultra' }],
    [{ bitrate: 200, maxBitrate: 400 }, { quality: 'low' }, { quality: 'low', maxBitrate: 400 }],
    [{ mode: 'vbr', quality: 'low' }, { quality: 'high' }, { mode: 'vbr', quality: 'high' }],
    [{ quality: 'ultra' }, { crf: 30 }, { quality: 'ultra', crf: 30 }],
    [{ crf: 30 }, { bitrate: 900 }, { bitrate: 900 }],
    [{ bitrate: 900, mode: 'abr' }, { crf: 30 }, { crf: 30 }],
    [{ crf: 30 }, { speed: 'slow' }, { crf: 30, speed: 'slow' }],
  ] as const)('takes back what a weaker one said: %j under %j', (weak, strong, folded) => {
    expect(fold(weak, strong)).toEqual(folded);
  });

  it('lets a layer give a level and a CRF of its own', () => {
    expect(fold({}, { quality: 'high', crf: 25 })).toEqual({ quality: 'high', crf: 25 });
  });
});
