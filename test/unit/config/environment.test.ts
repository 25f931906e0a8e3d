import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';

const NAMES = ['hw', 'two-pass', 'max_bitrate', 'db'];

describe('settings in the environment', () => {
  it('are read by the names of the flags, dashed or not, as raw text under snake_case keys', () => {
    const env = { SG_EXPORT_HW: 'off', SG_EXPORT_TWO_PASS: '1', SG_EXPORT_MAX_BITRATE: ' 4M ', HW: 'x', PATH: '/bin' };
    expect(readEnvironment(env, NAMES)).toEqual({
      values: { hw: 'off', two_pass: '1', max_bitrate: ' 4M ' },
      unknown: [],
    });
  });

  it('that are empty or unset do not count', () => {
    expect(readEnvironment({ SG_EXPORT_HW: '', SG_EXPORT_TWO_PASS: undefined, SG_EXPORT_NEW: '' }, NAMES)).toEqual({
      values: {},
      unknown: [],
    });
  });

  it('leave alone what is read elsewhere, even where a flag has that name', () => {
    const env = {
      SG_EXPORT_DB: '/a',
      SG_EXPORT_FFMPEG: '/b',
      SG_EXPORT_FFPROBE: '/c',
      SG_EXPORT_TEST_MEDIA: '/d',
      SG_EXPORT_TEST_ANYTHING: '/e',
    };
    expect(readEnvironment(env, NAMES)).toEqual({ values: {}, unknown: [] });
  });

  it('report names that mean nothing, in order', () => {
    const env = { SG_EXPORT_TWOPASS: '1', SG_EXPORT_: 'x', SG_EXPORT_hw: 'off', SG_EXPORTED: 'y' };
    expect(readEnvironment(env, NAMES)).toEqual({
      values: {},
      unknown: ['SG_EXPORT_', 'SG_EXPORT_TWOPASS', 'SG_EXPORT_hw'],
    });
  });
});
