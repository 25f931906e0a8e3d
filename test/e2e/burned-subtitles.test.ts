import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg, MEDIA, noMedia, probe } from '../support/clips.ts';
import { REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg } from '../support/run-cli.ts';

const SIZE = { width: 320, height: 180 };
const QUICK = ['--speed', 'ultrafast', '--audio-codec', 'none'];

const stamp = (sec: number): string => new Date(Math.round(sec * 1000)).toISOString().slice(11, 23).replace('.', ',');
type Line = readonly [fromSec: number, toSec: number, text: string];
const srt = (lines: readonly Line[]): string =>
  lines.map(([from, to, text], i) => `${i + 1}\n${stamp(from)} --> ${stamp(to)}\n${text}\n`).join('\n');

interface Wish {
  readonly sec: number;
  readonly fps?: string;
  readonly lines: readonly Line[];
  readonly name?: string;
  /** More arguments for the film, such as attachments. */
  readonly extra?: readonly string[];
}

/** A grey film with one text track. */
function film(folder: string, { sec, fps = '25', lines, name = 'film.mkv', extra = [] }: Wish): string {
  const text = join(folder, 'lines.srt');
  writeFileSync(text, srt(lines));
  const track = lines.length > 0 ? ['-i', text, '-map', '1', '-c:s', 'srt'] : [];
  const picture = `color=gray:s=${SIZE.width}x${SIZE.height}:r=${fps}:d=${sec},format=yuv420p`;
  const tags = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'];
  const video = ['-map', '0', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', ...tags];
  const to = join(folder, name);
  ffmpeg(['-f', 'lavfi', '-i', picture, ...track, ...video, ...extra, `file:${to}`]);
  return to;
}

/** The lower half of each decoded picture, luma only. */
function lowerHalves(path: string, { width, height } = SIZE): readonly Buffer[] {
  const crop = ['-vf', 'crop=iw:ih/2:0:ih/2,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'];
  const options = { maxBuffer: 1 << 28 };
  const raw = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-nostdin', '-i', `file:${path}`, '-map', '0:V', ...crop],
    options,
  );
  const bytes = (width * height) / 2;
  return Array.from({ length: raw.length / bytes }, (_, i) => raw.subarray(i * bytes, (i + 1) * bytes));
}

/** Numbers of the pictures in which something is drawn that the other film does not have. */
function drawnPictures(path: string, without: string, size = SIZE): readonly number[] {
  const others = lowerHalves(without, size);
  const pictures = lowerHalves(path, size);
  expect(pictures).toHaveLength(others.length);
  return pictures.flatMap((picture, i) => {
    const most = picture.reduce((max, luma, at) => Math.max(max, Math.abs(luma - (others[i]?.[at] ?? 0))), 0);
    return most > 60 ? [i] : [];
  });
}

/** The pictures of a film at a rate that are shown within a span. */
const within = (fromSec: number, toSec: number, fps: number): readonly number[] =>
  Array.from({ length: Math.ceil(toSec * fps - 1e-6) }, (_, i) => i).filter((i) => i / fps >= fromSec - 1e-6);

/** Exports a film with its text drawn in and once without it. */
async function both(
  source: string,
  folder: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const drawn = join(folder, 'drawn.mp4');
  const plain = join(folder, 'plain.mp4');
  const run = await ok(['export', source, '-o', drawn, '--subtitles', 'burn', '--json', ...QUICK, ...flags], { env });
  await ok(['export', source, '-o', plain, '--subtitles', 'drop', ...QUICK, ...flags], { env });
  return { drawn, plain, result: resultOf(run) };
}

const subtitlesOf = (path: string) => probe(path).streams.filter((stream) => stream.codec_type === 'subtitle');
/** What a text track says, as SRT. */
const textOf = (path: string, n = 0): string =>
  execFileSync('ffmpeg', ['-v', 'error', '-i', `file:${path}`, '-map', `0:s:${n}`, '-f', 'srt', '-'], {
    encoding: 'utf8',
  }).trim();

