import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg, type Probed, probe } from '../support/clips.ts';
import { delivered, ROOT } from '../support/run-cli.ts';

// What a file holds beside picture and sound: chapters, tags, texts, the cover, the timecode.
const path = (name: string) => join(ROOT, name);
const META = `;FFMETADATA1
title=A film
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=One
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=Two; or = more
`;
const SUBTITLES = '1\n00:00:00,200 --> 00:00:00,900\nHello\n\n2\n00:00:01,200 --> 00:00:01,800\nWorld\n';
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

beforeAll(() => {
  writeFileSync(path('meta.txt'), META.replace('Two; or = more', 'Two\\; or \\= more'));
  writeFileSync(path('text.srt'), SUBTITLES);
  ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=64x64:d=0.1:r=10', '-frames:v', '1', path('cover.png')]);
  const film = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=2', '-f', 'lavfi', '-i', 'sine=d=2'];
  const inputs = [...film, '-i', path('text.srt'), '-i', path('text.srt'), '-i', path('meta.txt')];
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map_metadata', '4', ...H264, '-c:a', 'aac'];
  const said = [
    ...['-metadata:s:a:0', 'language=deu', '-metadata:s:s:0', 'language=eng', '-metadata:s:s:1', 'language=fre'],
    ...['-disposition:s:0', '0', '-disposition:s:1', 'default+forced'],
    ...['-metadata', 'creation_time=2020-02-03T04:05:06Z', '-metadata', 'location=+48.1-011.5/'],
    ...['-metadata', 'comment=shot on a phone'],
  ];
  const cover = [
    '-attach',
    path('cover.png'),
    '-metadata:s:t',
    'mimetype=image/png',
    '-metadata:s:t',
    'filename=cover.png',
  ];
  ffmpeg([...inputs, ...maps, '-c:s', 'srt', ...said, ...cover, path('rich.mkv')]);
  ffmpeg([...inputs, ...maps, '-c:s', 'mov_text', ...said, path('rich.mp4')]);
  ffmpeg([
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=160x90:r=30000/1001:d=2',
    ...H264,
    '-timecode',
    '00:59:59;28',
    path('drop.mov'),
  ]);
});

async function probed(...[name, extension, ...flags]: Parameters<typeof delivered>) {
  const { file, warnings } = await delivered(name, extension, ...flags);
  return { file, found: probe(file), warnings };
}

interface Told {
  readonly codec_name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly disposition: Readonly<Record<string, number>>;
}
const ofKind = ({ streams }: Probed, kind: string) =>
  streams.filter(({ codec_type }) => codec_type === kind) as unknown as readonly Told[];
/** Tags of the file, their names in small letters: Matroska shouts. */
function tagsOf({ format }: Probed): Readonly<Record<string, string>> {
  const tags = (format as unknown as { readonly tags?: Readonly<Record<string, string>> }).tags ?? {};
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]));
}
const chaptersOf = ({ chapters }: Probed) =>
  (chapters as readonly { readonly start_time: string; readonly end_time: string; readonly tags: Told['tags'] }[]).map(
    ({ start_time: start, end_time: end, tags }) => [Number(start), Number(end), tags?.title],
  );

