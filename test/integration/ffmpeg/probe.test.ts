import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeMedia } from '../../../src/ffmpeg/probe.ts';
import { cannotRun, clip, ffprobe, make } from './real-media.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-probe-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(cannotRun)('real clips', () => {
  const probe = async (name: string) => {
    const media = await probeMedia(ffprobe, clip(name));
    const [film] = media.video;
    if (!film) throw new Error('no film');
    return { media, film };
  };

  test('a phone held upright: the matrix is read as a clockwise turn', async () => {
    for (const name of ['iphone_portrait_rot90_640x480.mov', 'nail_vertical_phone_1916x1080_rot.mp4']) {
      expect((await probe(name)).film).toMatchObject({ rotation: 90, flipped: false, hasRotationMatrix: true });
    }
  });

  test('HDR10: side data of the first frame, colours of the bitstream, jittery times measured', async () => {
    const { media, film } = await probe('phone_hdr10_pq_1080p_hevc10.mp4');
    expect(film.colour).toEqual({ range: 'tv', primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc' });
    expect(film).toMatchObject({ bitDepth: 10, codecTag: 'hev1', hdr: { hdr10Plus: true, dolbyVision: false } });
    expect(film.hdr.contentLight).toEqual({ maxCll: 1000, maxFall: 200 });
    expect(film.hdr.mastering).toMatchObject({ white: [15635, 16450], minLuminance: 50, maxLuminance: 1000 });
    expect(media.scan?.maxStepSec).toBeCloseTo(0.0999, 3);
    expect(media.scan?.minStepSec).toBeCloseTo(0.0333, 3);
  });

  test('a transport stream: start, frames and end from its packets', async () => {
    const { media, film } = await probe('bbb_576i50_mpeg2_tff_sar64-45.ts');
    expect(media).toMatchObject({ format: 'mpegts', startSec: 1.413211 });
    expect(film).toMatchObject({ frames: 250, fieldOrder: 'tt', sampleAspect: { num: 64, den: 45 }, codecTag: '' });
    expect(media.scan).toMatchObject({ videoPackets: 250, startsOnKeyframe: true, corruptSec: [] });
    expect(media.durationSec).toBeCloseTo(10.0268, 3);
  });

  test('subtitles, chapters, cover, attachments', async () => {
    const { media } = await probe('crystal_subs_chapters_attach.mkv');
    expect(media.video.map((video) => video.attachedPicture)).toEqual([false, true]);
    expect(media.subtitles.map(({ codec, language, title, bitmap }) => [codec, language, title, bitmap])).toEqual([
      ['subrip', 'eng', 'English', false],
      ['subrip', 'ger', undefined, false],
      ['ass', 'eng', 'Signs', false],
    ]);
    expect(media.subtitles[0]?.disposition.default).toBe(true);
    expect(media.chapters.map((chapter) => chapter.title)).toEqual(['Opening', 'Middle: "quoted" & accentué', 'End']);
    expect(media.attachments.map((attachment) => attachment.tags.filename)).toEqual(['notes.txt', 'DejaVuSans.ttf']);
    expect(media.tags.title).toBe('Crystal (test)');
  });

  test('a timecode track', async () => {
    const { media, film } = await probe('bee_prores_lt_720p_tmcd.mov');
    expect(media.timecode).toBe('01:00:00:00');
    expect(film).toMatchObject({ codec: 'prores', codecTag: 'apcs', bitDepth: 10, pixelFormat: 'yuv422p10le' });
    expect(media.data).toMatchObject([{ kind: 'data', codecTag: 'tmcd' }]);
  });

  test('surround, and an indexed file is not scanned', async () => {
    const { media } = await probe('bbb_1080p25_aac51_15s.mp4');
    expect(media.audio).toMatchObject([{ channels: 6, layout: '5.1', sampleRate: 48000, codec: 'aac' }]);
    expect(media).toMatchObject({ durationSec: 15.424, scan: undefined });
  });

  test('variable rate is measured', async () => {
    const { media, film } = await probe('traffic_vfr_720p.mp4');
    expect(media.scan).toMatchObject({ videoPackets: 576, minStepSec: 0.04, maxStepSec: 0.08 });
    expect([film.frameRate, film.averageRate]).toEqual([
      { num: 25, den: 1 },
      { num: 4800, den: 287 },
    ]);
  });

  test('scan always and never', async () => {
    const path = clip('bbb_1080p25_aac51_15s.mp4');
    expect((await probeMedia(ffprobe, path, { scan: 'always' })).scan?.videoPackets).toBe(384);
    expect((await probeMedia(ffprobe, clip('traffic_vfr_720p.mp4'), { scan: 'never' })).scan).toBeUndefined();
  });

  test('a joined transport stream is as long as ffmpeg reads it, not as its header says', async () => {
    make('-i', clip('bbb_576i50_mpeg2_tff_sar64-45.ts'), '-t', '2.5', '-c', 'copy', file('part.ts'));
    const part = readFileSync(file('part.ts'));
    for (let i = 0; i < 3; i++) appendFileSync(file('joined.ts'), part);
    const one = await probeMedia(ffprobe, file('part.ts'));
    const joined = await probeMedia(ffprobe, file('joined.ts'));
    expect(joined.scan?.videoPackets).toBe(3 * (one.scan?.videoPackets ?? 0));
    expect(joined.durationSec).toBeCloseTo(7.587, 2);
    expect(joined.scan?.maxStepSec).toBeCloseTo(0.04, 3);
    expect(joined.scan?.corruptSec).toEqual([]);
    make('-i', file('joined.ts'), '-map', '0:v', '-c:v', 'mpeg4', '-q:v', '31', file('joined.avi'));
    const encoded = await probeMedia(ffprobe, file('joined.avi'));
    expect(Math.abs((encoded.scan?.videoPackets ?? 0) - (joined.scan?.videoPackets ?? 0))).toBeLessThanOrEqual(1);
  });

  test('a recording that starts in the middle, and one that is damaged, are seen', async () => {
    const whole = readFileSync(clip('bbb_1080p30_mp2_10s.ts'));
    writeFileSync(file('middle.ts'), whole.subarray(188 * 700));
    const { scan } = await probeMedia(ffprobe, file('middle.ts'));
    expect(scan?.startsOnKeyframe).toBe(false);
    expect(scan?.firstKeyframeSec).toBeGreaterThan((scan?.firstVideoSec ?? 0) + 1);
    const damaged = Buffer.from(whole);
    damaged.fill(0x55, 1_000_000, 1_003_000);
    writeFileSync(file('damaged.ts'), damaged);
    const corrupt = (await probeMedia(ffprobe, file('damaged.ts'))).scan?.corruptSec ?? [];
    expect(corrupt.length).toBeGreaterThan(0);
    for (const sec of corrupt) expect(Math.abs(sec - 5.9)).toBeLessThan(1);
  });

  test('a Matroska file that was cut off keeps its stated length, and the scan shows what is there', async () => {
    copyFileSync(clip('bbb_720p25_ac3_51.mkv'), file('cut.mkv'));
    truncateSync(file('cut.mkv'), 600_000);
    const media = await probeMedia(ffprobe, file('cut.mkv'));
    expect(media.durationSec).toBe(5.312);
    expect(media.scan?.endSec).toBeLessThan(3);
  });

  test('bare H.264 has a length after all', async () => {
    const annexB = ['-an', '-c:v', 'copy', '-bsf:v', 'h264_mp4toannexb'];
    make('-i', clip('butterfly_720p_2997_stereo.mp4'), ...annexB, file('bare.h264'));
    const media = await probeMedia(ffprobe, file('bare.h264'));
    expect(media.video[0]?.frames).toBe(226);
    expect(media.durationSec).toBeCloseTo(7.54, 2);
  });

  test('alpha of WebM is in a tag', async () => {
    const alpha = ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-deadline', 'realtime', '-cpu-used', '8'];
    make('-f', 'lavfi', '-i', 'color=red@0.5:s=64x64:d=0.2,format=yuva420p', ...alpha, file('alpha.webm'));
    expect((await probeMedia(ffprobe, file('alpha.webm'))).video[0]?.alpha).toBe(true);
    expect((await probe('elf_vp9_opus_480p.webm')).film.alpha).toBe(false);
  });

  test('interlaced H.264 says which field comes first', async () => {
    const bars = ['-f', 'lavfi', '-i', 'testsrc=s=320x240:d=0.2:r=50,tinterlace=interleave_bottom,fieldorder=bff'];
    make(...bars, '-c:v', 'libx264', '-x264opts', 'bff=1', file('bff.mp4'));
    expect((await probeMedia(ffprobe, file('bff.mp4'))).video[0]?.fieldOrder).toMatch(/^b[bt]$/);
  });

  test('names that mean something to ffmpeg', async () => {
    for (const name of ['a:b.mp4', '-i.mp4', '%03d.mp4', 'concat:x|y.mp4', "it's [1],x.mp4", 'line\nbreak.mp4']) {
      copyFileSync(clip('iphone_portrait_rot90_640x480.mov'), file(name));
      expect((await probeMedia(ffprobe, file(name))).video).toHaveLength(1);
    }
  });
});

