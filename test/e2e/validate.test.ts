import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPlatforms } from '../../src/presets/catalogue.ts';
import { BREAKERS } from '../support/broken-deliveries.ts';
import { oneOf } from '../support/choice.ts';
import { clip, MEDIA, noMedia } from '../support/clips.ts';
import { deliver, MASTER, type Recipe, SOCIAL } from '../support/deliveries.ts';
import { fresh, listing, ok, ROOT, resultOf, sg, shown } from '../support/run-cli.ts';

interface Rule {
  readonly rule: string;
  readonly verdict: string;
  readonly found: string;
  readonly source: string;
  readonly checked_on: string;
}
interface Findings {
  readonly valid: boolean;
  readonly issues: readonly Readonly<Record<'severity' | 'code' | 'message' | 'path' | 'hint', string>>[];
  readonly rules: readonly Rule[];
}

async function validate(code: number, ...args: readonly string[]): Promise<Findings> {
  const run = await sg(['validate', ...args, '--json']);
  expect(run.code, shown(run)).toBe(code);
  expect(run.stderr, shown(run)).toBe('');
  const found: Findings = JSON.parse(run.stdout);
  expect(found.valid).toBe(code === 0);
  for (const issue of found.issues)
    expect(Object.keys(issue).sort()).toEqual(['code', 'hint', 'message', 'path', 'severity']);
  return found;
}
const errors = ({ issues }: Findings) => issues.filter(({ severity }) => severity === 'error').map(({ code }) => code);
const broken = ({ rules }: Findings) =>
  rules.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ rule }) => rule);

describe('a request', () => {
  test('is checked and not run, and nothing is left behind', async () => {
    const folder = fresh();
    copyFileSync(clip(), join(folder, 'film.mp4'));
    const found = await validate(0, join(folder, 'film.mp4'), '--platform', 'youtube', '-o', join(folder, 'out.mp4'));
    expect(errors(found)).toEqual([]);
    expect(found.rules.length).toBeGreaterThan(20);
    expect(listing(folder)).toEqual(['film.mp4']);
  });

  test('has all its findings at once, the first kind of which decides the exit code', async () => {
    const args = ['--codec', 'vp9', '--container', 'mp4', '--audio-codec', 'pcm', '--crf', '99'];
    const found = await validate(4, clip(), ...args, '--platform', 'instagram');
    expect(errors(found).sort()).toEqual([
      'audio_codec_container',
      'crf_out_of_range',
      'platform_audio_codec',
      'platform_min_duration',
      'platform_video_codec',
    ]);
    const worse = await validate(2, clip(), ...args, '--fps', 'fast');
    expect(errors(worse)).toEqual(expect.arrayContaining(['bad_fps', 'crf_out_of_range', 'audio_codec_container']));
  });

  test('whose input is missing is examined all the same', async () => {
    const found = await validate(3, '/no/such/film.mov', '--codec', 'prores', '-o', join(fresh(), 'o.webm'));
    expect(errors(found)).toEqual(['bad_input', 'codec_container']);
    expect(found.issues[0]?.hint).not.toBe('');
    expect(errors(await validate(2, '/no/such/film.mov', '--codec', 'h266'))).toEqual(['bad_codec', 'bad_input']);
    expect(
      errors(await validate(4, clip(), '--ffmpeg', '/no/ffmpeg', '--codec', 'prores', '-o', '/tmp/o.mp4')).sort(),
    ).toEqual(expect.arrayContaining(['toolchain']));
  });

  test('reads as a list with what would work, worst first', async () => {
    const run = await sg(['validate', clip(), '--crf', '99', '--platform', 'tiktok', '-o', '/no/folder/out.mp4']);
    expect(run.code, shown(run)).toBe(2);
    expect(run.stderr).toBe('');
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^not valid: \d errors, \d warnings?$/);
    expect(run.stdout).toMatch(/^error: --crf 99 .*\n {4}try: it takes 0 \(best\) to 51/m);
    const kinds = lines.flatMap((line) => /^(error|warning|note):/.exec(line)?.[1] ?? []);
    expect(kinds).toEqual([...kinds].sort((a, b) => 'error,warning,note'.indexOf(a) - 'error,warning,note'.indexOf(b)));
  });

  test('that copies the picture is judged by the picture', async () => {
    const open = deliver(BREAKERS.closed_gop?.(SOCIAL, true) ?? SOCIAL, join(ROOT, 'copied.mp4'));
    const found = await validate(4, open, '--codec', 'copy', '--platform', 'twitter', '-o', join(fresh(), 'o.mp4'));
    expect(errors(found)).toEqual(['platform_closed_gop']);
  });
});