describe('--subtitles burn', () => {
  test('shows a line during its time, not before and not after, and leaves no track', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 2, lines: [[0.6, 1.2, 'Burned words']] });
    const { drawn, plain, result } = await both(source, folder, []);
    expect(drawnPictures(drawn, plain)).toEqual(within(0.6, 1.2, 25));
    expect(subtitlesOf(drawn)).toEqual([]);
    expect(result.settings).toMatchObject({ subtitles: { mode: 'burn', track: 1, codec: 'subrip' } });
    expect(result.settings_from).toMatchObject({ subtitles: 'flag' });
    expect(listing(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  const parts = [
    ['a part', '25', ['--start', '1', '--duration', '1'], 1, 25],
    [
      'a part that begins within the line, at 29.97',
      '30000/1001',
      ['--start', '1.301', '--duration', '0.8'],
      1.3013,
      29.97,
    ],
    ['a part behind a seek', '25', ['--start', '19.2', '--duration', '1.2'], 19.2, 25],
    ['a part at another rate', '25', ['--start', '1', '--duration', '1', '--fps', '50'], 1, 50],
  ] as const;
  test.each(oneOf(2, parts))('shows it at the right pictures of %s', async (_name, fps, flags, startSec, rate) => {
    const folder = fresh();
    const lines: readonly Line[] = [
      [1.21, 1.55, 'First words'],
      [19.6, 20.08, 'Later words'],
    ];
    const source = film(folder, { sec: 22, fps, lines });
    const { drawn, plain } = await both(source, folder, flags);
    const frames = lowerHalves(plain).length;
    const shown = lines.flatMap(([from, to]) => within(from - startSec, to - startSec, rate));
    expect(drawnPictures(drawn, plain)).toEqual(shown.filter((i) => i >= 0 && i < frames));
  });

  test('a line that begins and ends with a picture does, at 29.97', async () => {
    const folder = fresh();
    const sec = (picture: number) => (picture * 1001) / 30_000;
    const begins = [5, 13, 22, 31, 40, 50];
    const lines = begins.map((at): Line => [sec(at), sec(at + 3), 'Words']);
    const source = film(folder, { sec: 2, fps: '30000/1001', lines });
    const { drawn, plain } = await both(source, folder, []);
    expect(drawnPictures(drawn, plain)).toEqual(begins.flatMap((at) => [at, at + 1, at + 2]));
  });

  test('white is white and black is black in limited BT.709, and the comparison is with the drawn picture', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 1, lines: [[0, 1, '████████████']] });
    const to = join(folder, 'o.mp4');
    const flags = ['--subtitles', 'burn', '--verify', 'full', '--min-ssim', '0.97', '--crf', '10', '--json'];
    const run = await ok(['export', source, '-o', to, ...flags, ...QUICK]);
    expect(resultOf(run)).toMatchObject({ verification: { ok: true } });
    const args = ['-v', 'error', '-i', to, '-frames:v', '1', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'];
    const raw = execFileSync('ffmpeg', args);
    const pixels = SIZE.width * SIZE.height;
    const luma = [...raw.subarray(0, pixels)];
    const chroma = [...raw.subarray(pixels)];
    expect(Math.max(...luma)).toBeGreaterThanOrEqual(231);
    expect(Math.max(...luma)).toBeLessThanOrEqual(239);
    expect(Math.min(...luma)).toBeGreaterThanOrEqual(12);
    expect(Math.min(...luma)).toBeLessThanOrEqual(40);
    expect(Math.max(...chroma.map((value) => Math.abs(value - 128)))).toBeLessThanOrEqual(6);
  });

  test('a track without a line draws nothing', async () => {
    const folder = fresh();
    // ASS may have a header alone.
    writeFileSync(join(folder, 'none.ass'), '[Script Info]\nScriptType: v4.00+\n\n[Events]\n');
    const picture = ['-f', 'lavfi', '-i', `color=gray:s=${SIZE.width}x${SIZE.height}:r=25:d=1`];
    const source = join(folder, 'film.mkv');
    const maps = ['-map', '0', '-map', '1', '-c:s', 'copy'];
    ffmpeg([...picture, '-i', join(folder, 'none.ass'), ...maps, source]);
    const { drawn, plain } = await both(source, folder, []);
    expect(drawnPictures(drawn, plain)).toEqual([]);
    const font = ['-attach', join(folder, 'none.ass'), '-metadata:s:t:0', 'mimetype=font/ttf'];
    const attached = join(folder, 'attached.mkv');
    ffmpeg(['-i', source, '-i', join(folder, 'none.ass'), '-map', '0:v', '-map', '1', '-c', 'copy', ...font, attached]);
    const again = await both(attached, folder, ['--overwrite']);
    expect(drawnPictures(again.drawn, again.plain)).toEqual([]);
  });

  test('an attachment with a hostile name is read as a font, and nothing is written outside', async () => {
    const folder = fresh();
    const deep = join(folder, 'a', 'b', 'c');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'font'), 'this is no font');
    const attached = ['-attach', join(deep, 'font'), '-metadata:s:t:0', 'mimetype=font/ttf'];
    const hostile = ['-metadata:s:t:0', 'filename=../../evil.ttf'];
    const source = film(deep, { sec: 1, lines: [[0.2, 0.8, 'Words']], extra: [...attached, ...hostile] });
    const before = listing(folder);
    const { drawn, plain } = await both(source, deep, []);
    expect(drawnPictures(drawn, plain)).toEqual(within(0.2, 0.8, 25));
    expect(listing(folder)).toEqual([...before, 'a/b/c/drawn.mp4', 'a/b/c/plain.mp4'].sort());
  });

  test('odd names of the source do no harm', async () => {
    const folder = fresh();
    const name = "it's 50% [a]:b,c;d\\e.mkv";
    const source = film(folder, { sec: 1, lines: [[0.2, 0.8, 'Words']], name });
    const { drawn, plain } = await both(source, folder, []);
    expect(drawnPictures(drawn, plain)).toEqual(within(0.2, 0.8, 25));
  });

  test('what cannot be burned is refused, naming what there is', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 1, lines: [[0.2, 0.8, 'Words']] });
    const to = ['-o', join(folder, 'o.mkv'), '--subtitles', 'burn'];
    const copied = await sg(['export', source, ...to, '--codec', 'copy']);
    expectRefusal(copied, 4);
    expect(copied.stderr).toContain('--codec copy');
    const mute = join(folder, 'mute.mkv');
    ffmpeg(['-i', source, '-map', '0:v', '-c', 'copy', mute]);
    const none = await sg(['export', mute, ...to]);
    expectRefusal(none, 4);
    expect(none.stderr).toContain('no subtitle track');
  });

  test('an ffmpeg without libass is exit 5 before anything is encoded', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 1, lines: [[0.2, 0.8, 'Words']] });
    const tool = fresh();
    const body = `case "$*" in *-filters*) '${REAL_FFMPEG}' "$@" | grep -v ' subtitles ';; *) exec '${REAL_FFMPEG}' "$@";; esac`;
    const args = ['-o', join(folder, 'o.mp4'), '--subtitles', 'burn', '--ffmpeg', script(tool, 'ffmpeg', body)];
    const run = await sg(['export', source, ...args]);
    expectRefusal(run, 5);
    expect(run.stderr).toContain('lacks the filter subtitles');
  });
});

