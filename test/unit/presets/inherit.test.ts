import { describe, expect, it } from 'vitest';
import { inherit, plainSettings } from '../../../src/presets/inherit.ts';
import { presetOf } from '../../../src/presets/preset.ts';

const preset = (preset_id: string, settings: object) =>
  presetOf(`${preset_id}.json`, { preset_id, ...settings }, false);

describe('what a preset inherits', () => {
  it('the nearer one wins, and each value knows whose it is', () => {
    const folded = inherit([preset('far', { codec: 'vp9', speed: 'slow' }), preset('near', { speed: 'fast' })]);
    expect(folded).toEqual({
      codec: { value: 'vp9', preset_id: 'far' },
      speed: { value: 'fast', preset_id: 'near' },
    });
  });

  it('two names of one setting are one setting', () => {
    const line = [preset('far', { codec: 'vp9', target_quality: 'low' }), preset('near', { video_codec: 'h265' })];
    expect(plainSettings(inherit(line))).toEqual({ codec: 'h265', quality: 'low' });
  });

  it.each([
    ['a CRF drops an inherited bitrate and mode', { bitrate: '4M', mode: 'cbr' }, { crf: 20 }, { crf: 20 }],
    [
      'a bitrate drops an inherited CRF and maximum',
      { crf: 20, max_bitrate: '5M' },
      { bitrate: '8M' },
      { bitrate: '8M' },
    ],
    ['a CRF keeps an inherited maximum', { max_bitrate: '5M' }, { crf: 20 }, { max_bitrate: '5M', crf: 20 }],
    ['a speed drops nothing', { crf: 20 }, { speed: 'fast' }, { crf: 20, speed: 'fast' }],
  ])('%s', (_, far, near, wanted) => {
    expect(plainSettings(inherit([preset('far', far), preset('near', near)]))).toEqual(wanted);
  });
});