describe('words', () => {
  test.each([
    ['no input', [], 'there is nothing to validate'],
    ['a file and an input', ['in.mov', '--file', 'out.mp4'], 'two different questions'],
    ['a file without a platform', ['--file', clip()], '--platform'],
    ['an unknown platform', ['--file', clip(), '--platform', 'myspace'], 'myspace'],
    ['a flag that says what to make', ['--file', clip(), '--platform', 'web', '--crf', '20'], '--crf'],
    ['an unknown rule', ['--file', clip(), '--platform', 'web', '--allow', 'sponsor'], 'sponsor'],
    ['an unknown flag', ['--speeed', 'fast'], '--speeed'],
  ])('%s is a usage error', async (_, args, said) => {
    const { issues } = await validate(2, ...args);
    expect(issues.map(({ message, path }) => `${path} ${message}`).join('\n')).toContain(said);
  });

  test.each([
    ['missing', 'no-such.mp4'],
    ['no media', 'text.mp4'],
    ['a URL', 'http://localhost:9/x.mp4'],
    ['sound only', 'tone.mp3'],
  ])('a file that is %s is an input error', async (_, name) => {
    const folder = fresh();
    writeFileSync(join(folder, 'text.mp4'), 'hello\n');
    if (name === 'tone.mp3')
      copyFileSync(clip({ name, video: ['-vn'], audio: ['-c:a', 'libmp3lame'] }), join(folder, name));
    const file = name.startsWith('http') ? name : join(folder, name);
    expect((await validate(3, '--file', file, '--platform', 'web')).issues).toHaveLength(1);
  });
});

describe.skipIf(noMedia)('each platform takes its own export', () => {
  const sources = [
    ['nail_vertical_phone_1916x1080_rot.mp4', 'a phone, upright'],
    ['elf_vp9_opus_480p.webm', 'small, 44.1 kHz'],
  ] as const;
  test.each(
    oneOf(
      4,
      listPlatforms().map(({ platform_id: id }) => id),
    ),
  )('%s', { timeout: 240_000 }, async (id) => {
    for (const [name, about] of sources) {
      const args = ['--platform', id, '--speed', 'ultrafast', '--duration', '3.2', '-o', fresh(), '-q'];
      const { stdout } = await ok(['export', join(MEDIA, name), ...args], { timeoutMs: 100_000 });
      const { rules } = await validate(0, '--file', stdout.trim(), '--platform', id);
      const missed = rules.filter(({ verdict }) => verdict === 'fail' || verdict === 'unknown');
      expect(missed, about).toEqual([]);
    }
  });
});

