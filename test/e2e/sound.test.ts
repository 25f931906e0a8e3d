import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg, probe } from '../support/clips.ts';
import { amplitude, hear, LAYOUTS, peakOf, TONES, tones } from '../support/measured-sound.ts';
import { delivered, expectRefusal, fresh, ROOT, sg } from '../support/run-cli.ts';

// Each speaker has a tone of its own: what is measured is where it comes out, and how loud.
const path = (name: string) => join(ROOT, name);
const LEVEL = 0.3;
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=1.2'];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const FLAC = ['-c:a', 'flac', '-sample_fmt', 's16'];

function make(name: string, sounds: readonly string[], args: readonly string[] = []): void {
  const inputs = sounds.flatMap((sound) => ['-f', 'lavfi', '-i', sound]);
  const maps = ['-map', '0:v', ...sounds.flatMap((_, n) => ['-map', `${n + 1}:a`])];
  ffmpeg([...PICTURE, ...inputs, ...maps, ...H264, ...FLAC, ...args, path(name)]);
}

const fileOf = (layout: string) => `${layout.replace(/\W/g, '-')}.mkv`;
const decibel = (ratio: number) => 20 * Math.log10(ratio);
/** Speakers at the side and at the back are one place where a layout has only the one pair. */
const place = (speaker: string, layout: string) =>
  (LAYOUTS[layout] ?? []).includes(speaker)
    ? speaker
    : speaker.replace(/^S/, 'B').replace(/^B(?=[LR]$)/, (b) => ((LAYOUTS[layout] ?? []).includes('BL') ? b : 'S'));

