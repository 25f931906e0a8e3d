import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg } from '../support/clips.ts';
import { expectRefusal, fresh, listing, ok, ROOT, sg } from '../support/run-cli.ts';

const path = (name: string) => join(ROOT, name);
const lastLine = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

/** A film that is not even: quiet, busy, and quiet again, with cuts; the same each time. */
function film(name: string, sec: number, size: string): void {
  const part = sec / 3;
  const quiet = `gradients=s=${size}:r=25:d=${part}:speed=0.01:seed=7`;
  const busy = `mandelbrot=s=${size}:rate=25:end_scale=0.05`;
  const graph = `[0:v]format=yuv420p,setsar=1[a];[1:v]trim=duration=${part},format=yuv420p,setsar=1,noise=alls=12:allf=t[b];[2:v]format=yuv420p,setsar=1[c];[a][b][c]concat=n=3[v]`;
  const inputs = [quiet, busy, `testsrc2=s=${size}:r=25:d=${part}`].flatMap((one) => ['-f', 'lavfi', '-i', one]);
  const sound = ['-f', 'lavfi', '-i', `sine=f=330:r=48000:d=${sec}`];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-c:a', 'aac'];
  ffmpeg([...inputs, ...sound, '-filter_complex', graph, '-map', '[v]', '-map', '3:a', ...codecs, path(name)]);
}

beforeAll(() => {
  const noise = 'testsrc2=s=640x360:r=25:d=5,noise=alls=60:allf=t';
  ffmpeg(['-f', 'lavfi', '-i', noise, '-c:v', 'libx264', '-preset', 'ultrafast', path('noisy.mp4')]);
  film('short.mp4', 6, '320x180');
  film('film.mp4', 12, '320x180');
  film('minute.mkv', 60, '192x108');
});

describe('--target-size', () => {
  const targets = [
    ['h264', 'mp4', 'film.mp4', 0.01],
    ['h264', 'mkv', 'short.mp4', 0.02],
    ['av1', 'webm', 'short.mp4', 0.02],
    ['h265', 'mp4', 'film.mp4', 0.01],
    ['vp9', 'webm', 'short.mp4', 0.02],
    ['av1', 'mp4', 'film.mp4', 0.02],
  ] as const;
  it.each(oneOf(2, targets))(
    '%s in %s of %s is never above and hardly below',
    async (codec, container, source, tolerance) => {
      const folder = fresh();
      const out = join(folder, `o.${container}`);
      const target = 500_000;
      const args = ['export', path(source), '-o', out, '--codec', codec, '--speed', 'fast', '--json'];
      const result = lastLine((await ok([...args, '--target-size', '0.5MB'])).stdout);
      const { size } = statSync(out);
      expect(size).toBeLessThanOrEqual(target);
      expect(size).toBeGreaterThanOrEqual(target * (1 - tolerance));
      expect(result.settings.target_size_bytes).toBe(target);
      expect(result.settings.target_saturated).toBe(false);
      expect(listing(folder)).toEqual([`o.${container}`]);
    },
  );

  test('a picture that needs less is a smaller file that says so', async () => {
    const out = join(fresh(), 'o.mp4');
    ffmpeg(['-f', 'lavfi', '-i', 'color=c=gray:s=160x90:r=25:d=6', '-c:v', 'libx264', path('still.mp4')]);
    const run = await ok(['export', path('still.mp4'), '-o', out, '--target-size', '5MB', '--json']);
    const result = lastLine(run.stdout);
    expect(result.settings.target_saturated).toBe(true);
    expect(result.warnings.join()).toMatch(/needs no more than/);
    expect(statSync(out).size).toBeLessThan(5_000_000);
  });

  it.each([
    ['below the sound alone', 'film.mp4', '20kB', /sound takes/],
    ['below what the worst quality makes', 'noisy.mp4', '40kB', /the least for this is/],
  ])('a target %s is refused before anything is encoded', async (_, source, size, said) => {
    const folder = fresh();
    const out = join(folder, 'o.mp4');
    const refusal = await sg(['export', path(source), '-o', out, '--target-size', size]);
    expect(refusal.code).toBe(9);
    expect(refusal.stderr).toMatch(said);
    expect(listing(folder)).toEqual([]);
  });

  it.each([
    [['--target-size', '0'], 2, '--target-size'],
    [['--target-size', '-5MB'], 2, '--target-size'],
    [['--target-size', '1MB', '--crf', '20'], 4, '--crf'],
    [['--target-size', '1MB', '--max-size', '0.5MB'], 4, '--max-size'],
    [['--target-size', '1MB', '--codec', 'copy'], 4, '--target-size'],
    [['--target-size', '10MB', '--codec', 'prores'], 4, '--target-size'],
  ])('%s is refused', async (flags, code, named) => {
    const run = await sg(['export', path('short.mp4'), ...flags, '--name', `never-${code}`]);
    expectRefusal(run, code);
    expect(run.stderr).toContain(named);
  });

  test('the least that a refusal names can be made', async () => {
    const out = join(fresh(), 'o.mp4');
    const args = ['export', path('short.mp4'), '-o', out, '--speed', 'ultrafast', '--target-size'];
    const refusal = await sg([...args, '10kB']);
    expectRefusal(refusal, 9);
    const [, least = ''] = /the least for this is ([\d.]+) kB/.exec(refusal.stderr) ?? [];
    await ok([...args, `${least}kB`]);
    expect(statSync(out).size).toBeLessThanOrEqual(Number(least) * 1000);
  });

  test('a dry run says that it is adapted', async () => {
    const run = await ok(['export', path('short.mp4'), '-o', path('x.mp4'), '--target-size', '1MB', '--dry-run']);
    expect(run.stdout).toContain('# adapted at run time');
  });
});

