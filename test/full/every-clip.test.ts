import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { container } from '../../src/codecs/containers.ts';
import { complaints, countFrames, MEDIA, noMedia, type Probed, probe } from '../support/clips.ts';
import { type ClipFacts, factsOf, fraction, type ManifestClip, manifest } from '../support/manifest.ts';
import { expectRefusal, fresh, listing, resultOf, sg, shown } from '../support/run-cli.ts';

// Every real clip by default and as WebM: a right file, by what the manifest says of the clip, or a clean refusal.
const PART_SEC = 4;
/** Made as a whole: what has chapters and subtitles, varying rates, sound that ends early. The others in part. */
const WHOLE = /^(crystal|traffic|film|broken)_/;
const CLIPS = manifest();
const MAX_MS = 300_000;

const RATES = [15, 24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60];
const near = (a: number, b: number, by: number): boolean => Math.abs(a - b) <= by;

/** A picture half a second in, upright and in square pixels, as 32×32 greys. */
function greys(path: string): readonly number[] {
  const one = ['-ss', '0.5', '-frames:v', '1', '-map', '0:V:0', '-vf', 'scale=32:32:flags=area,format=gray'];
  const args = ['-v', 'error', '-nostdin', '-i', `file:${path}`, ...one, '-f', 'rawvideo', '-'];
  return [...execFileSync('ffmpeg', args)];
}

