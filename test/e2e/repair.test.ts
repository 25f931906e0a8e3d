import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { ffmpeg, streamValue } from '../support/clips.ts';
import { deliver, type Recipe, SOCIAL } from '../support/deliveries.ts';
import { expectRefusal, fresh, ok, sg } from '../support/run-cli.ts';

/** Digest of one stream's packets: equal where it was copied. */
const packets = (file: string, map: string) =>
  execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-map', map, '-c', 'copy', '-f', 'streamhash', '-'], {
    encoding: 'utf8',
  });

/** Seconds of silence at the start of a film's sound. */
function silentSec(file: string): number {
  const args = ['-hide_banner', '-nostdin', '-i', file, '-vn', '-af', 'silencedetect=n=-50dB:d=0.1', '-f', 'null', '-'];
  const found = /silence_end: ([\d.]+)/.exec(spawnSync('ffmpeg', args, { encoding: 'utf8' }).stderr);
  return Number(found?.[1] ?? 0);
}

function made(recipe: Recipe, name = 'film.mp4'): string {
  return deliver(recipe, join(fresh(), name));
}

async function fixed(file: string, platform: string) {
  const run = await ok(['validate', '--file', file, '--platform', platform, '--fix', '--json']);
  const { repair, ...rest } = JSON.parse(run.stdout);
  return { ...rest, what: repair?.what, path: repair?.result.output_files[0] as string };
}

describe('validate --file --fix', () => {
  test('remuxes what a remux repairs, beside the file, and touches the file not', async () => {
    const file = made({ ...SOCIAL, muxer: [] });
    const before = readFileSync(file);
    const { what, path, valid, rules } = await fixed(file, 'instagram');
    expect(what).toMatch(/^a remux/);
    expect(path).toBe(file.replace('film.mp4', 'film_fixed.mp4'));
    expect(valid).toBe(true);
    expect(rules).toContainEqual(expect.objectContaining({ rule: 'moov_at_front', verdict: 'pass' }));
    for (const map of ['0:v', '0:a']) expect(packets(path, map)).toBe(packets(file, map));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('encodes only the sound where only the sound is wrong', async () => {
    const wide = join(fresh(), 'wide.mp4');
    ffmpeg(['-i', made(SOCIAL), '-c:v', 'copy', '-c:a', 'aac', '-ar', '96000', '-movflags', '+faststart', wide]);
    const { what, path } = await fixed(wide, 'instagram');
    expect(what).toMatch(/^a new encode of the sound/);
    expect(packets(path, '0:v')).toBe(packets(wide, '0:v'));
    expect(streamValue(path, 'audio', 'sample_rate')).toBe('48000');
  });

  test('encodes only the picture where only the picture is wrong', async () => {
    const deep = join(fresh(), 'deep.mp4');
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv422p', '-c:a', 'copy'];
    ffmpeg(['-i', made(SOCIAL), ...codecs, '-movflags', '+faststart', deep]);
    const { what, path, valid } = await fixed(deep, 'twitter');
    expect(what).toMatch(/^a new encode of the picture/);
    expect(packets(path, '0:a')).toBe(packets(deep, '0:a'));
    expect(streamValue(path, 'video', 'pix_fmt')).toBe('yuv420p');
    expect(valid).toBe(true);
  });

  test('does not lose the delay of a sound that starts late', async () => {
    const late = join(fresh(), 'late.mp4');
    const source = made(SOCIAL);
    ffmpeg([
      ...[
        '-i',
        source,
        '-itsoffset',
        '0.5',
        '-i',
        source,
        '-map',
        '0:v',
        '-map',
        '1:a',
        '-c',
        'copy',
        '-shortest',
        late,
      ],
    ]);
    const { what, path, valid } = await fixed(late, 'instagram');
    expect(what).toMatch(/^a new encode of the sound/);
    expect(valid).toBe(true);
    // Half a second of silence in place of the edit list, then the tone.
    expect(silentSec(path)).toBeGreaterThan(0.4);
    expect(silentSec(path)).toBeLessThan(0.6);
  });

  test('does nothing to a file that its platform takes', async () => {
    const again = await ok(['validate', '--file', made(SOCIAL), '--platform', 'tiktok', '--fix', '--json']);
    const { valid, repair, error_code } = JSON.parse(again.stdout);
    expect({ valid, repair, error_code }).toEqual({ valid: true, repair: null, error_code: null });
  });

  test('says what no repair takes away, and leaves nothing', async () => {
    const folder = fresh();
    const long = join(folder, 'long.mp4');
    const still = ['-f', 'lavfi', '-i', 'color=gray:s=320x180:r=25:d=150', '-f', 'lavfi', '-i', 'anullsrc=d=150'];
    ffmpeg([...still, '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-shortest', long]);
    const run = await sg(['validate', '--file', long, '--platform', 'twitter', '--fix', '--json']);
    expect(run.code).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({ repair: null, error_code: 'RULES' });
    expect(JSON.parse(run.stdout).error_message).toMatch(/max_duration/);
    expect(readdirSync(folder)).toEqual(['long.mp4']);
  });

  it.each([
    [['--fix', 'in.mp4'], /--file OUT/],
    [['--fix', '--file', 'in.mp4'], /--file OUT/],
  ])('refuses %j', async (args, why) => {
    const run = await sg(['validate', ...args], { cwd: fresh() });
    expectRefusal(run, 2);
    expect(run.stderr).toMatch(why);
  });
});