describe.skipIf(noMedia)('a real film with three tracks and a font', () => {
  test('its default track is drawn, in a part', async () => {
    const folder = fresh();
    const source = join(MEDIA, 'crystal_subs_chapters_attach.mkv');
    const flags = ['--start', '3.5', '--duration', '1.5', '--resolution', '240x160'];
    const { drawn, plain } = await both(source, folder, flags);
    expect(drawnPictures(drawn, plain, { width: 240, height: 160 })).toEqual(within(0.5, 1.5, 30));
  });

  test('its font is used: text appears on a machine that has none', async () => {
    const folder = fresh();
    const conf = join(folder, 'fonts.conf');
    writeFileSync(conf, '<?xml version="1.0"?><fontconfig></fontconfig>');
    const source = join(MEDIA, 'crystal_subs_chapters_attach.mkv');
    ffmpeg([
      '-dump_attachment:7',
      join(folder, 'font'),
      '-i',
      source,
      '-map',
      '0:V',
      '-frames:v',
      '1',
      join(folder, 'o.png'),
    ]);
    const text = ['[Script Info]', 'ScriptType: v4.00+', '[V4+ Styles]', 'Format: Name, Fontname, Fontsize', ''];
    const style = ['Style: Default,DejaVu Sans,60', '[Events]', 'Format: Layer, Start, End, Style, Text', ''];
    writeFileSync(
      join(folder, 'a.ass'),
      [...text, ...style, 'Dialogue: 0,0:00:00.20,0:00:00.60,Default,Words'].join('\n'),
    );
    const picture = [
      '-f',
      'lavfi',
      '-i',
      `color=gray:s=${SIZE.width}x${SIZE.height}:r=25:d=1`,
      '-i',
      join(folder, 'a.ass'),
    ];
    const film = [...picture, '-map', '0', '-map', '1', '-c:v', 'libx264', '-c:s', 'copy'];
    ffmpeg([...film, join(folder, 'without.mkv')]);
    const attached = ['-attach', join(folder, 'font'), '-metadata:s:t:0', 'filename=A.TTF'];
    ffmpeg([...film, ...attached, '-metadata:s:t:0', 'mimetype=application/octet-stream', join(folder, 'with.mkv')]);
    const env = { FONTCONFIG_FILE: conf };
    const bare = await both(join(folder, 'without.mkv'), folder, [], env);
    expect(drawnPictures(bare.drawn, bare.plain)).toEqual([]);
    const { drawn, plain } = await both(join(folder, 'with.mkv'), folder, ['--overwrite'], env);
    expect(drawnPictures(drawn, plain)).toEqual(within(0.2, 0.6, 25));
  });
});