/** How alike two pictures are, whatever their brightness: 1 the same, 0 nothing in common. */
function likeness(a: readonly number[], b: readonly number[]): number {
  expect([a.length, b.length]).toEqual([1024, 1024]);
  const centred = (list: readonly number[]) => {
    const mean = list.reduce((sum, one) => sum + one, 0) / list.length;
    return list.map((one) => one - mean);
  };
  const [x, y] = [centred(a), centred(b)];
  const dot = (p: readonly number[], q: readonly number[]) => p.reduce((sum, one, at) => sum + one * (q[at] ?? 0), 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

/** Seconds at which the pictures are shown. */
function shownAt(path: string): readonly number[] {
  const show = ['-select_streams', 'V:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0'];
  const text = execFileSync('ffprobe', ['-v', 'error', ...show, `file:${path}`], { encoding: 'utf8' });
  return (text.match(/-?[\d.]+/g) ?? []).map(Number).sort((a, b) => a - b);
}

type Stream = Probed['streams'][number];

function expectPicture(film: Stream, facts: ClipFacts): void {
  const [width, height] = [Number(film.width), Number(film.height)];
  expect([width % 2, height % 2], `${width}x${height}`).toEqual([0, 0]);
  expect(near(width, facts.width, 2) && near(height, facts.height, 2), `${width}x${height}`).toBe(true);
  expect(film.sample_aspect_ratio).toBe('1:1');
  expect(film.side_data_list, 'a rotation is left').toBeUndefined();
  expect(film.field_order ?? 'progressive').toBe('progressive');
}

/** Eight bits in H.264, ten in VP9 where the source has them; HDR only in ten, and never a picture without its tags. */
function expectColour(film: Stream, facts: ClipFacts): void {
  const deep = facts.deep && film.codec_name !== 'h264';
  expect(film.pix_fmt).toMatch(deep ? /^yuv42[02]p10le$/ : /^yuv420p$/);
  expect(film.color_range).toBe('tv');
  for (const key of ['color_space', 'color_transfer', 'color_primaries'])
    expect(String(film[key]), key).toMatch(
      deep && facts.hdr ? /^(bt2020nc|bt2020|smpte2084|arib-std-b67)$/ : /^(bt709|smpte170m|bt470bg)$/,
    );
}

/** The first picture is at zero; ffmpeg's Matroska moves it by Opus's pre-roll, which lies before zero. */
const START_SEC = { mp4: 0.001, webm: 0.007 };

function expectTime(path: string, film: Stream, facts: ClipFacts, durationSec: number, latestSec: number): void {
  const fps = fraction(String(film.r_frame_rate));
  expect(fraction(String(film.avg_frame_rate)) / fps).toBeCloseTo(1, 3);
  if (facts.fps !== undefined) expect(near(fps, facts.fps, facts.fps * 0.005), `${fps} frames/s`).toBe(true);
  else expect(RATES.some((rate) => near(rate, fps, 0.01)) && fps >= facts.averageFps * 0.98, `${fps}`).toBe(true);
  const times = shownAt(path);
  expect(countFrames(path)).toBe(times.length);
  const steps = times.slice(1).map((at, n) => at - (times[n] ?? 0));
  // Matroska counts in milliseconds.
  expect(Math.max(...steps) - Math.min(...steps), 'uneven steps').toBeLessThan(0.0021);
  const first = times[0] ?? Number.NaN;
  expect(Math.abs(first), `pictures begin at ${first}`).toBeLessThanOrEqual(latestSec);
  const found = (times.at(-1) ?? 0) - first + 1 / fps;
  expect(near(found, durationSec, 0.1), `${found} s of pictures, not ${durationSec}`).toBe(true);
}

function expectSound(streams: readonly Stream[], clip: ManifestClip, codec: string): void {
  const sound = streams.filter(({ codec_type }) => codec_type === 'audio');
  expect(sound.map(({ codec_name, channels }) => `${codec_name} ${channels}`)).toEqual(
    clip.audio.map(({ channels }) => `${codec} ${channels}`),
  );
  // Opus says its pre-roll, 6.5 ms, as a start before zero.
  for (const { start_time } of sound)
    expect(Math.abs(Number(start_time)), `starts at ${start_time}`).toBeLessThan(0.01);
}

const KINDS = [
  { extension: 'mp4', video: 'h264', audio: 'aac' },
  { extension: 'webm', video: 'vp9', audio: 'opus' },
] as const;

describe.skipIf(noMedia)('every clip', () => {
  test('of the manifest is there, and some of them are made whole', () => {
    expect(CLIPS.length).toBeGreaterThan(0);
    expect(CLIPS.filter(({ file }) => !existsSync(join(MEDIA, file)))).toEqual([]);
    expect(CLIPS.filter((clip) => WHOLE.test(clip.file) && !factsOf(clip).cutShort).length).toBeGreaterThanOrEqual(3);
    expect(CLIPS.some((clip) => factsOf(clip).cutShort)).toBe(true);
  });

  const cases = CLIPS.flatMap((clip) => KINDS.map((kind) => [clip.file, kind.extension, clip, kind] as const));
  test.each(cases)('%s as %s', { timeout: MAX_MS }, async (file, extension, clip, { video, audio }) => {
    const facts = factsOf(clip);
    const out = join(fresh(), `out.${extension}`);
    const folder = out.slice(0, -basename(out).length);
    const part = WHOLE.test(file) ? [] : ['--duration', `${PART_SEC}`];
    const source = join(MEDIA, file);
    const args = ['export', source, '-o', out, '--speed', 'ultrafast', ...part];
    if (facts.cutShort) {
      const run = await sg(args, { timeoutMs: MAX_MS });
      expectRefusal(run, 3);
      expect(run.stderr).toContain('cut short');
      expect(run.stderr).toContain(source);
      expect(listing(folder)).toEqual([]);
      return;
    }
    const run = await sg([...args, '--json'], { timeoutMs: MAX_MS });
    expect(run.code, shown(run)).toBe(0);
    expect(resultOf(run)).toMatchObject({ status: 'completed', output_files: [out], verification: { ok: true } });
    expect(listing(folder)).toEqual([basename(out)]);
    const { streams, chapters } = probe(out);
    const [film = {}, ...covers] = streams.filter(({ codec_type }) => codec_type === 'video');
    const held = container(extension)?.features.includes('cover') ? clip.video.slice(1) : [];
    expect(covers.map(({ codec_name }) => codec_name)).toEqual(held.map(({ codec_name }) => codec_name));
    expect(film).toMatchObject({ codec_type: 'video', codec_name: video });
    expectPicture(film, facts);
    expectColour(film, facts);
    const durationSec = part.length > 0 ? Math.min(PART_SEC, facts.durationSec) : facts.durationSec;
    expectTime(out, film, facts, durationSec, START_SEC[extension]);
    expectSound(streams, clip, audio);
    if (part.length === 0) {
      expect(chapters).toHaveLength(clip.counts.chapters);
      expect(streams.filter(({ codec_type }) => codec_type === 'subtitle')).toHaveLength(clip.counts.subtitle);
    }
    expect(complaints(out)).toBe('');
    expect(likeness(greys(out), greys(source)), 'another picture').toBeGreaterThan(0.9);
  });

  const cut = CLIPS.filter((clip) => factsOf(clip).cutShort);
  test.each(cut.map((clip) => [clip.file, clip] as const))('%s, errors tolerated', async (file, clip) => {
    const out = join(fresh(), 'out.mp4');
    const args = ['export', join(MEDIA, file), '-o', out, '--speed', 'ultrafast', '--tolerate-errors', '--json'];
    const result = resultOf(await sg(args));
    expect(result).toMatchObject({ status: 'completed', output_files: [out], verification: { ok: true } });
    expect(String(result.warnings)).toContain('cut short');
    expect(complaints(out)).toBe('');
    // What the manifest counted was still there; the last picture or two may be in pieces.
    const { packets = 0 } = clip.video[0] ?? {};
    expect(countFrames(out)).toBeGreaterThanOrEqual(packets - 2);
    expect(countFrames(out)).toBeLessThanOrEqual(packets);
    expectSound(probe(out).streams, clip, 'aac');
  });
});