describe.each(['rich.mkv', 'rich.mp4'])('%s', (source) => {
  const text = { mp4: 'mov_text', mov: 'mov_text', mkv: 'subrip', webm: 'webvtt' } as const;
  it.each(oneOf(source === 'rich.mkv' ? 1 : 3, ['mp4', 'mov', 'mkv', 'webm'] as const))(
    'to %s keeps its chapters, tags, languages and roles',
    async (extension) => {
      const { found } = await probed(source, extension);
      expect(chaptersOf(found)).toEqual([
        [0, 1, 'One'],
        [1, 2, 'Two; or = more'],
      ]);
      expect(tagsOf(found)).toMatchObject({ title: 'A film', comment: 'shot on a phone' });
      if (extension !== 'webm') expect(tagsOf(found).creation_time).toBe('2020-02-03T04:05:06.000000Z');
      const texts = ofKind(found, 'subtitle');
      expect(texts.map(({ codec_name }) => codec_name)).toEqual([text[extension], text[extension]]);
      const french = extension === 'mov' ? 'fra' : 'fre';
      expect(texts.map(({ tags }) => tags?.language)).toEqual(['eng', french]);
      expect(ofKind(found, 'audio')[0]?.tags?.language).toBe(extension === 'mov' ? 'ger' : 'deu');
      expect(texts.map(({ disposition }) => disposition.default)).toEqual([0, 1]);
    },
  );

  test('cut to a part moves its chapters', async () => {
    const { found } = await probed(source, 'mkv', '--start', '0.6', '--duration', '1');
    expect(chaptersOf(found)).toEqual([
      [0, 0.4, 'One'],
      [0.4, 1, 'Two; or = more'],
    ]);
  });

  const stripped = [
    ['mp4', []],
    ['mov', []],
    ['mov', ['--codec', 'prores']],
    ['mkv', []],
    ['webm', []],
    ['mkv', ['--codec', 'copy']],
  ] as const;
  it.each(oneOf(2, stripped))('to %s with %j and --metadata strip says nothing at all', async (extension, flags) => {
    const { file, found } = await probed(source, extension, '--metadata', 'strip', ...flags);
    expect(found.chapters).toEqual([]);
    const tags = [found.format, ...found.streams].flatMap((one) => Object.entries(Object(one.tags)));
    // What a container cannot be without, says of itself, or measures.
    const own: Readonly<Record<string, RegExp>> = {
      ...{ major_brand: /./, minor_version: /./, compatible_brands: /./, vendor_id: /^(FFMP|\[0].*)$/ },
      ...{ handler_name: /^(Video|Sound|Subtitle)Handler$/, language: /^und$/, DURATION: /^[\d:.]+$/ },
      ...{ encoder: /^Lavf$/, ENCODER: /^$/ },
    };
    expect(tags.filter(([key, value]) => !own[key]?.test(String(value)))).toEqual([]);
    const bytes = readFileSync(file).toString('latin1');
    // A stream that is copied is not changed: what its encoder wrote into the sound itself stays.
    const names = flags.some((flag) => flag === 'copy') ? [] : ['Lavc'];
    for (const word of [...names, '48.1', 'A film', 'shot on', '2020-02']) expect(bytes).not.toContain(word);
  });

  test('for a platform leaves the place out, and keeps it on request', async () => {
    const flags = ['--platform', 'youtube', '--resolution', '360p', '--upscale'];
    const without = await probed(source, 'mp4', ...flags);
    expect(JSON.stringify(without.found.format)).not.toContain('48.1');
    expect(without.warnings).toContain('location');
    const kept = await probed(source, 'mp4', ...flags, '--metadata', 'keep');
    expect(JSON.stringify(kept.found.format)).toContain('48.1');
  });
});

describe('a cover', () => {
  it.each(['mp4', 'mkv'])('is kept in %s', async (extension) => {
    const { found } = await probed('rich.mkv', extension);
    const [, cover] = ofKind(found, 'video');
    expect(cover).toMatchObject({ codec_name: 'png', disposition: { attached_pic: 1 } });
    expect(ofKind(found, 'video')).toHaveLength(2);
  });

  it.each(['mov', 'webm'])('is left out of %s with a warning', async (extension) => {
    const { found, warnings } = await probed('rich.mkv', extension);
    expect(ofKind(found, 'video')).toHaveLength(1);
    expect(warnings).toContain('cover');
  });
});

describe('a drop-frame timecode', () => {
  const codeOf = (found: Probed) =>
    ofKind(found, 'data')[0]?.tags?.timecode ?? ofKind(found, 'video')[0]?.tags?.timecode;
  it.each([
    [[], '00:59:59;28'],
    [['--codec', 'prores'], '00:59:59;28'],
    // Two frames on is the hour, at which no number is left out.
    [['--start', '0.07'], '01:00:00;00'],
    [['--fps', '30000/1001'], '00:59:59;28'],
  ] as const)('in MOV with %j is %s', async (flags, code) => {
    expect(codeOf((await probed('drop.mov', 'mov', ...flags)).found)).toBe(code);
  });

  it.each(['mp4', 'mkv', 'webm'])('is left out of %s with a warning', async (extension) => {
    const { found, warnings } = await probed('drop.mov', extension);
    expect(warnings).toContain('timecode');
    expect(codeOf(found)).toBeUndefined();
  });
});