describe('estimate', () => {
  const estimate = async (...args: readonly string[]) => JSON.parse((await ok(['estimate', ...args, '--json'])).stdout);

  test('arithmetic follows the formula, without a source too', async () => {
    const found = await estimate('--duration', '60', '--bitrate', '4000', '--audio-bitrate', '128');
    expect(found.method).toBe('arithmetic');
    // H.264 and AAC in MP4: what the container adds is known, and is far from 5 % of this.
    const streamsMb = ((4000 + 128) * 60) / 8000;
    expect(found.estimated_size_mb).toBeGreaterThan(streamsMb);
    expect(found.estimated_size_mb).toBeLessThan(streamsMb * 1.005);
    expect(found.low_mb).toBeLessThan(found.estimated_size_mb);
    expect(found.high_mb).toBeGreaterThan(found.estimated_size_mb);
    expect(found.estimated_time_seconds).toBeNull();
  });

  it.each([
    ['film.mp4', 'mp4', ['--codec', 'h264', '--bitrate', '600k']],
    ['lettered.mkv', 'mkv', ['--codec', 'h264', '--bitrate', '600k']],
    ['short.mp4', 'mov', ['--codec', 'dnxhr', '--resolution', '360p', '--upscale']],
  ])('arithmetic of %s in %s is what two passes or a fixed rate come to', async (source, container, flags) => {
    if (source === 'lettered.mkv') {
      const font = randomBytes(500_000);
      writeFileSync(path('letters.ttf'), font);
      const attached = ['-attach', path('letters.ttf'), '-metadata:s:t:0', 'mimetype=application/x-truetype-font'];
      ffmpeg(['-i', path('film.mp4'), '-map', '0', '-c', 'copy', ...attached, path(source)]);
    }
    const out = join(fresh(), `o.${container}`);
    const asked = [path(source), '--speed', 'ultrafast', '-o', out, ...flags];
    const found = await estimate(...asked, '--db', join(fresh(), 'h.db'));
    await ok(['export', ...asked]);
    // x264 itself comes up to 4 % from a rate of a film so short.
    expect(Math.abs((found.estimated_size_mb * 1e6) / statSync(out).size - 1)).toBeLessThan(0.05);
  });

  it.each(['h264', 'vp9'])('samples of a minute tell the size of %s, within their interval', async (codec) => {
    const flags = ['--codec', codec, '--speed', 'ultrafast', '--quality', 'medium'];
    const found = await estimate(path('minute.mkv'), ...flags, '--sample');
    expect(found.method).toBe('samples');
    const out = join(fresh(), 'o.mkv');
    await ok(['export', path('minute.mkv'), '-o', out, ...flags]);
    const mb = statSync(out).size / 1e6;
    expect(mb).toBeGreaterThan(found.low_mb);
    expect(mb).toBeLessThan(found.high_mb);
    expect(Math.abs(found.estimated_size_mb / mb - 1)).toBeLessThan(0.2);
    expect(found.estimated_time_seconds).toBeGreaterThan(0);
  });

  const wholes = [
    ['soft.mkv', 'mp4'],
    ['soft.mkv', 'webm'],
    ['short.mp4', 'mkv'],
    ['short.mp4', 'mp4'],
  ] as const;
  it.each(oneOf(2, wholes))(
    '%s is encoded whole, sound and all, and its size in %s is nearly exact',
    async (film, container) => {
      // Encoders spend a fraction of their rate on what can hardly be heard: here a third of the file by arithmetic.
      const tone = ['-f', 'lavfi', '-i', 'sine=f=300:r=48000:d=2', '-filter:a', 'volume=-50dB'];
      if (film === 'soft.mkv')
        ffmpeg(['-i', path('short.mp4'), ...tone, '-map', '0:v', '-map', '1:a', '-c:v', 'copy', path(film)]);
      const found = await estimate(path(film), '--sample', '--container', container);
      expect(found.method).toBe('whole');
      const out = join(fresh(), `o.${container}`);
      await ok(['export', path(film), '-o', out]);
      const mb = statSync(out).size / 1e6;
      expect(Math.abs(found.estimated_size_mb / mb - 1)).toBeLessThan(0.02);
      expect(mb).toBeGreaterThan(found.low_mb);
      expect(mb).toBeLessThan(found.high_mb);
    },
  );

  test('what a platform would refuse is a warning, with what would fit', async () => {
    const found = await estimate('--duration', '140', '--platform', 'twitter', '--bitrate', '40M');
    expect(found.warnings.join('\n')).toMatch(/at most 512\.0 MB/);
    expect(found.recommended_settings.bitrate).toMatch(/k$/);
  });

  it.each([
    [['estimate'], 2, 'nothing to estimate'],
    [['estimate', '--duration', '60', '--sample'], 2, '--sample'],
    [['estimate', '/nowhere.mp4'], 3, '/nowhere.mp4'],
    [['estimate', '--duration', '60', '--crf', '99'], 4, '--crf'],
    [['estimate', '--duration', '0'], 2, '--duration'],
    [['estimate', '--duration', '60', '--codec', 'copy'], 4, '--codec copy'],
  ])('%s ends with %d', async (args, code, named) => {
    const run = await sg(args);
    expectRefusal(run, code);
    expect(run.stderr).toContain(named);
  });
});

