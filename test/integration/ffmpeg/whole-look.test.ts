import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyframesOf, readFilmTables } from '../../../src/app/film-tables.ts';
import { keyframeTimes } from '../../../src/ffmpeg/measure.ts';
import { probeMedia } from '../../../src/ffmpeg/probe.ts';
import { lookAtWhole } from '../../../src/ffmpeg/whole-look.ts';
import { cannotRun, clip, ffprobe, make } from './real-media.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-look-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=1'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=r=48000:d=1'];
const BT709 = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'];
const X264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-g', '10', ...BT709];
const FRAGMENTS = '+frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets';
const PQ = 'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:log-level=error';

/** Films as exports are made, each in another way. */
const FILMS: Readonly<Record<string, readonly string[]>> = {
  'h264.mp4': [...X264, '-c:a', 'aac', '-movflags', '+faststart'],
  'no-edits.mp4': [...X264, '-c:a', 'aac', '-use_editlist', '0', '-movflags', '+faststart+negative_cts_offsets'],
  'fragments.mp4': [...X264, '-c:a', 'aac', '-movflags', '+frag_keyframe+empty_moov'],
  'h264.mkv': [...X264, '-c:a', 'flac'],
  'h265.mp4': ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-tag:v', 'hvc1', ...BT709, '-c:a', 'libmp3lame'],
  'hdr10.mkv': ['-c:v', 'libx265', '-pix_fmt', 'yuv420p10le', '-x265-params', PQ, '-c:a', 'libopus'],
  'vp9.webm': ['-c:v', 'libvpx-vp9', '-b:v', '0', '-crf', '40', '-cpu-used', '5', ...BT709, '-c:a', 'libopus'],
  'av1.mp4': ['-c:v', 'libsvtav1', '-preset', '10', '-crf', '40', ...BT709, '-c:a', 'aac'],
  'prores.mov': ['-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le', '-c:a', 'pcm_s24le'],
  'dnxhr.mov': ['-s', '256x144', '-c:v', 'dnxhd', '-profile:v', 'dnxhr_lb', '-pix_fmt', 'yuv422p', '-c:a', 'pcm_s16le'],
};