describe('every channel comes out of its own speaker', () => {
  beforeAll(() => {
    for (const layout of Object.keys(LAYOUTS)) make(fileOf(layout), [tones(layout, LEVEL, 1.2)]);
  });
  const kinds = [
    ['aac', 'mp4', []],
    ['opus', 'mkv', ['--audio-codec', 'opus']],
    ['flac', 'mkv', ['--audio-codec', 'flac']],
    ['pcm', 'mov', ['--audio-codec', 'pcm']],
  ] as const;
  const pairs = kinds.flatMap(([codec, extension, flags]) =>
    Object.keys(LAYOUTS).flatMap((layout) =>
      codec === 'aac' && layout === '7.1' ? [] : [[layout, codec, extension, flags] as const],
    ),
  );
  it.each(oneOf(3, pairs))('%s to %s in %s', async (layout, codec, extension, flags) => {
    const { file } = await delivered(fileOf(layout), extension, ...flags);
    const found = hear(file);
    const speakers = LAYOUTS[found.layout];
    expect(speakers, found.layout).toBeDefined();
    const within = codec === 'pcm' || codec === 'flac' ? 0.2 : 1.5;
    for (const speaker of LAYOUTS[layout] ?? []) {
      const hz = TONES[speaker] ?? 0;
      const levels = found.channels.map((samples) => decibel(amplitude(samples, found.rateHz, hz) / LEVEL));
      const at = (speakers ?? []).indexOf(place(speaker, found.layout));
      const shown = `${speaker} of ${layout} in ${found.layout}: ${levels.map((one) => one.toFixed(1))} dB`;
      expect(Math.abs(levels[at] ?? 99), shown).toBeLessThan(within);
      for (const [n, level] of levels.entries()) if (n !== at) expect(level, shown).toBeLessThan(-30);
    }
  });

  test('at 8 kHz the silence in front of AAC is long, and Matroska cannot hide it', async () => {
    make('telephone.mkv', ['sine=f=440:r=8000:d=1.2']);
    const { file } = await delivered('telephone.mkv', 'mkv', '--audio-codec', 'aac');
    expect(probe(file).streams.map(({ sample_rate }) => sample_rate)).toContain('8000');
  });

  test('7.1 is mixed down to the 5.1 that AAC holds, with a warning', async () => {
    const { file, warnings } = await delivered(fileOf('7.1'), 'mp4');
    const found = hear(file);
    expect(found.layout).toBe('5.1');
    expect(warnings).toContain('mixed down');
    for (const [n, speaker] of ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'].entries())
      expect(
        amplitude(found.channels[n] ?? new Float64Array(), found.rateHz, TONES[speaker] ?? 0),
        speaker,
      ).toBeGreaterThan(LEVEL / 4);
    for (const [n, speaker] of [
      [4, 'SL'],
      [5, 'SR'],
    ] as const)
      expect(
        amplitude(found.channels[n] ?? new Float64Array(), found.rateHz, TONES[speaker] ?? 0),
        speaker,
      ).toBeGreaterThan(LEVEL / 4);
  });
});

describe('surround to stereo', () => {
  const out = ['--channels', '2', '--audio-codec', 'flac'];
  /** Gains of the front, the centre, the surround and the LFE (src/plan/channels.ts, ATSC A/52 §7.8). */
  const gains = { dialogue: [0.707, 0.707, 0.5, 0.355], standard: [0.414, 0.293, 0.293, 0] } as const;
  beforeAll(() => {
    for (const layout of ['5.1', '5.1(side)']) {
      make(`quiet-${fileOf(layout)}`, [tones(layout, 0.1, 1.2)]);
      make(`full-${fileOf(layout)}`, [tones(layout, 1, 1.2)]);
    }
  });
  const both = ['5.1', '5.1(side)'].flatMap((layout) =>
    (['dialogue', 'standard'] as const).map((how) => [layout, how] as const),
  );
  const gainOf = (how: 'dialogue' | 'standard', speaker: string, side: string): number => {
    const [front, centre, surround, lfe] = gains[how];
    if (speaker === 'FC') return centre;
    if (speaker === 'LFE') return lfe;
    if (!speaker.endsWith(side)) return 0;
    return speaker.startsWith('F') ? front : surround;
  };
  it.each(both)('%s by %s has the gains that are written down', async (layout, how) => {
    const { file } = await delivered(`quiet-${fileOf(layout)}`, 'mkv', ...out, '--downmix', how);
    const { channels, rateHz } = hear(file);
    const places = (LAYOUTS[layout] ?? []).flatMap((speaker) => ['L', 'R'].map((side, n) => ({ speaker, side, n })));
    for (const { speaker, side, n } of places) {
      const found = amplitude(channels[n] ?? new Float64Array(), rateHz, TONES[speaker] ?? 0) / 0.1;
      const wanted = gainOf(how, speaker, side);
      expect(Math.abs(found - wanted), `${speaker} in ${side}: ${found}, not ${wanted}`).toBeLessThan(0.015);
    }
  });

  test('by dpl2 the centre is in both, 3 dB below the front, and the surround in opposite phase', async () => {
    const { channels, rateHz } = hear((await delivered('quiet-5-1.mkv', 'mkv', ...out, '--downmix', 'dpl2')).file);
    const [left, right] = [channels[0] ?? new Float64Array(), channels[1] ?? new Float64Array()];
    const front = amplitude(left, rateHz, 300);
    for (const side of [left, right])
      expect(Math.abs(decibel(amplitude(side, rateHz, 500) / front) + 3)).toBeLessThan(0.3);
    const sum = left.map((value, n) => value + (right[n] ?? 0));
    const surround = amplitude(left, rateHz, 700) + amplitude(right, rateHz, 700);
    expect(amplitude(sum, rateHz, 700)).toBeLessThan(surround * 0.9);
  });

  const loud = ['dialogue', 'standard', 'dpl2'].flatMap((how) =>
    ['5.1', '5.1(side)'].map((layout) => [how, layout] as const),
  );
  it.each(oneOf(2, loud))('%s of %s at full scale does not clip', async (how, layout) => {
    const found = hear((await delivered(`full-${fileOf(layout)}`, 'mkv', ...out, '--downmix', how)).file);
    expect(found.layout).toBe('stereo');
    expect(peakOf(found)).toBeLessThan(0.9999);
    expect(peakOf(found)).toBeGreaterThan(0.5);
  });
});

describe('sample rates', () => {
  it.each([
    [22050, 'mp4', [], 22050],
    [44100, 'mp4', [], 44100],
    [96000, 'mp4', [], 48000],
    [96000, 'mkv', ['--audio-codec', 'flac'], 96000],
    [44100, 'mov', ['--audio-codec', 'pcm'], 44100],
    [44100, 'webm', [], 48000],
    [32000, 'mp4', ['--audio-codec', 'mp3'], 32000],
  ] as const)('%i Hz in %s with %j is %i Hz, its tone where it was', async (rateHz, extension, flags, wanted) => {
    make(`rate-${rateHz}.mkv`, [tones('stereo', LEVEL, 1.2, rateHz)]);
    const found = hear((await delivered(`rate-${rateHz}.mkv`, extension, ...flags)).file);
    expect(found.rateHz).toBe(wanted);
    expect(Math.abs(decibel(amplitude(found.channels[0] ?? new Float64Array(), wanted, 300) / LEVEL))).toBeLessThan(
      1.5,
    );
  });
});

describe('several tracks', () => {
  const languages = ['eng', 'fre', 'deu'];
  /** QuickTime has a list of its own. */
  const inQuicktime = ['eng', 'fra', 'ger'];
  beforeAll(() => {
    const said = languages.flatMap((language, n) => [`-metadata:s:a:${n}`, `language=${language}`]);
    const roles = ['-disposition:a:0', '0', '-disposition:a:1', 'default', '-disposition:a:2', 'comment'];
    const sounds = [300, 500, 700].map((hz) => `aevalsrc='0.3*sin(2*PI*${hz}*t)':c=mono:s=48000:d=1.2`);
    make('tracks.mkv', sounds, [...said, ...roles, '-metadata:s:a:2', 'title=Commentary']);
  });
  type Track = {
    readonly tags?: { readonly language?: string; readonly title?: string };
    readonly disposition: Readonly<Record<string, number>>;
  };
  const tracksOf = (file: string) =>
    probe(file).streams.filter(({ codec_type }) => codec_type === 'audio') as unknown as readonly Track[];
  const toneOf = (file: string, track: number) => {
    const { channels, rateHz } = hear(file, track);
    return [300, 500, 700].find((hz) => amplitude(channels[0] ?? new Float64Array(), rateHz, hz) > 0.2);
  };

  it.each(['mkv', 'mov', 'mp4'])('are all kept in %s, with their languages and roles', async (extension) => {
    const { file } = await delivered('tracks.mkv', extension);
    const tracks = tracksOf(file);
    expect(tracks.map(({ tags }) => tags?.language)).toEqual(extension === 'mov' ? inQuicktime : languages);
    expect(tracks.map((_, n) => toneOf(file, n))).toEqual([300, 500, 700]);
    expect(tracks.map(({ disposition }) => disposition.default)).toEqual([0, 1, 0]);
    if (extension === 'mkv') expect(tracks.map(({ disposition }) => disposition.comment)).toEqual([0, 0, 1]);
    if (extension === 'mkv') expect(tracks[2]?.tags?.title).toBe('Commentary');
  });

  it.each([
    ['2', [500]],
    ['deu', [700]],
    ['all', [300, 500, 700]],
  ] as const)('--audio-track %s', async (choice, wanted) => {
    const { file } = await delivered('tracks.mkv', 'mp4', '--audio-track', choice);
    expect(tracksOf(file).map((_, n) => toneOf(file, n))).toEqual(wanted);
    if (wanted.length === 1) expect(tracksOf(file)[0]?.disposition.default).toBe(1);
  });

  test('a track that is not there is refused', async () => {
    expectRefusal(await sg(['export', path('tracks.mkv'), '--audio-track', 'ita', '-o', join(fresh(), 'o.mp4')]), 4);
  });
});