describe('--if-larger', () => {
  const made = async (...flags: readonly string[]) => {
    const out = join(fresh(), 'o.mp4');
    const args = ['export', path('small.mp4'), '-o', out, '--crf', '4', '--speed', 'ultrafast', '--json', ...flags];
    return { out, run: await sg(args) };
  };
  beforeAll(() => {
    const picture = 'testsrc2=s=160x90:r=25:d=2,noise=alls=20:allf=t';
    ffmpeg(['-f', 'lavfi', '-i', picture, '-c:v', 'libx264', '-crf', '40', path('small.mp4')]);
  });

  test('a larger output is said', async () => {
    const { out, run } = await made();
    expect(run.code).toBe(0);
    expect(lastLine(run.stdout).warnings.join()).toMatch(/larger than its source/);
    expect(statSync(out).size).toBeGreaterThan(statSync(path('small.mp4')).size);
  });

  test('fail delivers nothing', async () => {
    const { out, run } = await made('--if-larger', 'fail');
    expect(run.code).toBe(9);
    expect(lastLine(run.stdout).error_code).toBe('TARGET');
    expect(listing(dirname(out))).toEqual([]);
  });

  test('keep-source delivers the source, byte for byte', async () => {
    const { out, run } = await made('--if-larger', 'keep-source');
    expect(run.code).toBe(0);
    expect(readFileSync(out).equals(readFileSync(path('small.mp4')))).toBe(true);
    const result = lastLine(run.stdout);
    expect(result.settings).toMatchObject({ kept_source: true, video_codec: 'copy', crf: null });
    expect(result.verification.checks.map(({ name }: { readonly name: string }) => name)).toEqual([
      'same bytes as the source',
    ]);
    expect(result.file_sizes[out]).toBe(statSync(out).size);
  });

  test('keep-source is refused where a copy of the source would not be what was asked for', async () => {
    const other = await sg(['export', path('small.mp4'), '-o', join(fresh(), 'o.mkv'), '--if-larger', 'keep-source']);
    expectRefusal(other, 4);
    for (const flags of [
      ['--duration', '1'],
      ['--metadata', 'strip'],
      ['--fps', '50'],
      ['--resolution', '480p_sq'],
    ])
      expectRefusal(await sg(['export', path('small.mp4'), ...flags, '--if-larger', 'keep-source']), 4);
  });
});