const ADDED: readonly Line[] = [
  [0.2, 0.9, 'Grüße & <i>café</i>'],
  [1.4, 1.8, '第二'],
];
const ODD = "it's 50% [a]:b,c;d.srt";

describe('--subtitles FILE', () => {
  test.each(oneOf(2, ['mkv', 'mp4', 'mov', 'webm']))(
    'adds it as a track of %s, whatever its name, beside the others',
    async (extension) => {
      const folder = fresh();
      const source = film(folder, { sec: 2, lines: [[0.1, 0.5, 'Its own']] });
      const text = join(folder, ODD);
      writeFileSync(text, `\ufeff${srt(ADDED)}`);
      const to = join(folder, `o.${extension}`);
      const run = await ok(['export', source, '-o', to, '--subtitles', ODD, '--json', ...QUICK], { cwd: folder });
      expect(subtitlesOf(to).map((stream) => stream.codec_name)).toEqual(
        Array.from({ length: 2 }, () => ({ mkv: 'subrip', webm: 'webvtt' })[extension] ?? 'mov_text'),
      );
      expect(textOf(to, 0)).toContain('Its own');
      expect(textOf(to, 1)).toBe(srt(ADDED).trim());
      expect(resultOf(run).settings).toMatchObject({ subtitles: { mode: 'file', file: text } });
    },
  );

  test('is cut with the part', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 2, lines: [] });
    writeFileSync(join(folder, 'a.srt'), srt(ADDED));
    const to = join(folder, 'o.mp4');
    await ok([
      'export',
      source,
      '-o',
      to,
      '--subtitles',
      join(folder, 'a.srt'),
      '--start',
      '0.6',
      '--duration',
      '1',
      ...QUICK,
    ]);
    const [first = ['', '', ''], second = ['', '', '']] = ADDED;
    expect(textOf(to)).toBe(
      srt([
        [0, 0.3, first[2]],
        [0.8, 1, second[2]],
      ]).trim(),
    );
  });

  test('goes into a copied film, as ASS with its styles into MKV', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 2, lines: [] });
    const style = 'Style: Sign,Sans,33,&H0000FFFF,&H0,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1';
    const head =
      '[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n';
    const events =
      '\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nDialogue: 0,0:00:00.50,0:00:01.00,Sign,,0,0,0,,{\\b1}A sign\n';
    writeFileSync(join(folder, 'b.ass'), `${head}${style}${events}`);
    const to = join(folder, 'o.mkv');
    await ok(['export', source, '-o', to, '--codec', 'copy', '--subtitles', join(folder, 'b.ass')]);
    const last = subtitlesOf(to).length - 1;
    const args = ['-v', 'error', '-i', to, '-map', `0:s:${last}`, '-c', 'copy', '-f', 'ass', '-'];
    const said = execFileSync('ffmpeg', args, { encoding: 'utf8' });
    expect(said).toContain(style);
    expect(said).toContain('0:00:00.50,0:00:01.00,Sign,,0,0,0,,{\\b1}A sign');
  });

  test('makes the film again when its content changes, and is in the depfile and the receipt', async () => {
    const folder = fresh();
    film(folder, { sec: 1, lines: [] });
    const text = join(folder, 'a b.srt');
    writeFileSync(text, srt(ADDED));
    const files = ['--depfile', 'o.d', '--receipt', 'o.json', '--skip-existing', '--json'];
    const args = ['export', 'film.mkv', '-o', 'o.mkv', '--subtitles', 'a b.srt', ...files, ...QUICK];
    await ok(args, { cwd: folder });
    const cat = (name: string) => execFileSync('cat', [join(folder, name)], { encoding: 'utf8' });
    expect(cat('o.d')).toMatch(/^o\.mkv: film\.mkv a\\ b\.srt/);
    expect(JSON.parse(cat('o.json')).subtitles).toMatchObject({ path: text });
    expect(resultOf(await ok(args, { cwd: folder }))).toMatchObject({ skipped: true });
    writeFileSync(text, srt([[0.1, 0.4, 'Changed']]));
    expect(resultOf(await ok(args, { cwd: folder })).skipped).toBeUndefined();
    expect(textOf(join(folder, 'o.mkv'), subtitlesOf(join(folder, 'o.mkv')).length - 1)).toContain('Changed');
  });

  test('what is no subtitle file is refused', async () => {
    const folder = fresh();
    const source = film(folder, { sec: 1, lines: [] });
    writeFileSync(join(folder, 'old.srt'), Buffer.from(srt(ADDED.slice(0, 1)), 'latin1'));
    writeFileSync(join(folder, 'prose.srt'), 'Once upon a time\n');
    mkdirSync(join(folder, 'folder.srt'));
    const refused = async (value: string, code: number, said: string) => {
      const run = await sg(['export', source, '-o', 'o.mp4', '--subtitles', value], { cwd: folder });
      expectRefusal(run, code);
      expect(run.stderr).toContain(said);
    };
    await refused('old.srt', 3, 'UTF-8');
    await refused('prose.srt', 3, 'cannot be read as text subtitles');
    await refused('folder.srt', 3, 'a folder');
    await refused('gone.srt', 2, 'keep, burn, drop');
    await refused('film.mkv', 2, '.srt, .ass, .ssa, .vtt');
    expect(listing(folder).filter((name) => name.includes('o.mp4'))).toEqual([]);
  });
});
