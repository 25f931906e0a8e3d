import { spawnSync } from 'node:child_process';
import { createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { captionedFilm } from '../support/captioned-film.ts';
import { isFull, oneOf } from '../support/choice.ts';
import { clip, ffmpeg } from '../support/clips.ts';
import { damagingEncoder } from '../support/fake-tools.ts';
import { expectRefusal, fresh, jsonLines, listing, sg, shown, startSg, until } from '../support/run-cli.ts';
import { noProc, processesAt } from '../support/running-export.ts';
import { meanRgb } from '../support/shown-pictures.ts';
import { noMount, type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { packetsOf, playlistsOf, readPlaylist, secondsOf } from '../support/stream-package.ts';

const RUNGS = ['--rungs', '180p:400k,90p:150k', '--segment', '2', '--speed', 'ultrafast'];
const ONE = ['--rungs', '90p:150k', '--segment', '2', '--speed', 'ultrafast'];
const film = (sec: number, more: Parameters<typeof clip>[0] = {}) => clip({ sec, ...more });

async function makePackage(source: string, kind: string, args: readonly string[] = RUNGS) {
  const folder = fresh();
  // Its own limit is the test's: several ffmpegs in a row take longer than one export.
  const run = await sg(['multi', source, '--ladder', kind, '--output-folder', folder, ...args], { timeoutMs: 240_000 });
  expect(run.code, shown(run)).toBe(0);
  const [name = ''] = readdirSync(folder);
  expect(readdirSync(folder), 'nothing but the package').toEqual([`clip_${kind}`]);
  return { folder, run, at: (path = '') => join(folder, name, path) };
}

/** Times of keyframes, by what ffprobe finds in the whole rendition. */
function keyframes(path: string): readonly number[] {
  const { init, segments } = readPlaylist(path);
  const packets = packetsOf(init, ...segments.map(({ bytes }) => bytes));
  const first = Math.min(...packets.map(({ sec }) => sec));
  return packets.filter(({ isKey }) => isKey).map(({ sec }) => Math.round((sec - first) * 1000));
}

describe('a package of HLS', () => {
  test('has rungs that are cut at the same keyframes, at 29.97 frames a second', async () => {
    const { at, run } = await makePackage(film(5, { fps: '30000/1001' }), 'hls');
    expect(run.stdout).toBe(`${at('master.m3u8')}\n`);
    const { variants, media } = playlistsOf(at('master.m3u8'));
    expect(variants).toEqual([at('video_180p_h264/playlist.m3u8'), at('video_90p_h264/playlist.m3u8')]);
    const [large = [], small = []] = variants.map(keyframes);
    expect(large).toEqual([0, 2002, 4004]);
    expect(small).toEqual(large);
    for (const path of [...variants, ...media]) {
      const playlist = readPlaylist(path);
      expect(secondsOf(playlist), path).toBeCloseTo(150 / (30_000 / 1001), 1);
      for (const { bytes } of playlist.segments) expect(packetsOf(playlist.init, bytes)[0]?.isKey, path).toBe(true);
    }
  });

  test('has sound without a gap at the joins, that begins and ends with the picture', async () => {
    const { at } = await makePackage(film(5), 'hls', ONE);
    const { media } = playlistsOf(at('master.m3u8'));
    const { init, segments } = readPlaylist(media[0] ?? '');
    const times = packetsOf(init, ...segments.map(({ bytes }) => bytes)).map(({ sec }) => sec);
    const steps = times.slice(1).map((sec, n) => sec - (times[n] ?? 0));
    expect(times[0]).toBe(0);
    expect(Math.max(...steps)).toBeCloseTo(1024 / 48_000, 4);
    expect(Math.min(...steps)).toBeCloseTo(1024 / 48_000, 4);
    expect(times.length * 1024).toBeGreaterThanOrEqual(5 * 48_000);
    expect(times.length * 1024).toBeLessThan(5 * 48_000 + 2048);
    for (const [n, { sec }] of segments.entries()) if (n < 2) expect(Math.abs(sec - 2)).toBeLessThan(1024 / 48_000);
  });

  test('says in JSON what was made', async () => {
    const { at, run } = await makePackage(film(3), 'hls', [...ONE, '--json']);
    const result = jsonLines(run).at(-1);
    const names = listing(at()).filter((name) => statSync(at(name)).isFile());
    expect(result).toMatchObject({
      type: 'result',
      status: 'completed',
      packages: [{ kind: 'hls', folder: at(), manifest: at('master.m3u8'), manifests: [at('master.m3u8')] }],
    });
    expect(result?.packages).toMatchObject([{ files: names.map((name) => at(name)) }]);
    expect(result?.exports).toMatchObject([
      { status: 'completed', settings: { width: 160, height: 90, audio_codec: 'none' } },
    ]);
    for (const path of names) expect(statSync(at(path)).mode & 0o044, 'readable for a server').toBe(0o044);
    expect(statSync(at()).mode & 0o055).toBe(0o055);
  });

  test.each([[[]], [['--segment-format', 'ts']], [['--single-file']]])(
    'has segments of six seconds by default %j',
    async (more) => {
      const { at } = await makePackage(film(13), 'hls', ['--rungs', '90p:150k', '--speed', 'ultrafast', ...more]);
      const { variants, media } = playlistsOf(at('master.m3u8'));
      for (const path of [...variants, ...media])
        expect(
          readPlaylist(path).segments.map(({ sec }) => Math.round(sec)),
          path,
        ).toEqual([6, 6, 1]);
    },
  );

  test('is made of MPEG-TS where that is asked for', async () => {
    const { at } = await makePackage(film(5), 'hls', [...ONE, '--segment-format', 'ts']);
    const { variants, media } = playlistsOf(at('master.m3u8'));
    const starts = [...variants, ...media].map((path) => {
      const playlist = readPlaylist(path);
      expect(playlist.segments.map(({ path: one }) => one.slice(-8))).toEqual(['00001.ts', '00002.ts', '00003.ts']);
      expect(secondsOf(playlist)).toBeCloseTo(5, 1);
      for (const { bytes } of playlist.segments) expect(packetsOf(bytes)[0]?.isKey, path).toBe(true);
      return packetsOf(playlist.segments[0]?.bytes)[0]?.sec;
    });
    expect(starts, 'picture and sound begin at one time').toEqual([1.4, 1.4]);
  });

  test('is one segment of MPEG-TS where the film is shorter than that', async () => {
    const { at } = await makePackage(film(1), 'hls', [...ONE, '--segment-format', 'ts']);
    const { variants, media } = playlistsOf(at('master.m3u8'));
    for (const path of [...variants, ...media]) expect(readPlaylist(path).segments, path).toHaveLength(1);
  });

  test('is encrypted with a key that stands nowhere', async () => {
    const folder = fresh();
    const key = randomBytes(16);
    const [keyFile, db] = [join(folder, 'secret.key'), join(folder, 'h.db')];
    writeFileSync(keyFile, `${key.toString('hex')}\n`);
    const encrypt = ['--encrypt', 'aes-128', '--key-file', keyFile, '--key-uri', 'https://keys.example/1'];
    const { at, run } = await makePackage(film(3), 'hls', [...ONE, ...encrypt, '--db', db, '-v']);
    const { variants, media } = playlistsOf(at('master.m3u8'));
    for (const path of [...variants, ...media]) {
      const { text, init, segments } = readPlaylist(path);
      expect(text).toContain('#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1"');
      const plain = segments.map(({ bytes }, n) => {
        const iv = Buffer.alloc(16);
        iv.writeUInt32BE(n, 12);
        const decipher = createDecipheriv('aes-128-cbc', key, iv);
        return Buffer.concat([decipher.update(bytes), decipher.final()]);
      });
      expect(packetsOf(init, ...plain)[0]).toEqual({ sec: 0, isKey: true });
    }
    for (const hidden of [key.toString('hex'), keyFile]) {
      expect(run.stdout + run.stderr).not.toContain(hidden);
      expect(readFileSync(db).includes(hidden), 'history').toBe(false);
      for (const name of listing(at()).filter((one) => statSync(at(one)).isFile()))
        expect(readFileSync(at(name)).includes(hidden), name).toBe(false);
    }
  });

  test('has every language and the surround once, and text in segments', async () => {
    const folder = fresh();
    const srt = join(folder, 't.srt');
    writeFileSync(srt, '1\n00:00:00,500 --> 00:00:02,500\nacross a join\n\n2\n00:00:03,000 --> 00:00:03,500\nlate\n');
    const source = join(folder, 'clip.mkv');
    const tone = (f: number, layout: string) => [
      '-f',
      'lavfi',
      '-i',
      `sine=f=${f}:r=48000:d=4,aformat=channel_layouts=${layout}`,
    ];
    ffmpeg([
      ...['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=4', ...tone(440, '5.1'), ...tone(550, 'stereo'), '-i', srt],
      ...[
        '-map',
        '0',
        '-map',
        '1',
        '-map',
        '2',
        '-map',
        '3',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-c:a',
        'flac',
      ],
      ...[
        '-metadata:s:a:0',
        'language=eng',
        '-metadata:s:a:1',
        'language=fra',
        '-metadata:s:s:0',
        'language=eng',
        source,
      ],
    ]);
    const { at } = await makePackage(source, 'hls', ONE);
    const master = readFileSync(at('master.m3u8'), 'utf8');
    const audio = [...master.matchAll(/TYPE=AUDIO,GROUP-ID="(\w+)",NAME="([^"]+)",LANGUAGE="(\w+)".*CHANNELS="(\d)"/g)];
    expect(audio.map((match) => match.slice(1))).toEqual([
      ['stereo', 'English', 'en', '2'],
      ['stereo', 'French', 'fr', '2'],
      ['surround', 'English', 'en', '6'],
    ]);
    const text = readPlaylist(playlistsOf(at('master.m3u8')).media.find((path) => path.includes('text_')) ?? '');
    const cues = text.segments.map(({ bytes }) => bytes.toString());
    expect(cues[0]).toMatch(/^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:00.500 --> 00:00:02.500/);
    expect(cues[1], 'a line that goes on stands in both').toContain('across a join');
    expect(cues[1]).toContain('late');
    expect(secondsOf(text)).toBeCloseTo(4, 2);
  });
});

/** The green of a part of a picture, whatever its colours say. */
const greenOf = (path: string, box: readonly [number, number, number, number]) => Math.round(meanRgb(path, box)[1]);

describe('the thumbnails of a package', () => {
  test('show the film at their times, in sheets that both manifests and a WebVTT file name', async () => {
    // A film whose grey tells the time: 20 steps brighter each second.
    const source = join(fresh(), 'clip.mp4');
    const grey =
      "color=black:s=320x180:r=25:d=13,format=yuv420p,geq=lum='16+219*(4+20*floor(T/1.2))/255':cb=128:cr=128";
    ffmpeg(['-f', 'lavfi', '-i', grey, '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', source]);
    const { at } = await makePackage(source, 'cmaf', ONE);
    const { segments, text } = readPlaylist(at('thumbnails/playlist.m3u8'));
    expect(text).toContain('#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=3x3,DURATION=2.000');
    expect(segments.map(({ path, sec }) => [path, sec])).toEqual([[at('thumbnails/00001.jpg'), 13]]);
    const master = readFileSync(at('master.m3u8'), 'utf8');
    expect(master).toMatch(/#EXT-X-IMAGE-STREAM-INF:.*RESOLUTION=160x90,.*URI="thumbnails\/playlist.m3u8"/);
    const manifest = readFileSync(at('manifest.mpd'), 'utf8');
    expect(manifest).toMatch(/guidelines\/thumbnail_tile" value="3x3"/);
    const cues = readFileSync(at('thumbnails.vtt'), 'utf8').matchAll(
      /(\d\d\.\d{3}) --> \S+\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g,
    );
    const seen = [...cues].map(([, start, sheet = '', ...box]) => {
      const [x = 0, y = 0, width = 0, height = 0] = box.map(Number);
      return [Number(start), Math.round((greenOf(at(sheet), [width, height, x, y]) + 16) / 20) - 1];
    });
    // Keyframes stand at each even second.
    expect(seen).toEqual([0, 2, 4, 6, 8, 10, 12].map((sec) => [sec, Math.floor(sec / 1.2)]));
  });

  test('are left out where nobody wants them, and beside what is encrypted', async () => {
    const { at } = await makePackage(film(1), 'hls', [...ONE, '--no-thumbnail-track']);
    expect(listing(at()).filter((name) => name.includes('thumbnails'))).toEqual([]);
    expect(readFileSync(at('master.m3u8'), 'utf8')).not.toContain('IMAGE');
    const key = join(fresh(), 'k');
    writeFileSync(key, randomBytes(16));
    const encrypt = ['--encrypt', 'aes-128', '--key-file', key, '--key-uri', 'k'];
    const hidden = await makePackage(film(1), 'hls', [...ONE, ...encrypt]);
    expect(listing(hidden.at()).filter((name) => name.includes('thumbnails'))).toEqual([]);
    const asked = await makePackage(film(1), 'hls', [...ONE, ...encrypt, '--thumbnail-track']);
    expect(listing(asked.at())).toContain('thumbnails/00001.jpg');
  });

  test('are judged by what lies in the folder', async () => {
    const { at } = await makePackage(film(3), 'cmaf', ONE);
    const sheet = readFileSync(at('thumbnails/00001.jpg'));
    writeFileSync(at('thumbnails/00001.jpg'), sheet.subarray(0, sheet.length / 2));
    const short = await sg(['validate', '--package', at()]);
    expect(short.code, shown(short)).toBe(4);
    expect(short.stdout).toMatch(/thumbnails\/00001\.jpg: picture: it ends before/);
  });
});

describe('rungs of several kinds', () => {
  // In npm test the two that are told apart by codec and by range at once.
  const codecs = isFull ? ['h264', 'h265', 'vp9', 'av1'] : ['h264', 'h265'];

  test('HDR and SDR, in several codecs, are told apart', async () => {
    const source = join(fresh(), 'clip.mp4');
    const tags = [
      '-color_primaries',
      'bt2020',
      '-color_trc',
      'smpte2084',
      '-colorspace',
      'bt2020nc',
      '-color_range',
      'tv',
    ];
    const hdr = 'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:log-level=error';
    ffmpeg([
      ...['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=1', '-pix_fmt', 'yuv420p10le', ...tags],
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', hdr, '-tag:v', 'hvc1', source],
    ]);
    const rungs = codecs.map((codec) => `${codec}:90p:150k`).join(',');
    const { at } = await makePackage(source, 'cmaf', ['--rungs', rungs, '--segment', '2', '--speed', 'ultrafast']);
    const master = readFileSync(at('master.m3u8'), 'utf8');
    const found = [...master.matchAll(/STREAM-INF:BANDWIDTH.*CODECS="(\w+)\..*FRAME-RATE.*VIDEO-RANGE=(\w+)/g)];
    const names = { h264: 'avc1 SDR', h265: 'hvc1 PQ', vp9: 'vp09 PQ', av1: 'av01 PQ' } as const;
    expect(found.map(([, codec, range]) => `${codec} ${range}`)).toEqual(
      codecs.map((codec) => names[codec as keyof typeof names]),
    );
    const manifest = readFileSync(at('manifest.mpd'), 'utf8');
    expect(manifest.match(/contentType="video"/g)).toHaveLength(codecs.length);
    expect(manifest.match(/TransferCharacteristics" value="16"/g)).toHaveLength(codecs.length - 1);
    expect(listing(at())).toContain('thumbnails/00001.jpg');
  });
});

describe('common encryption', () => {
  test.each([[[]], [['--single-file']]])('is undone with the key alone %j', async (more) => {
    const folder = fresh();
    const key = randomBytes(16);
    writeFileSync(join(folder, 'k'), key);
    const encrypt = ['--encrypt', 'cenc', '--key-file', join(folder, 'k'), '--key-uri', 'https://keys.example/1'];
    const { at } = await makePackage(film(3), 'cmaf', [...ONE, ...encrypt, ...more]);
    const { variants, media } = playlistsOf(at('master.m3u8'));
    for (const path of [...variants, ...media]) {
      const { text, init, segments } = readPlaylist(path);
      expect(text).toContain('#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="https://keys.example/1"');
      // One at a time: ffmpeg 5.1 reads no second fragment of an encrypted file, its own included.
      for (const { bytes } of segments) {
        const file = join(folder, 'one.mp4');
        writeFileSync(file, Buffer.concat([init ?? Buffer.alloc(0), bytes]));
        const decode = (secret: Buffer) =>
          spawnSync(
            'ffmpeg',
            ['-v', 'error', '-decryption_key', secret.toString('hex'), '-i', file, '-f', 'null', '-'],
            {
              encoding: 'utf8',
            },
          ).stderr;
        expect(decode(key), path).toBe('');
        expect(decode(randomBytes(16)), path).not.toBe('');
      }
    }
    const manifest = readFileSync(at('manifest.mpd'), 'utf8');
    expect(manifest).toMatch(/cenc:default_KID="[0-9a-f]{8}-/);
    const judged = async () => (await sg(['validate', '--package', at(), '--json'])).stdout;
    expect(await judged()).toMatch(/"valid":\s*true/);
    writeFileSync(at('manifest.mpd'), manifest.replaceAll(/(default_KID=")[0-9a-f]{8}/g, '$100000000'));
    const playlist = variants[0] ?? '';
    writeFileSync(playlist, readFileSync(playlist, 'utf8').replace(/^#EXT-X-KEY.*\n/m, ''));
    const said = await judged();
    expect(said).toMatch(/manifest\.mpd: encryption: ContentProtection with key 00000000/);
    expect(said).toMatch(/video_90p_h264[^"]*: encryption: none; expected METHOD=SAMPLE-AES-CTR/);
  });
});

describe('packages of DASH and CMAF', () => {
  test('name the same segments in both manifests', async () => {
    const { at, run } = await makePackage(film(3), 'cmaf', ONE);
    expect(run.stdout).toBe(`${at('master.m3u8')}\n${at('manifest.mpd')}\n`);
    const found = spawnSync('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name,width',
      '-of',
      'csv=p=0',
      at('manifest.mpd'),
    ]);
    // Once for the program, once for the streams.
    expect([...new Set(String(found.stdout).trim().split('\n'))].filter((line) => line !== '')).toEqual([
      'h264,160',
      'aac',
    ]);
    expect(readFileSync(at('manifest.mpd'), 'utf8')).toContain('avc1.');
    const judged = await sg(['validate', '--package', at()]);
    expect(judged.code, shown(judged)).toBe(0);
  });

  test('are one file for each rendition where that is asked for', async () => {
    const { at } = await makePackage(film(5), 'cmaf', [...ONE, '--single-file']);
    expect(listing(at()).filter((name) => name.endsWith('.mp4'))).toEqual(['audio_1_2ch.mp4', 'video_90p_h264.mp4']);
    const { init, segments } = readPlaylist(at('video_90p_h264.m3u8'));
    expect(segments).toHaveLength(3);
    for (const { bytes } of segments) expect(packetsOf(init, bytes)[0]?.isKey).toBe(true);
  });
});

describe('sources that are not as expected', () => {
  const shapes: readonly (readonly [string, Parameters<typeof clip>[0], Readonly<Record<string, unknown>>])[] = [
    ['without sound', { sec: 3, sound: false }, { width: 160 }],
    ['shorter than a segment', { sec: 1 }, { width: 160 }],
    ['upright', { sec: 1, size: '180x320' }, { width: 90, height: 160 }],
    ['of 4:3', { sec: 1, size: '320x240' }, { width: 120, height: 90 }],
    ['of 12 frames a second', { sec: 3, fps: 12 }, { frame_rate: '12' }],
    ['of 120 frames a second', { sec: 1, fps: 120 }, { frame_rate: '60' }],
  ];
  test.each(oneOf(2, shapes))('%s', async (_name, wish, settings) => {
    const { at, run } = await makePackage(clip(wish), 'hls', [...ONE, '--json']);
    expect(jsonLines(run).at(-1)?.exports).toMatchObject([{ settings }]);
    const { variants, media } = playlistsOf(at('master.m3u8'));
    expect(media).toHaveLength(wish?.sound === false ? 0 : 1);
    for (const path of [...variants, ...media]) expect(secondsOf(readPlaylist(path))).toBeCloseTo(wish?.sec ?? 0, 1);
  });

  /** Boundaries of all renditions of the picture, in milliseconds, one list for each. */
  const joins = (at: (path?: string) => string) =>
    playlistsOf(at('master.m3u8')).variants.map((path) =>
      readPlaylist(path).segments.map(({ sec }) => Math.round(sec * 1000)),
    );

  // Whole groups of pictures at rates that are no whole numbers, too; 29.97 has a test of its own.
  const rates: readonly (readonly [string, string, readonly number[]])[] = [
    ['23.976', '24000/1001', [2002, 1001]],
    ['59.94', '60000/1001', [2002, 1001]],
    ['25', '25', [2000, 1000]],
    ['50', '50', [2000, 1000]],
  ];
  test.each(oneOf(2, rates))('of %s frames a second', async (_name, fps, ms) => {
    const { at } = await makePackage(film((ms[0] ?? 0) / 2000 + (ms[0] ?? 0) / 1000, { fps }), 'hls', RUNGS);
    expect(joins(at)).toEqual([ms, ms]);
  });

  test('of a variable frame rate', async () => {
    const source = join(fresh(), 'clip.mp4');
    // Every picture for a second, then every third one.
    const uneven = [
      '-vf',
      "select='lt(t,1)+not(mod(n,3))'",
      '-fps_mode',
      'vfr',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ];
    ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=4', ...uneven, source]);
    const { at } = await makePackage(source, 'cmaf', RUNGS);
    const [large = [], small = []] = joins(at);
    expect(small).toEqual(large);
    expect(Math.abs(large.reduce((sum, ms) => sum + ms, 0) / 1000 - 4)).toBeLessThanOrEqual(0.1);
  });

  test('with captions within its pictures, which no playlist tells of', async () => {
    const { at, run } = await makePackage(captionedFilm(fresh()), 'hls', ONE);
    expect(run.stderr).toMatch(
      /closed captions within the pictures of the source \(CEA-608\/708\) are not in the package/,
    );
    expect(readFileSync(at('master.m3u8'), 'utf8')).toContain('CLOSED-CAPTIONS=NONE');
    const { init, segments } = readPlaylist(playlistsOf(at('master.m3u8')).variants[0] ?? '');
    const bytes = Buffer.concat([init ?? Buffer.alloc(0), ...segments.map((one) => one.bytes)]);
    expect(bytes.includes('GA94'), 'what begins a caption').toBe(false);
  });

  test('with sound in the middle only', async () => {
    const folder = fresh();
    const source = join(folder, 'clip.mkv');
    ffmpeg([
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=320x180:r=25:d=5',
        '-itsoffset',
        '1.5',
        '-f',
        'lavfi',
        '-i',
        'sine=r=48000:d=1',
      ],
      ...['-map', '0', '-map', '1', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'flac', source],
    ]);
    const { at } = await makePackage(source, 'hls', ONE);
    const { media } = playlistsOf(at('master.m3u8'));
    expect(secondsOf(readPlaylist(media[0] ?? ''))).toBeCloseTo(5, 1);
  });

  test('a rung above the source is left out with a warning, and made with --upscale', async () => {
    const rungs = ['--rungs', '360p:400k,90p:150k', '--segment', '2', '--speed', 'ultrafast'];
    const { at, run } = await makePackage(film(1), 'hls', rungs);
    expect(run.stderr).toMatch(/360p:400k is larger than the source \(320x180\) and is left out/);
    expect(playlistsOf(at('master.m3u8')).variants).toHaveLength(1);
    const larger = await makePackage(film(1), 'hls', [...rungs, '--upscale']);
    expect(playlistsOf(larger.at('master.m3u8')).variants[0]).toContain('360p');
  });
});

/** A ladder that takes its time, begun: its scratch folder is there. */
async function longLadder(folder: string) {
  const source = film(20, { size: '640x360' });
  const started = startSg(['multi', source, '--ladder', 'hls', '--output-folder', folder, '--rungs', '360p:900k']);
  await expect
    .poll(() => readdirSync(folder).some((name) => name.startsWith('.sg-export-')), { timeout: 40_000 })
    .toBe(true);
  return started;
}

describe('the place of a package', () => {
  test('is replaced with --overwrite only, and only where a package stood', async () => {
    const { at, folder } = await makePackage(film(1), 'hls', ONE);
    const again = ['multi', film(1), '--ladder', 'hls', '--output-folder', folder, ...ONE];
    const before = statSync(at('master.m3u8')).ino;
    expectRefusal(await sg(again), 2);
    expect(statSync(at('master.m3u8')).ino).toBe(before);
    writeFileSync(at('old.txt'), 'of the old package');
    const over = await sg([...again, '--overwrite']);
    expect(over.code, shown(over)).toBe(0);
    expect(existsSync(at('old.txt'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['clip_hls']);
    const other = fresh();
    mkdirSync(join(other, 'clip_hls'));
    writeFileSync(join(other, 'clip_hls', 'mine.txt'), 'mine');
    const foreign = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', other, '--overwrite', ...ONE]);
    expectRefusal(foreign, 2);
    expect(listing(other)).toEqual(['clip_hls', 'clip_hls/mine.txt']);
  });

  test.skipIf(noProc)('stays empty where the run is killed, and the next one tidies up', async () => {
    const folder = fresh();
    const started = await longLadder(folder);
    started.child.kill('SIGKILL');
    await started.ended;
    expect(await until(() => processesAt(folder).length === 0, 5000), 'no ffmpeg works on').toBe(true);
    expect(readdirSync(folder)).not.toContain('clip_hls');
    const next = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', folder, ...ONE]);
    expect(next.code, shown(next)).toBe(0);
    expect(readdirSync(folder)).toEqual(['clip_hls']);
  });

  test('stays empty on Ctrl-C', async () => {
    const folder = fresh();
    const started = await longLadder(folder);
    started.child.kill('SIGINT');
    const run = await started.ended;
    expect(run.code, shown(run)).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.skipIf(noProc)('a run that is taken up', () => {
  test('leaves the packages alone that stand, and makes the others', async () => {
    const [folder, db] = [fresh(), join(fresh(), 'h.db')];
    const sources = [film(1, { name: 'first.mp4' }), film(20, { size: '640x360' })];
    const flags = ['--rungs', '90p:150k', '--segment', '2', '--parallel', '1', '--no-share', '--db', db];
    const started = startSg(['multi', ...sources, '--ladder', 'hls', '--output-folder', folder, ...flags]);
    const first = join(folder, 'first_hls');
    // A package stands as soon as its own renditions are done, whatever else is to be made.
    await expect.poll(() => existsSync(first), { timeout: 50_000 }).toBe(true);
    started.child.kill('SIGKILL');
    await started.ended;
    expect(await until(() => processesAt(folder).length === 0, 5000), 'no ffmpeg works on').toBe(true);
    expect(existsSync(join(folder, 'clip_hls'))).toBe(false);
    const { ino } = statSync(join(first, 'master.m3u8'));
    const resumed = await sg(['multi', '--resume', '--db', db], { timeoutMs: 120_000 });
    expect(resumed.code, shown(resumed)).toBe(0);
    expect(statSync(join(first, 'master.m3u8')).ino).toBe(ino);
    expect(readdirSync(folder).sort()).toEqual(['clip_hls', 'first_hls']);
    const again = await sg(['multi', '--resume', '--db', db]);
    expectRefusal(again, 2);
    expect(again.stderr).toContain('there is no unfinished run');
  });
});

describe.skipIf(noMount)('a disk that is full when the segments are written', () => {
  let disk: SmallDisk | undefined;
  afterEach(() => disk?.remove());

  test('leaves no folder and says so', async () => {
    disk = smallDisk(8 << 20);
    const fills = damagingEncoder(
      fresh(),
      `head -c 100M /dev/zero > '${join(disk.path, 'filler')}' 2>/dev/null; exit 0`,
    );
    const args = ['multi', film(3), '--ladder', 'hls', '--output-folder', disk.path, ...ONE, '--ffmpeg', fills];
    const run = await sg(args);
    expect(run.code, shown(run)).toBe(6);
    expect(run.stderr).toMatch(/full|space/i);
    expect(listing(disk.path)).toEqual(['filler']);
  });
});

describe('a dry run', () => {
  test('prints the commands of the renditions, and what no command does', async () => {
    const folder = fresh();
    const run = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', folder, ...ONE, '--dry-run']);
    expect(run.code, shown(run)).toBe(0);
    expect(listing(folder)).toEqual([]);
    expect(run.stdout).toContain('# sg-export cuts these files into segments of 2.000 s');
    const made = spawnSync('sh', ['-e', '-s'], { input: run.stdout, encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    expect(listing(join(folder, 'clip_hls'))).toEqual(['audio_1_2ch.mp4', 'thumbnails-1.jpg', 'video_90p_h264.mp4']);
  });
});

describe('what cannot be', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--export', 'h264'], /--ladder decides its own exports/],
    [['--name', 'x'], /--name does not go with --ladder/],
    [['--report', 'x.html'], /--report/],
    [['--resolution', '720p'], /--resolution does not go with --ladder/],
    [['--codec', 'prores'], /not in prores/],
    [
      ['--skip-existing', '--encrypt', 'aes-128', '--key-file', 'k', '--key-uri', 'k'],
      /--skip-existing does not go with --encrypt/,
    ],
    [['--thumbnails', '320x180'], /--thumbnails does not go with --ladder/],
    [['--rungs', '720'], /'720' is no rung/],
    [['--segment', '9'], /--segment 9 is out of range/],
    [['--segment-format', 'ts', '--single-file'], /--single-file does not go with --segment-format ts/],
    [['--encrypt', 'aes-128'], /--encrypt aes-128 wants --key-file/],
    [['--key-file', 'x'], /--key-file encrypts nothing by itself/],
    [
      ['--encrypt', 'aes-128', '--key-file', 'none.key', '--key-uri', 'k'],
      /--key-file none.key cannot be read: it does not exist/,
    ],
  ];
  test.each(cases)('%j', async (flags, said) => {
    const folder = fresh();
    const run = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', join(folder, 'o'), ...flags]);
    expectRefusal(run, 2);
    expect(run.stderr).toMatch(said);
    expect(listing(folder)).toEqual([]);
  });

  test('two rungs that are one, told once and without a name of the scratch folder', async () => {
    const folder = fresh();
    const rungs = ['--rungs', '90p:150k,90p:150k'];
    const run = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', folder, ...rungs]);
    expectRefusal(run, 4);
    expect(run.stderr).toMatch(/^error: --rungs: two of 160x90 in h264 at 150k and 150k cannot be told apart$/m);
    expect(run.stderr).not.toContain('.sg-export-');
  });

  const nowhere = process.platform === 'linux' ? ['/proc/sg-export'] : [];
  test.each(nowhere)('a folder that nobody can make: %s', async (folder) => {
    const run = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', folder, ...ONE], {
      timeoutMs: 60_000,
    });
    expect(run.code, shown(run)).not.toBe(0);
    expect(run.stderr).toContain(`cannot make the folder ${folder}`);
  });

  test('a file in place of the output folder, which is what is told', async () => {
    const file = join(fresh(), 'file');
    writeFileSync(file, '');
    const run = await sg(['multi', film(1), '--ladder', 'hls', '--output-folder', file, ...ONE]);
    expectRefusal(run, 2);
    expect(run.stderr).toContain(`--output-folder ${file}`);
    expect(run.stderr).not.toContain('.sg-export-');
  });

  test('flags of a package without one', async () => {
    const run = await sg(['multi', film(1), '--export', 'h264', '--rungs', '720p']);
    expectRefusal(run, 2);
    expect(run.stderr).toMatch(/--rungs goes with --ladder only/);
  });
});