describe('a file that another tool made', () => {
  const made = (recipe: Recipe, name: string) => deliver(recipe, join(ROOT, `${name}.${recipe.extension}`));

  test('is taken where nothing is wrong with it', async () => {
    const good = made(SOCIAL, 'good');
    for (const id of ['youtube', 'instagram', 'twitter', 'linkedin', 'tiktok', 'web'])
      expect(broken(await validate(0, '--file', good, '--platform', id)), id).toEqual([]);
    const master = made(MASTER, 'good');
    expect(broken(await validate(0, '--file', master, '--platform', 'professional'))).toEqual([]);
  });

  // One for each way of measuring; test/full breaks every rule of every platform.
  test.each([
    ['keyframes that are no IDR', 'twitter', 'closed_gop', BREAKERS.closed_gop?.(SOCIAL, true), 4],
    ['an edit list', 'instagram', 'no_edit_list', BREAKERS.no_edit_list?.(SOCIAL, true), 0],
    ['its index at the end', 'youtube', 'moov_at_front', BREAKERS.moov_at_front?.(SOCIAL, true), 0],
    ['CAVLC', 'youtube', 'cabac', BREAKERS.cabac?.(SOCIAL, true), 0],
    ['three B-frames', 'youtube', 'b_frames', BREAKERS.b_frames?.(SOCIAL, 2), 0],
    ['fields', 'twitter', 'progressive', BREAKERS.progressive?.(SOCIAL, true), 4],
    ['too many bytes', 'twitter', 'max_file_size', BREAKERS.max_file_size?.(SOCIAL, 512), 4],
    ['too many seconds', 'twitter', 'max_duration', BREAKERS.max_duration?.(SOCIAL, 140), 4],
    ['uneven steps', 'professional', 'constant_frame_rate', BREAKERS.constant_frame_rate?.(MASTER, true), 0],
    ['a turn in its header', 'professional', 'rotation_matrix', BREAKERS.rotation_matrix?.(MASTER, false), 0],
    ['another loudness', 'professional', 'loudness', BREAKERS.loudness?.(MASTER, { lufs: -23, tolerance: 1 }), 0],
  ] as const)('is caught with %s (%s)', async (name, id, rule, recipe, code) => {
    const file = made(recipe ?? SOCIAL, name.replaceAll(' ', '-'));
    const found = await validate(code, '--file', file, '--platform', id);
    expect(broken(found)).toEqual([rule]);
    const [issue] = found.issues;
    const verdict = found.rules.find((one) => one.rule === rule && one.verdict !== 'pass');
    expect(issue?.code).toBe(`platform_${rule}`);
    for (const part of [verdict?.found, verdict?.source, verdict?.checked_on]) expect(issue?.message).toContain(part);
    if (code === 4) await validate(0, '--file', file, '--platform', id, '--allow', rule);
  });

  test('is shown as a table that fits the page, broken rules first', async () => {
    const file = made(BREAKERS.closed_gop?.(SOCIAL, true) ?? SOCIAL, 'keyframes-that-are-no-IDR');
    const run = await sg(['validate', '--file', file, '--platform', 'twitter']);
    expect(run.code, shown(run)).toBe(4);
    const lines = run.stdout.trimEnd().split('\n');
    const heading = lines.findIndex((line) => line.startsWith('Verdict'));
    expect(lines[heading]).toMatch(/^Verdict +Rule +Wanted +Found +For +Source$/);
    expect(lines[heading + 1]).toMatch(/^BROKEN +closed GOPs +closed +open +api +1$/);
    const ends = lines.indexOf('', heading);
    expect(Math.max(...lines.slice(heading, ends).map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[ends + 1]).toMatch(/^1 {2}\d{4}-\d\d-\d\d {2}https:\/\//);
    expect(run.stdout).toContain('--allow closed_gop lets it pass');
    expect(lines.at(-1)).toBe('not valid: 1 error');
  });

  test('takes an open GOP without B-frames, in which nothing reaches back, for no fault', async () => {
    const params = { ...SOCIAL.x264, bframes: 0, 'open-gop': 1 };
    const file = made({ ...SOCIAL, x264: params }, 'no-b-frames');
    const { rules } = await validate(0, '--file', file, '--platform', 'twitter');
    const verdicts = rules.filter(({ rule }) => rule === 'closed_gop').map(({ verdict }) => verdict);
    expect(['pass', 'unknown']).toEqual(expect.arrayContaining(verdicts));
    expect(verdicts.length).toBeGreaterThan(0);
  });

  test('that is cut short is no delivery', { timeout: 60_000 }, async () => {
    const whole = made(SOCIAL, 'good');
    const cut = join(fresh(), 'cut.mp4');
    writeFileSync(cut, readFileSync(whole).subarray(0, 500_000));
    const found = await validate(3, '--file', cut, '--platform', 'web');
    expect(errors(found)).toContain('source_cut_short');
  });
});

describe('a film that comes out larger than its platform takes', () => {
  const noise = () => clip({ name: 'noise.mp4', sec: 3.2, size: '640x360', fps: 30 });
  // Filler makes TikTok's 287 MB out of three seconds, and costs nothing to encode.
  const huge = ['--platform', 'tiktok', '--speed', 'ultrafast', '--mode', 'cbr', '--bitrate', '760M'];

  test('is announced, then not delivered: the destination stays as it was', async () => {
    const folder = fresh();
    const out = join(folder, 'o.mp4');
    expect((await validate(0, noise(), ...huge, '-o', out)).issues.map(({ code }) => code)).toContain(
      'size_may_exceed',
    );
    writeFileSync(out, 'as it was');
    const run = await sg(['export', noise(), ...huge, '-o', out, '--overwrite', '--json']);
    expect(run.code, shown(run)).toBe(9);
    const result = resultOf(run);
    expect(result).toMatchObject({ status: 'failed', error_code: 'TARGET', output_files: [] });
    expect(result.error_message).toMatch(/TikTok \(web\) takes at most 287\.0 MB \(.+, \d{4}-\d\d-\d\d\)/);
    expect(readFileSync(out, 'utf8')).toBe('as it was');
    expect(listing(folder)).toEqual(['o.mp4']);
  });

  test('is delivered with a warning where only advice is broken, and the receipt has its size', async () => {
    const folder = fresh();
    const [out, receipt] = [join(folder, 'o.mp4'), join(folder, 'receipt.json')];
    const large = huge.map((arg) => (arg === '760M' ? '200M' : arg));
    const run = await ok(['export', noise(), ...large, '-o', out, '--receipt', receipt, '--json']);
    const { warnings } = resultOf(run);
    expect(JSON.stringify(warnings)).toMatch(/the output has \d\d\.\d MB: TikTok \(app\) wants at most 72\.0 MB/);
    const { rules } = JSON.parse(readFileSync(receipt, 'utf8'));
    const sizes = rules.filter(({ rule }: Rule) => rule === 'max_file_size');
    expect(sizes.map(({ verdict }: Rule) => verdict)).toEqual(['pass', 'warn', 'pass']);
  });
});
