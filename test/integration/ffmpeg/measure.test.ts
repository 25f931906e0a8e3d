import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countFrames, decodeCheck, keyframeTimes } from '../../../src/ffmpeg/measure.ts';
import { mp4Structure } from '../../../src/ffmpeg/mp4-boxes.ts';
import { cannotRun, clip, ffmpeg, ffprobe, make } from './real-media.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-measure-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(cannotRun)('decoding', () => {
  test('a sound file has no complaints, whole, head or tail', async () => {
    const path = clip('butterfly_720p_2997_stereo.mp4');
    expect(await decodeCheck(ffmpeg, path)).toEqual([]);
    expect(await decodeCheck(ffmpeg, path, [{ durationSec: 1 }])).toEqual([]);
    expect(await decodeCheck(ffmpeg, path, [{ durationSec: 1 }, { fromSec: 6 }])).toEqual([]);
  });

  test('a broken one has, and a range before the damage has none', async () => {
    const path = clip('broken_truncated_faststart.mp4');
    expect(await decodeCheck(ffmpeg, path)).not.toEqual([]);
    expect(await decodeCheck(ffmpeg, path, [{ durationSec: 1 }])).toEqual([]);
    expect(await decodeCheck(ffmpeg, join(folder, 'missing.mp4'))).not.toEqual([]);
  });

  test('frames are counted by packet and by decoding', async () => {
    expect(await countFrames(ffprobe, clip('traffic_vfr_720p.mp4'))).toBe(576);
    expect(await countFrames(ffprobe, clip('juggle_720p24_noaudio.mp4'), { how: 'decode' })).toBe(247);
    expect(await countFrames(ffprobe, clip('crystal_subs_chapters_attach.mkv'))).toBe(359);
  });

  test('keyframes in order, and only of the start when asked', async () => {
    const path = clip('butterfly_720p_2997_stereo.mp4');
    expect(await keyframeTimes(ffprobe, path)).toEqual([0, 3.003, 6.006]);
    expect(await keyframeTimes(ffprobe, path, { maxPackets: 100 })).toEqual([0, 3.003]);
  });

  test('an abort is an abort', async () => {
    const reason = new Error('stop');
    const path = clip('film_360p_nine_scenes.mp4');
    await expect(decodeCheck(ffmpeg, path, [{}], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe.skipIf(cannotRun)('MP4 boxes of real files', () => {
  test('order, brand, edits and colour', async () => {
    const late = await mp4Structure(clip('bee_anamorphic_720x480_sar32-27.mp4'));
    expect(late).toMatchObject({ majorBrand: 'isom', boxes: ['ftyp', 'free', 'mdat', 'moov'], moovBeforeMdat: false });
    expect(late).toMatchObject({ fragmented: false, missingBytes: 0, movieTimescale: 1000 });
    expect(late?.tracks[0]).toMatchObject({
      ...{ handler: 'vide', timescale: 30000, sampleEntry: 'avc1', editsMatter: true },
      edits: [{ duration: 4038, mediaTime: 2002, rate: 1 }],
      colr: { type: 'nclx', primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    });
    expect(late?.tracks[1]).toMatchObject({ handler: 'soun', editsMatter: false, colr: undefined });
    expect(await mp4Structure(clip('juggle_720p24_noaudio.mp4'))).toMatchObject({ moovBeforeMdat: true });
  });

  test('QuickTime, a gap before the picture, and bytes that are missing', async () => {
    const mov = await mp4Structure(clip('bee_prores_lt_720p_tmcd.mov'));
    expect(mov).toMatchObject({ majorBrand: 'qt  ', fragmented: false });
    expect(mov?.tracks.map((track) => [track.handler, track.colr?.type])).toEqual([
      ['vide', 'nclc'],
      ['soun', undefined],
      ['tmcd', undefined],
    ]);
    expect((await mp4Structure(clip('bbb_1080p25_aac51_15s.mp4')))?.tracks[0]?.edits[0]?.mediaTime).toBe(-1);
    expect((await mp4Structure(clip('broken_truncated_faststart.mp4')))?.missingBytes).toBe(1_202_683);
  });

  test('fragments', async () => {
    const flags = ['-c', 'copy', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'];
    make('-i', clip('butterfly_720p_2997_stereo.mp4'), ...flags, file('frag.mp4'));
    expect(await mp4Structure(file('frag.mp4'))).toMatchObject({ fragmented: true, moovBeforeMdat: true });
    // Recorded in fragments by the phone, then finished: its `mvex` is still there.
    expect(await mp4Structure(clip('iphone_portrait_rot90_640x480.mov'))).toMatchObject({ fragmented: false });
  });

  test('no edit list', async () => {
    const flags = ['-use_editlist', '0', '-movflags', '+faststart+negative_cts_offsets'];
    make('-i', clip('juggle_720p24_noaudio.mp4'), '-c', 'copy', ...flags, file('noedit.mp4'));
    const structure = await mp4Structure(file('noedit.mp4'));
    expect(structure?.tracks).toMatchObject([{ edits: [], editsMatter: false }]);
    expect(structure?.moovBeforeMdat).toBe(true);
  });

  test('other formats have none', async () => {
    expect(await mp4Structure(clip('elf_vp9_opus_480p.webm'))).toBeUndefined();
    expect(await mp4Structure(clip('bbb_1080p30_mp2_10s.ts'))).toBeUndefined();
  });
});

describe('MP4 boxes of made-up files', () => {
  const box = (type: string, ...content: readonly Buffer[]) => {
    const body = Buffer.concat(content);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8, 0);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body]);
  };
  const structure = (...boxes: readonly Buffer[]) => {
    writeFileSync(file('made.mp4'), Buffer.concat(boxes));
    return mp4Structure(file('made.mp4'));
  };
  const moov = box('moov', box('mvhd', Buffer.alloc(100)));

  test('sizes of 64 bits, sizes to the end of the file', async () => {
    const large = Buffer.alloc(24);
    large.writeUInt32BE(1, 0);
    large.write('mdat', 4, 'latin1');
    large.writeBigUInt64BE(24n, 8);
    expect((await structure(large, moov))?.boxes).toEqual(['mdat', 'moov']);
    const toEnd = Buffer.alloc(500);
    toEnd.write('mdat', 4, 'latin1');
    expect(await structure(moov, toEnd)).toMatchObject({ boxes: ['moov', 'mdat'], missingBytes: 0 });
  });

  test('nonsense neither hangs nor throws', async () => {
    expect(await structure(Buffer.alloc(100_000))).toBeUndefined();
    expect(await structure(Buffer.from('not a box at all, but some text'))).toBeUndefined();
    expect(await structure(Buffer.alloc(0))).toBeUndefined();
    const trak = box(
      'trak',
      box('mdia', box('hdlr'), box('mdhd'), box('minf', box('stbl', box('stsd')))),
      box('edts', box('elst')),
    );
    expect((await structure(box('moov', trak)))?.tracks).toEqual([
      { handler: '', timescale: 0, edits: [], editsMatter: false, sampleEntry: undefined, colr: undefined },
    ]);
    const liar = box('elst', Buffer.from([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]));
    expect((await structure(box('moov', box('trak', box('edts', liar)))))?.tracks[0]?.edits).toEqual([]);
    let deep = box('trak');
    for (let i = 0; i < 2000; i++) deep = box('moov', deep);
    expect(await structure(deep)).toBeDefined();
  });
});
