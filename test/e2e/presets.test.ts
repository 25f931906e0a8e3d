import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { clip, streamValue } from '../support/clips.ts';
import { expectRefusal, fresh, ok, sg, shown } from '../support/run-cli.ts';

const json = async (args: readonly string[], cwd?: string) => {
  const run = await ok([...args, '--json'], cwd ? { cwd } : {});
  return JSON.parse(run.stdout) as Readonly<Record<string, unknown>>;
};

describe('saved presets', () => {
  let db: string[];
  beforeAll(() => {
    db = ['--db', join(fresh(), 'h.db')];
  });

  it('are kept, shown, listed, replaced when that is asked for, and deleted', async () => {
    await ok(['presets', 'save', 'mine', '--codec', 'hevc', '--crf', '31', '--description', 'For me', ...db]);
    expect(await json(['presets', 'show', 'mine', ...db])).toMatchObject({
      video_codec: 'h265',
      description: 'For me',
      is_system: false,
    });
    const { presets } = await json(['presets', ...db]);
    expect(presets).toEqual(expect.arrayContaining([expect.objectContaining({ preset_id: 'mine' })]));
    const again = await sg(['presets', 'save', 'mine', '--codec', 'vp9', ...db]);
    expectRefusal(again, 2);
    expect(again.stderr).toContain('--overwrite');
    await ok(['presets', 'save', 'mine', '--codec', 'vp9', '--overwrite', ...db]);
    expect(await json(['presets', 'show', 'mine', ...db])).toMatchObject({ video_codec: 'vp9' });
    await ok(['presets', 'delete', 'mine', ...db]);
    expectRefusal(await sg(['presets', 'show', 'mine', ...db]), 2);
  });

  it('build on others, and tell where each value comes from', async () => {
    await ok(['presets', 'save', 'house', '--extends', 'mobile', '--bitrate', '3M', ...db]);
    await ok(['presets', 'save', 'desk', '--extends', 'house', '--crf', '20', '--size-priority', 'quality', ...db]);
    const { stdout } = await ok(['presets', 'show', 'desk', ...db]);
    expect(stdout).toMatch(/^Builds on +house, mobile$/m);
    expect(stdout).toMatch(/^crf +20 +desk$/m);
    expect(stdout).toMatch(/^resolution_limit +720p +mobile$/m);
    // A CRF is another wish than the bitrate of the preset below.
    expect(stdout).not.toMatch(/^bitrate/m);
    expect(await json(['presets', 'show', 'desk', ...db])).toMatchObject({ file_size_priority: 'quality' });
    const refused = await sg(['presets', 'delete', 'house', ...db]);
    expectRefusal(refused, 2);
    expect(refused.stderr).toContain('desk extends it');
  });

  it.each([
    [['--crf', '900'], /--crf 900 is out of range for libx264/],
    [['--codec', 'vp9', '--container', 'mov'], /mov/i],
    [['--extends', 'web_optimized', '--audio-codec', 'aac'], /aac/i],
  ])('refuse what no source could make right: %j', async (settings, why) => {
    const refused = await sg(['presets', 'save', 'wrong', ...settings, ...db]);
    expectRefusal(refused, 4);
    expect(refused.stderr).toMatch(why);
    expectRefusal(await sg(['presets', 'show', 'wrong', ...db]), 2);
  });

  it.each([
    [['presets', 'save', 'mobile', '--crf', '20'], /'mobile' is a system preset/],
    [['presets', 'save', 'a b', '--crf', '20'], /cannot be a preset's id/],
    [['presets', 'save', 'x', '--crf', 'abc'], /--crf/],
    [['presets', 'save', 'x', '--codec', 'h266'], /did you mean 'h26[45]'/],
    [['presets', 'save', 'x', '--platform', 'tiktak'], /did you mean 'tiktok'/],
    [['presets', 'save', 'x', '--resolution', '999q'], /999q/],
    [['presets', 'save', 'x', '--extends', 'nope'], /nope/],
    [['presets', 'save', 'x', '--receipt', 'r.json'], /--receipt/],
    [['presets', 'delete', 'archive'], /system preset/],
    [['presets', 'delete', 'nope'], /nope/],
    [['presets', 'lst'], /lst|argument/],
  ])('%s is refused', async (args, said) => {
    const run = await sg([...args, ...db]);
    expectRefusal(run, 2);
    expect(run.stderr).toMatch(said);
  });

  it('several mistakes are told at once', async () => {
    const run = await sg(['presets', 'save', 'a b', '--crf', 'x', '--fps', '-3', '--resolution', '9q', ...db]);
    expect(run.code, shown(run)).toBe(2);
    expect(run.stderr).toContain('4 things');
  });

  it('cannot be saved where there is no database, and that is said', async () => {
    const folder = fresh();
    writeFileSync(join(folder, 'h.db'), 'not a database'.repeat(100));
    const run = await sg(['presets', 'save', 'mine', '--crf', '20', '--db', join(folder, 'h.db')]);
    expectRefusal(run, 2);
    expect(run.stderr).toContain('h.db');
  });
});

describe('presets in files beside the configuration', () => {
  const preset = (id: string, more: object) => JSON.stringify({ version: 1, preset_id: id, ...more });
  function project(): string {
    const folder = fresh();
    mkdirSync(join(folder, 'sg-export-presets'));
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, '.sg-exportrc.json'), JSON.stringify({ presets: ['more.json'] }));
    writeFileSync(join(folder, 'sg-export-presets', 'house.json'), preset('house', { codec: 'vp9', crf: 30 }));
    writeFileSync(join(folder, 'more.json'), preset('more', { extends: 'house', speed: 'fast' }));
    return folder;
  }

  it('are listed, build on one another, and are used from a folder below', async () => {
    const folder = project();
    const { stdout } = await ok(['presets', 'show', 'more'], { cwd: join(folder, 'deep') });
    expect(stdout).toContain(join(folder, 'more.json'));
    expect(stdout).toMatch(/^codec +vp9 +house$/m);
    expect((await ok(['presets', '--ids'], { cwd: folder })).stdout.split('\n')).toEqual(
      expect.arrayContaining(['archive', 'house', 'more']),
    );
    const refused = await sg(['presets', 'save', 'house', '--crf', '20'], { cwd: folder });
    expectRefusal(refused, 2);
    expect(refused.stderr).toContain('house.json');
  });

  it('make what they say, and stand in the depfile', async () => {
    const folder = project();
    const output = join(folder, 'out.webm');
    await ok(['export', clip({ sec: 1 }), '--preset', 'more', '-o', output, '--depfile', 'out.d'], { cwd: folder });
    expect(streamValue(output, 'video', 'codec_name')).toBe('vp9');
    const rule = readFileSync(join(folder, 'out.d'), 'utf8');
    for (const name of ['more.json', 'house.json', '.sg-exportrc.json']) expect(rule).toContain(name);
  });

  it('one that is broken is named, and stops only who asks for a preset', async () => {
    const folder = project();
    writeFileSync(join(folder, 'sg-export-presets', 'bad.json'), '{"version": 1,\n"preset_id": "bad", "codek": "vp9"}');
    writeFileSync(join(folder, 'sg-export-presets', 'worse.json'), '{"version": 1,\n,}');
    const list = await ok(['presets'], { cwd: folder });
    expect(list.stderr).toContain("unknown key 'codek'");
    expect(list.stderr).toMatch(/worse\.json, line 2/);
    expect(list.stdout).toContain('house');
    const show = await sg(['presets', 'show', 'bad'], { cwd: folder });
    expect(show.code, shown(show)).toBe(2);
    expect(show.stderr).toContain('codek');
    expect((await sg(['export', 'in.mov', '--dry-run'], { cwd: folder })).code).toBe(3);
  });
});