describe.skipIf(cannotRun)('refusals', () => {
  const refused = (name: string) =>
    probeMedia(ffprobe, file(name)).then(
      () => 'taken',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );

  test('lists that name other files or hosts, whatever they call themselves, and nothing is opened', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/a.ts`;
    copyFileSync(clip('bbb_1080p30_mp2_10s.ts'), file('segment.ts'));
    const lists: Readonly<Record<string, string>> = {
      'hls.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${url}\n#EXT-X-ENDLIST\n`,
      'local.m3u8': '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nsegment.ts\n#EXT-X-ENDLIST\n',
      'bare.mov': '#EXTM3U\nsegment.ts\n',
      'list.mkv': `ffconcat version 1.0\nfile ${url}\nfile segment.ts\n`,
      'dash.mp4': `<?xml version="1.0"?>\n<!-- x -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><BaseURL>${url}</BaseURL></Period></MPD>`,
      'radio.mp4': `[playlist]\nFile1=${url}\n`,
      'session.mp4': 'v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n',
    };
    for (const [name, content] of Object.entries(lists)) {
      writeFileSync(file(name), content);
      expect(await refused(name)).toMatch(/^INPUT: .*(playlist|list|manifest|SDP).*names other files/);
    }
    server.close();
    expect(asked).toBe(0);
  });

  test('what is not media says so in one sentence', async () => {
    writeFileSync(file('text.mp4'), 'Dear diary,\ntoday nothing happened.\n');
    writeFileSync(file('noise.mkv'), Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 251)));
    make('-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1', file('picture.png'));
    expect(await refused('text.mp4')).toMatch(/^INPUT: .*text\.mp4 is a text file, not media/);
    expect(await refused('noise.mkv')).toMatch(/^INPUT: /);
    copyFileSync(file('noise.mkv'), file('noise.mp4'));
    expect(await refused('noise.mp4')).toMatch(/^INPUT: .*is not media/);
    expect(await refused('picture.png')).toMatch(/^INPUT: .*still picture/);
    expect(await refused('missing.mp4')).toMatch(/^INPUT: cannot read/);
  });

  test('an MP4 without its index is cut off', async () => {
    const moovLast = readFileSync(clip('bee_anamorphic_720x480_sar32-27.mp4'));
    writeFileSync(file('cut.mp4'), moovLast.subarray(0, 400_000));
    expect(await refused('cut.mp4')).toMatch(/^INPUT: .*cut off, or still being written/);
  });

  test('an ffprobe that is missing is no fault of the input; an abort is an abort', async () => {
    const path = clip('juggle_720p24_noaudio.mp4');
    await expect(probeMedia('/nowhere/ffprobe', path)).rejects.toMatchObject({ code: 'TOOLCHAIN' });
    const reason = new Error('stop');
    await expect(probeMedia(ffprobe, path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