describe('--max-size', () => {
  const made = async (size: string, ...flags: readonly string[]) => {
    const out = join(fresh(), 'o.mp4');
    const args = [
      'export',
      path('film.mp4'),
      '-o',
      out,
      '--speed',
      'ultrafast',
      '--max-size',
      size,
      '--json',
      ...flags,
    ];
    return { out, result: lastLine((await ok(args)).stdout) };
  };

  test('what fits is encoded by quality', async () => {
    const { result } = await made('50MB');
    expect(result.settings).toMatchObject({ mode: 'crf', video_codec: 'h264' });
    expect(result.settings.size_steps).toBeUndefined();
  });

  test('what does not is brought below, with its steps and what each gained', async () => {
    const { out, result } = await made('400kB', '--codec', 'h264');
    expect(statSync(out).size).toBeLessThanOrEqual(400_000);
    const {
      size_steps: steps,
      size_gains: gains,
      size_by_quality: before,
      size_gained_bytes: gained,
    } = result.settings;
    expect(steps.join()).toMatch(/% of the bitrate|in place of/);
    expect(gains).toHaveLength(steps.length);
    // 12 s are encoded whole for their forecast: that is what the film would have been, and what came is there.
    expect(before.from).toBe('whole');
    expect(gained).toBe(before.bytes - statSync(out).size);
    for (const { gain_from: from, gain_bytes: bytes } of gains)
      expect(from === 'result' ? bytes === gained : from === 'forecast' && gains.length > 1).toBe(true);
    expect(result.warnings.join()).toMatch(/to stay below/);
    expect(result.warnings.join()).toMatch(/were gained in all: .* by quality \(it was encoded so\)/);
  });

  test('a limit that has a name is in the result with its source', async () => {
    const { result } = await made('Discord');
    expect(result.settings.size_cap).toMatchObject({ cap_id: 'discord', file_bytes: 10_000_000 });
    expect(result.settings.size_cap.source).toMatch(/^https:/);
  });

  it.each([
    [['--max-size', 'discrod'], 2, "did you mean 'discord'?"],
    [['--target-size', 'pigeon'], 2, 'whatsapp'],
    [['--size-priority', 'size'], 4, 'add --max-size'],
  ])('%s is refused', async (flags, code, named) => {
    const run = await sg(['export', path('short.mp4'), ...flags, '--name', 'never']);
    expectRefusal(run, code);
    expect(run.stderr).toContain(named);
  });

  test('a codec of fixed rates is refused with what it would come to', async () => {
    const out = join(fresh(), 'o.mov');
    const args = ['export', path('film.mp4'), '-o', out, '--codec', 'prores', '--max-size', '1MB'];
    const refusal = await sg(args);
    expectRefusal(refusal, 9);
    expect(refusal.stderr).toMatch(/prores comes to about/);
  });

  test('a copy that comes out above it, though not by arithmetic, is not delivered', async () => {
    const folder = fresh();
    const most = `${(statSync(path('short.mp4')).size * 0.97) / 1e6}MB`;
    const args = ['export', path('short.mp4'), '-o', join(folder, 'o.mp4'), '--codec', 'copy', '--max-size', most];
    const refusal = await sg(args);
    expectRefusal(refusal, 9);
    expect(refusal.stderr).toMatch(/the output has .*: --max-size is /);
    expect(listing(folder)).toEqual([]);
  });
});

