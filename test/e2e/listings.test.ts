import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { loggingEncoder, REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, sg, shown } from '../support/run-cli.ts';

type Row = Readonly<Record<string, unknown>>;
const rowsOf = (text: string, key: string): readonly Row[] => {
  const document: unknown = JSON.parse(text);
  const rows = (document as Readonly<Record<string, unknown>>)[key];
  expect(Array.isArray(rows), `${key} is a list`).toBe(true);
  return rows as readonly Row[];
};
const keys = (row: Row | undefined): readonly string[] => Object.keys(row ?? {});

// The names are the data model's: scripts read them.
const CODEC_KEYS =
  'codec_id name encoder container containers file_extension compatibility quality_range default_params available encoders';
const PRESET_KEYS =
  'preset_id name description target_quality video_codec audio_codec container video_bitrate audio_bitrate resolution_limit encoding_speed file_size_priority custom_settings is_system';
const PLATFORM_KEYS =
  'platform_id name video_codec audio_codec container supported_video_codecs supported_audio_codecs max_resolution max_frame_rate aspect_ratios max_file_size_mb max_duration_seconds recommended_settings compatibility_notes rules sources';
const RESOLUTION_KEYS = 'preset_id name width height aspect_ratio common_name scaling_method bitrate_multiplier';

describe('listings for programs', () => {
  it.each([
    ['codecs', 'video_codecs', CODEC_KEYS],
    ['codecs', 'audio_codecs', 'codec_id name encoder bitrate_range sample_rates channels'],
    ['codecs', 'containers', 'format_id name extension video_codecs audio_codecs features'],
    ['presets', 'presets', PRESET_KEYS],
    ['platforms', 'platforms', PLATFORM_KEYS],
    ['platforms', 'size_caps', 'cap_id name about limit_mb encoding file_bytes source checked_on conflicts'],
    ['resolutions', 'resolutions', RESOLUTION_KEYS],
  ])('%s --json: %s carry the documented keys', async (command, key, wanted) => {
    const rows = rowsOf((await ok([command, '--json'])).stdout, key);
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) expect(keys(row)).toEqual(expect.arrayContaining(wanted.split(' ')));
  });

  it.each([
    ['codecs', 'h265', { codec_id: 'h265' }],
    ['codecs', 'hevc', { codec_id: 'h265' }],
    ['codecs', 'opus', { codec_id: 'opus' }],
    ['codecs', 'webm', { format_id: 'webm' }],
    ['platforms', 'tiktok', { platform_id: 'tiktok' }],
    ['platforms', 'x', { platform_id: 'twitter' }],
    ['presets', 'show', { preset_id: 'mobile' }],
  ])('%s %s --json is one row', async (command, id, row) => {
    const args = command === 'presets' ? ['presets', 'show', 'mobile'] : [command, id];
    expect(JSON.parse((await ok([...args, '--json'])).stdout)).toMatchObject(row);
  });

  it('flavours range from the lightest to the heaviest', async () => {
    const rows = rowsOf((await ok(['codecs', '--json'])).stdout, 'video_codecs');
    const range = (id: string) => rows.find((row) => row.codec_id === id)?.quality_range;
    expect(range('prores')).toMatchObject({ min: 'proxy', max: '4444xq' });
    expect(range('dnxhr')).toMatchObject({ min: 'lb', max: '444' });
  });

  it.each([
    [['codecs', 'h999'], 'h264'],
    [['platforms', 'tiktak'], 'tiktok'],
    [['presets', 'show', 'archiv'], 'archive'],
  ])('%s is refused with what was probably meant', async (args, meant) => {
    const plain = await sg(args);
    expectRefusal(plain, 2);
    expect(plain.stderr).toContain(meant);
    const json = await sg([...args, '--json']);
    expect(json.code, shown(json)).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ error_code: 'USAGE', error_message: expect.any(String) });
  });
});

describe('listings for people', () => {
  const LISTINGS = [
    ...['codecs', 'presets', 'platforms', 'resolutions'].map((name) => [name]),
    ...['h264', 'av1', 'prores', 'opus', 'mkv'].map((id) => ['codecs', id]),
    ['presets', 'show', 'mobile'],
  ];
  it.each(LISTINGS.map((args) => [args]))('%s fits into 80 columns', async (args) => {
    const run = await ok(args);
    for (const line of run.stdout.split('\n')) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
  });

  it('a platform page tells each rule with its source; only addresses may be wider', async () => {
    const { stdout } = await ok(['platforms', 'instagram']);
    for (const line of stdout.split('\n').filter((one) => !one.includes('https://')))
      expect(stringWidth(line), line).toBeLessThanOrEqual(80);
    expect(stdout).toContain('Refused otherwise');
    expect(stdout).toMatch(/^\[1\] \S+ \(\d{4}-\d\d-\d\d\)$/m);
  });

  it('says what this machine cannot make, and why', async () => {
    const folder = fresh();
    const without = script(folder, 'ffmpeg', `'${REAL_FFMPEG}' "$@" | grep -v libx265`);
    const run = await ok(['codecs', '--ffmpeg', without, '--db', `${folder}/h.db`]);
    expect(run.stdout).toMatch(/^h265 .*no: not in this ffmpeg$/m);
    expect(run.stdout).toMatch(/^h264 .*yes$/m);
  });

  it('lists without any ffmpeg, and says so once', async () => {
    const run = await ok(['codecs', '--ffmpeg', '/nonexistent/ffmpeg']);
    expect(run.stdout.match(/does not exist/g)).toHaveLength(1);
    const json = await ok(['codecs', '--ffmpeg', '/nonexistent/ffmpeg', '--json']);
    expect(rowsOf(json.stdout, 'video_codecs').map((row) => row.available)).not.toContain(true);
  });

  it('asks ffmpeg once, and then the cache', async () => {
    const folder = fresh();
    const { path, calls } = loggingEncoder(folder);
    const args = ['codecs', '--json', '--ffmpeg', path, '--db', `${folder}/h.db`];
    await ok(args);
    const asked = calls().length;
    expect(asked).toBeGreaterThan(0);
    await ok(args);
    expect(calls()).toHaveLength(asked);
  });

  it('reads presets, platforms and history without making a database', async () => {
    const folder = fresh();
    for (const args of [['presets'], ['platforms'], ['resolutions'], ['history']])
      await ok([...args, '--db', `${folder}/h.db`]);
    expect(listing(folder)).toEqual([]);
  });
});

describe('help', () => {
  it('every subcommand has examples', async () => {
    const words = (await ok(['--help'])).stdout.match(/^ {2}([a-z]+)(?= |$)/gm) ?? [];
    const commands = words.map((word) => word.trim()).filter((word) => word !== 'help');
    expect(commands).toEqual(
      expect.arrayContaining(['export', 'codecs', 'presets', 'history', 'doctor', 'completion']),
    );
    const children = ['list', 'show', 'save', 'delete'].map((name) => ['presets', name]);
    for (const args of [...commands.map((name) => [name]), ...children]) {
      const run = await ok([...args, '--help']);
      expect(run.stdout, args.join(' ')).toContain('Examples:');
    }
  });
});
