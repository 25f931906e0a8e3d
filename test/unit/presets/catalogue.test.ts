import { describe, expect, it } from 'vitest';
import {
  checkPresetId,
  findPlatform,
  findPreset,
  listPlatforms,
  listPresets,
  presetOfStored,
} from '../../../src/presets/catalogue.ts';
import { presetOf } from '../../../src/presets/preset.ts';
import { readPresetFile } from '../../../src/presets/preset-file.ts';
import { platformRow, platformsTaking, presetRow } from '../../../src/presets/rows.ts';

const custom = (preset_id: string, rest: object) => presetOf(`${preset_id}.json`, { preset_id, ...rest }, false);

describe('presets', () => {
  it('inherit, and say from whom', () => {
    const mine = [
      custom('mine', { extends: 'house', crf: 31 }),
      custom('house', { extends: 'mobile', audio_bitrate: 96 }),
    ];
    const { found } = findPreset('mine', mine);
    expect(found?.lineage).toEqual(['mobile', 'house', 'mine']);
    expect(found?.settings).toMatchObject({ codec: 'h264', resolution_limit: '720p', audio_bitrate: 96, crf: 31 });
    expect(found?.settings.size_priority).toBe('size');
  });

  it('what the nearer one says wins', () => {
    const { found } = findPreset('mine', [custom('mine', { extends: 'mobile', quality: 'ultra' })]);
    expect(found?.settings.quality).toBe('ultra');
  });

  it('unknown names come with the nearest and all known ones', () => {
    const { found, issues } = findPreset('archiv', [custom('mine', {})]);
    expect(found).toBeUndefined();
    expect(issues).toMatchObject([{ severity: 'error', exit: 'USAGE', path: '--preset' }]);
    expect(issues[0]?.hint).toContain("did you mean 'archive'?");
    expect(issues[0]?.hint).toContain('mine');
  });

  it('an unknown parent and a circle are named with their files', () => {
    const orphan = findPreset('mine', [custom('mine', { extends: 'gone' })]);
    expect(orphan.issues).toMatchObject([{ exit: 'USAGE', message: "mine.json extends 'gone', which does not exist" }]);
    const circle = findPreset('a', [custom('a', { extends: 'b' }), custom('b', { extends: 'a' })]);
    expect(circle.issues).toMatchObject([{ exit: 'USAGE', message: 'presets extend each other: a → b → a' }]);
    expect(findPreset('a', [custom('a', { extends: 'a' })]).issues).toHaveLength(1);
  });

  it('a system id cannot be taken', () => {
    expect(checkPresetId('mobile')).toMatchObject([{ code: 'preset_id_taken', exit: 'USAGE' }]);
    expect(checkPresetId('../mobile')).toMatchObject([{ code: 'bad_preset_id' }]);
    expect(checkPresetId('mobile_2')).toEqual([]);
    const listed = listPresets([custom('mobile', { crf: 40 })]).filter((one) => one.preset_id === 'mobile');
    expect(listed).toMatchObject([{ is_system: true }]);
  });

  it('out of the database, under the data model', () => {
    const stored = presetOfStored({
      preset_id: 'mine',
      name: 'Mine',
      description: '',
      settings: { codec: 'h265', crf: 31, audio_codec: 'opus', container: 'mkv', set: ['aq-mode=3'] },
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    });
    const { found } = findPreset('mine', [stored]);
    expect(found && presetRow(found)).toMatchObject({
      video_codec: 'h265',
      audio_codec: 'opus',
      container: 'mkv',
      target_quality: null,
      video_bitrate: null,
      custom_settings: { 'aq-mode': '3' },
      is_system: false,
    });
  });
});

describe('a user’s preset file', () => {
  const read = (raw: unknown) => readPresetFile(raw, 'mine.json');

  it('is read with the data model’s names too', () => {
    const { preset, issues } = read({ version: 1, preset_id: 'mine', video_codec: 'hevc', extends: 'mobile' });
    expect(issues).toEqual([]);
    expect(preset).toMatchObject({ preset_id: 'mine', extends: 'mobile', settings: { video_codec: 'hevc' } });
  });

  it('every wrong key and value is a finding that names the file', () => {
    const { preset, issues } = read({
      version: 1,
      preset_id: 'mobile',
      codek: 'h264',
      quality: 'best',
      output: 'x.mp4',
    });
    expect(preset).toBeUndefined();
    expect(issues.map((issue) => issue.code)).toEqual([
      'preset_id_taken',
      'unknown_key',
      'bad_quality',
      'key_not_allowed_here',
    ]);
    expect(issues.every((issue) => issue.exit === 'USAGE')).toBe(true);
    expect(issues[1]).toMatchObject({ hint: "did you mean 'codec'?" });
  });

  it('builds on another by extends alone', () => {
    expect(read({ version: 1, preset_id: 'mine', preset: 'mobile' }).issues).toMatchObject([
      { code: 'preset_in_preset' },
    ]);
  });

  it.each([
    ['a list', [], /not a preset/],
    ['no id', { version: 1 }, /preset_id/],
    ['no version', { preset_id: 'mine' }, /version/],
    ['a newer version', { preset_id: 'mine', version: 2 }, /newer sg-export/],
  ])('%s is refused', (_, raw, message) => {
    const { preset, issues } = read(raw);
    expect(preset).toBeUndefined();
    expect(issues[0]?.message).toMatch(message);
    expect(issues[0]?.message).toContain('mine.json');
  });
});

describe('platforms', () => {
  it('are found by id and by other names', () => {
    expect(findPlatform('YouTube').found?.platform_id).toBe('youtube');
    expect(findPlatform('x').found?.platform_id).toBe('twitter');
    expect(findPlatform('tiktak').issues[0]).toMatchObject({ exit: 'USAGE', path: '--platform' });
    expect(findPlatform('tiktak').issues[0]?.hint).toContain("did you mean 'tiktok'?");
  });

  it('are listed by the codecs that they take', () => {
    expect(platformsTaking('vp9')).toEqual(['youtube', 'tiktok', 'web']);
    expect(platformsTaking('dnxhr')).toEqual(['professional']);
  });

  it('rows carry the contract’s keys', () => {
    const keys =
      'platform_id name video_codec audio_codec container supported_video_codecs supported_audio_codecs max_resolution max_frame_rate aspect_ratios max_file_size_mb max_duration_seconds recommended_settings compatibility_notes rules sources';
    for (const platform of listPlatforms()) {
      const row = platformRow(platform);
      expect(Object.keys(row)).toEqual(expect.arrayContaining(keys.split(' ')));
      expect(row.sources.length, platform.platform_id).toBeGreaterThan(0);
      expect(row.supported_video_codecs).toContain(row.video_codec);
      expect(row.supported_audio_codecs).toContain(row.audio_codec);
      expect(row.supported_containers).toContain(row.container);
    }
  });
});
