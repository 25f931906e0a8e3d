import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultHistoryPath } from '../../../src/store/history-path.ts';

describe('where history is kept', () => {
  it('follows SG_EXPORT_DB before everything, made absolute', () => {
    expect(defaultHistoryPath({ SG_EXPORT_DB: '/x/a.db', XDG_STATE_HOME: '/state' }, '/home/u')).toBe('/x/a.db');
    expect(defaultHistoryPath({ SG_EXPORT_DB: 'a.db' }, '/home/u')).toBe(resolve('a.db'));
  });

  it('takes an absolute XDG_STATE_HOME and ignores a relative or an empty one', () => {
    expect(defaultHistoryPath({ XDG_STATE_HOME: '/state' }, '/home/u')).toBe('/state/sg-export/history.db');
    expect(defaultHistoryPath({ XDG_STATE_HOME: 'state', SG_EXPORT_DB: '' }, '/home/u', 'linux')).toBe(
      '/home/u/.local/state/sg-export/history.db',
    );
    expect(defaultHistoryPath({ XDG_STATE_HOME: '' }, '/home/u', 'linux')).toBe(
      '/home/u/.local/state/sg-export/history.db',
    );
  });

  it('falls back to the customary folder of the platform', () => {
    expect(defaultHistoryPath({}, '/Users/u', 'darwin')).toBe(
      '/Users/u/Library/Application Support/sg-export/history.db',
    );
    expect(defaultHistoryPath({ LOCALAPPDATA: '/Local' }, '/Users/u', 'win32')).toBe('/Local/sg-export/history.db');
    expect(defaultHistoryPath({}, '/Users/u', 'win32')).toBe('/Users/u/AppData/Local/sg-export/history.db');
  });
});