describe('--target-quality', () => {
  const asked = async (figure: string, ...flags: readonly string[]) => {
    const out = join(fresh(), 'o.mp4');
    return sg(['export', path('short.mp4'), '-o', out, '--speed', 'ultrafast', '--target-quality', figure, ...flags]);
  };

  test('the whole film comes within what is promised of the figure, and a second run measures nothing again', async () => {
    const run = await asked('ssim=0.97', '--verify', 'full', '--json');
    const result = lastLine(run.stdout);
    expect(Math.abs(result.verification.ssim - 0.97)).toBeLessThanOrEqual(0.003);
    expect(result.settings.quality_found).toBeCloseTo(result.verification.ssim, 3);
    const again = await asked('ssim=0.97', '--json');
    expect(lastLine(again.stdout).settings.crf).toBe(result.settings.crf);
    expect(again.tookMs).toBeLessThan(run.tookMs);
  });

  test('so does a longer film, whose samples meet more or less of its noise than there is', async () => {
    const folder = fresh();
    const source = join(folder, 'in.mp4');
    const film = "testsrc2=s=160x90:r=25:d=50,noise=alls=60:allf=t:enable='between(t,21,29)'";
    ffmpeg(['-f', 'lavfi', '-i', film, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '14', source]);
    const args = ['export', source, '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--verify', 'full', '--json'];
    const result = lastLine((await sg([...args, '--target-quality', 'ssim=0.95'])).stdout);
    expect(Math.abs(result.verification.ssim - 0.95)).toBeLessThanOrEqual(0.003);
    expect(result.settings.quality_found).toBeCloseTo(result.verification.ssim, 2);
  });

  test('what cannot be reached is exit 9 with the nearest, which --best-effort takes', async () => {
    const refusal = await asked('ssim=0.5');
    expectRefusal(refusal, 9);
    expect(refusal.stderr).toMatch(/the nearest is ssim=0\.\d+ at CRF 51/);
    const taken = lastLine((await asked('ssim=0.5', '--best-effort', '--json')).stdout);
    expect(taken.settings.crf).toBe(51);
    expect(taken.warnings.join()).toMatch(/the nearest is/);
  });

  it.each([
    [['ssim=2'], 2],
    [['beauty=1'], 2],
    [['ssim=0.98', '--crf', '20'], 4],
    [['ssim=0.98', '--codec', 'copy'], 4],
  ])('%s ends with %d', async ([figure = '', ...flags], code) => {
    expectRefusal(await asked(figure, ...flags), code);
  });

  test('VMAF is exit 5 that names ssim= where ffmpeg has no libvmaf, else it is reached', async () => {
    const hasVmaf = execFileSync('ffmpeg', ['-v', 'error', '-filters'], { encoding: 'utf8' }).includes(' libvmaf ');
    const run = await asked('vmaf=80', ...(hasVmaf ? ['--json'] : []));
    if (hasVmaf) return expect(Math.abs(lastLine(run.stdout).settings.quality_found - 80)).toBeLessThanOrEqual(1);
    expectRefusal(run, 5);
    expect(run.stderr).toContain('ssim=0.98');
  });
});