describe.skipIf(cannotRun)('one look at all of a short film', () => {
  test.each(Object.entries(FILMS))('%s: what three looks tell', async (name, args) => {
    const path = file(name);
    make(...PICTURE, ...SOUND, ...args, path);
    const look = await lookAtWhole(ffprobe, path, signal);
    expect(look?.media).toEqual(await probeMedia(ffprobe, path));
    expect(look?.keyframeSec).toEqual(await keyframeTimes(ffprobe, path));
  });

  test('of real clips too, where it tells anything of them', async () => {
    const names = ['juggle_720p24_noaudio.mp4', 'crystal_subs_chapters_attach.mkv', 'elf_vp9_opus_480p.webm'];
    for (const name of names) {
      const path = file(`short-${name}`);
      make('-i', clip(name), '-t', '1', '-map', '0', '-c', 'copy', path);
      const look = await lookAtWhole(ffprobe, path, signal);
      expect(look?.media, name).toEqual(await probeMedia(ffprobe, path));
      expect(look?.keyframeSec, name).toEqual(await keyframeTimes(ffprobe, path));
    }
  });

  const HARMS: Readonly<Record<string, (path: string) => void>> = {
    'is no film': (path) => writeFileSync(path, 'hello'),
    'is not there': (path) => rmSync(path),
    'is cut off': (path) => truncateSync(path, Math.floor(readFileSync(path).length * 0.8)),
    'has garbage in its pictures': (path) => {
      const bytes = readFileSync(path);
      const middle = Math.floor(bytes.length / 2);
      writeFileSync(path, bytes.fill(0x55, middle, middle + 3000));
    },
  };
  test.each(Object.entries(HARMS))('a film that %s is left to others', async (what, harm) => {
    const path = file(`${what}.mp4`);
    make(...PICTURE, ...SOUND, ...(FILMS['h264.mp4'] ?? []), path);
    expect(await lookAtWhole(ffprobe, path, signal)).toBeDefined();
    harm(path);
    expect(await lookAtWhole(ffprobe, path, signal)).toBeUndefined();
  });

  test('so is one in which a decoder gives out less than went in, without a word', async () => {
    const path = file('whole.mp4');
    make(...PICTURE, ...SOUND, ...(FILMS['h264.mp4'] ?? []), path);
    // A frame is left out of the list that the real one prints.
    const fake = file('ffprobe');
    const less = `const text = require('node:child_process').execFileSync('${ffprobe}', process.argv.slice(2), { encoding: 'utf8' });
const all = JSON.parse(text);
all.packets_and_frames.splice(all.packets_and_frames.findLastIndex(({ type }) => type === 'frame'), 1);
process.stdout.write(JSON.stringify(all));`;
    writeFileSync(fake, `#!${process.execPath}\n${less}\n`, { mode: 0o755 });
    expect(await lookAtWhole(fake, path, signal)).toBeUndefined();
  });

  test('an abort is an abort', async () => {
    const reason = new Error('stop');
    const path = file('abort.mp4');
    copyFileSync(clip('juggle_720p24_noaudio.mp4'), path);
    await expect(lookAtWhole(ffprobe, path, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe.skipIf(cannotRun)('one look at head and tail of a longer film', () => {
  const LONG = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=5'];
  const LONG_SOUND = ['-f', 'lavfi', '-i', 'sine=r=48000:d=5'];
  const stretches = [{ durationSec: 1 }, { fromSec: 4 }];
  const lookAtParts = async (path: string, tool = ffprobe) => {
    const tables = await readFilmTables(path);
    return tables && lookAtWhole(tool, path, signal, { stretches, tables });
  };
  const TELLING: Readonly<Record<string, readonly string[]>> = {
    ...FILMS,
    // What a rendition of a package is.
    'rendition.mp4': [...X264, '-an', '-use_editlist', '0', '-movflags', FRAGMENTS],
    'fast.mp4': [...X264, '-preset', 'ultrafast', '-an', '-movflags', FRAGMENTS],
    'h265-fragments.mp4': [...(FILMS['h265.mp4'] ?? []), '-an', '-movflags', FRAGMENTS],
    'vp9-fragments.mp4': [...(FILMS['vp9.webm'] ?? []), '-an', '-movflags', FRAGMENTS],
  };
  const UNTOLD = ['fragments.mp4', 'h264.mkv', 'hdr10.mkv', 'vp9.webm'];

  test.each(Object.entries(TELLING))('%s: what separate looks tell, or nothing', async (name, args) => {
    const path = file(`long-${name}`);
    make(...LONG, ...LONG_SOUND, ...args, path);
    const look = await lookAtParts(path);
    if (UNTOLD.includes(name)) return expect(look).toBeUndefined();
    expect(look?.media).toEqual(await probeMedia(ffprobe, path));
    const rounded = (times: readonly number[] | undefined) => times?.map((sec) => Math.round(sec * 1000));
    expect(rounded(look?.keyframeSec)).toEqual(rounded(await keyframeTimes(ffprobe, path)));
  });

  test.each(['h264.mp4', 'rendition.mp4'])('garbage in the tail is left to others: %s', async (name) => {
    const path = file(`harmed-${name}`);
    make(...LONG, ...LONG_SOUND, ...(TELLING[name] ?? []), path);
    expect(await lookAtParts(path)).toBeDefined();
    const bytes = readFileSync(path);
    const at = Math.floor(bytes.length * 0.93);
    writeFileSync(path, bytes.fill(0x55, at, at + 2000));
    expect(await lookAtParts(path)).toBeUndefined();
  });
});

describe.skipIf(cannotRun)('keyframes by the tables of an MP4', () => {
  /** None that could be started: only the tables can tell. */
  const byTables = (path: string) => keyframesOf('/nowhere/ffprobe', path, signal);
  const rounded = (times: readonly number[]) => times.map((sec) => Math.round(sec * 1000));
  const REAL = [
    'bbb_1080p25_aac51_15s.mp4',
    'bee_anamorphic_720x480_sar32-27.mp4',
    'bee_prores_lt_720p_tmcd.mov',
    'butterfly_720p_2997_stereo.mp4',
    'juggle_720p24_noaudio.mp4',
    'nail_vertical_phone_1916x1080_rot.mp4',
    'phone_hdr10_pq_1080p_hevc10.mp4',
    'traffic_vfr_720p.mp4',
    'webcam_screenrec_1920x880_60fps_mono.mp4',
  ];
  test.each(REAL)('are those that ffprobe lists: %s', async (name) => {
    const path = clip(name);
    const listed = await keyframeTimes(ffprobe, path);
    expect(listed.length).toBeGreaterThan(0);
    expect(rounded(await byTables(path))).toEqual(rounded(listed));
  });

  test.each(['no-edits.mp4', 'h264.mp4', 'h265.mp4', 'av1.mp4', 'prores.mov'])(
    'and of what is made: %s',
    async (name) => {
      make(...PICTURE, ...SOUND, ...(FILMS[name] ?? []), file(name));
      expect(rounded(await byTables(file(name)))).toEqual(rounded(await keyframeTimes(ffprobe, file(name))));
    },
  );

  test('a picture that begins late, with B-frames', async () => {
    const path = file('late.mp4');
    make(
      '-itsoffset',
      '0.5',
      ...PICTURE,
      ...SOUND,
      '-map',
      '0:v',
      '-map',
      '1:a',
      ...X264,
      '-fps_mode',
      'passthrough',
      path,
    );
    const listed = rounded(await keyframeTimes(ffprobe, path));
    expect(listed[0]).toBeGreaterThanOrEqual(500);
    expect(rounded(await byTables(path))).toEqual(listed);
  });

  test('what has none is left to ffprobe', async () => {
    for (const name of ['fragments.mp4', 'h264.mkv']) {
      make(...PICTURE, ...SOUND, ...(FILMS[name] ?? []), file(name));
      await expect(byTables(file(name)), name).rejects.toMatchObject({ code: 'TOOLCHAIN' });
      expect(await keyframesOf(ffprobe, file(name), signal)).toEqual(await keyframeTimes(ffprobe, file(name)));
    }
  });
});
