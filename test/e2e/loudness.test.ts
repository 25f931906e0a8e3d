import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { parseLoudness } from '../../src/analysis/loudness.ts';
import { ffmpeg, streamValue } from '../support/clips.ts';
import { expectRefusal, fresh, ok, ROOT, sg, shown } from '../support/run-cli.ts';

const path = (name: string) => join(ROOT, name);

/** Speech-like bursts of a voice's tones: quiet, with or without a click that leaves no room for gain. */
function talk(name: string, click: boolean): void {
  const voice = '0.12*sin(2*PI*220*t)*sin(2*PI*440*t)*(0.4+0.6*gt(sin(2*PI*0.9*t),0))';
  const peak = click ? '+0.8*lt(abs(t-4),0.002)' : '';
  const sound = `aevalsrc='${voice}${peak}|${voice}':s=48000:d=8`;
  const picture = 'testsrc2=s=160x90:r=25:d=8';
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'pcm_s16le'];
  ffmpeg(['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, ...codecs, path(name)]);
}

function meter(file: string): { readonly lufs: number; readonly peak: number } {
  const args = ['-hide_banner', '-nostdin', '-i', file, '-af', 'ebur128=peak=true:framelog=verbose', '-f', 'null', '-'];
  const found = parseLoudness(spawnSync('ffmpeg', args, { encoding: 'utf8' }).stderr);
  return { lufs: found?.lufs ?? Number.NaN, peak: found?.peakDbtp ?? Number.NaN };
}

async function delivered(name: string, ...flags: readonly string[]) {
  const args = ['export', path(name), '-o', join(fresh(), 'o.mov'), '--speed', 'ultrafast', '--json', ...flags];
  const run = await ok(args);
  return JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '');
}

describe('--loudness', () => {
  beforeAll(() => {
    talk('talk.mov', false);
    talk('click.mov', true);
  });

  it.each([
    ['talk.mov', -23, 'linear', 'aac'],
    ['talk.mov', -16, 'linear', 'mp3'],
    ['click.mov', -14, 'dynamic', 'aac'],
    ['click.mov', -14, 'dynamic', 'pcm'],
  ])(
    'brings %s to %d LUFS (%s, %s) within half a unit, peaks below -1 dBTP, at its own sample rate',
    async (name, lufs, mode, codec) => {
      const result = await delivered(name, '--loudness', String(lufs), '--audio-codec', codec);
      const [file] = result.output_files;
      const found = meter(file);
      expect(Math.abs(found.lufs - lufs)).toBeLessThanOrEqual(0.5);
      expect(found.peak).toBeLessThanOrEqual(codec === 'pcm' ? -0.8 : -0.3);
      expect(streamValue(file, 'audio', 'sample_rate')).toBe('48000');
      expect(result.settings).toMatchObject({ loudness_lufs: lufs, loudness_mode: mode });
      expect(result.verification.checks).toContainEqual(expect.objectContaining({ name: 'audio loudness', ok: true }));
      expect(result.warnings.some((text: string) => text.includes('limited'))).toBe(mode === 'dynamic');
    },
  );

  test('leaves silence as it is, and says so', async () => {
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
    const inputs = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=2', '-f', 'lavfi', '-i', 'anullsrc=d=2'];
    ffmpeg([...inputs, ...codecs, '-shortest', path('silent.mp4')]);
    const result = await delivered('silent.mp4', '--loudness', '-23');
    expect(result.warnings.join()).toMatch(/silent/);
  });

  test('says before anything is encoded what cannot be reached, and what can', async () => {
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'pcm_s16le'];
    const clicks = "aevalsrc='0.9*lt(mod(t,1),0.002)':s=48000:d=5";
    ffmpeg([
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=160x90:r=25:d=5',
      '-f',
      'lavfi',
      '-i',
      clicks,
      ...codecs,
      path('clicks.mov'),
    ]);
    const run = await sg(['export', path('clicks.mov'), '-o', join(fresh(), 'o.mp4'), '--loudness', '-6']);
    expectRefusal(run, 4);
    expect(run.stderr).toMatch(/reaches -\d+(\.\d)? LUFS at most/);
  });

  test('has nothing to do where there is no sound, and says so', async () => {
    const result = await delivered('talk.mov', '--loudness', '-23', '--audio-codec', 'none');
    expect(result.warnings.join()).toMatch(/nothing to do/);
  });

  it.each([
    [['--loudness', '3'], 4, /out of range/],
    [['--loudness', 'loud'], 2, /--loudness/],
    [['--loudness', '-23', '--audio-codec', 'copy', '--container', 'mov'], 4, /copied sound/],
  ])('refuses %j', async (flags, code, why) => {
    const run = await sg(['export', path('talk.mov'), '-o', fresh(), '--name', 'o', ...flags]);
    expectRefusal(run, code);
    expect(run.stderr, shown(run)).toMatch(why);
  });
});
