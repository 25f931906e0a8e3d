import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mp4Structure } from '../../src/ffmpeg/mp4-boxes.ts';
import { ffmpeg, probe } from '../support/clips.ts';
import { mediaInfoOf, noMediaInfo, type ReadTrack } from '../support/mediainfo.ts';
import { fresh, ok, ROOT } from '../support/run-cli.ts';

// Masters as editing programs import them. What was read back is read by MediaInfo and from the boxes, and no more is said:
// no editing program was tried.
const SOURCE = join(ROOT, 'camera.mov');
const TIMECODE = '10:00:00:05';

beforeAll(() => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=50:d=0.8,tinterlace=mode=interleave_top'];
  const sound = [
    '-f',
    'lavfi',
    '-i',
    'anoisesrc=r=48000:d=0.8:a=0.1,aformat=channel_layouts=mono,pan=5.1(side)|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0',
  ];
  // What the frames say goes into ProRes.
  const look = [
    '-vf',
    'format=yuv422p10le,setparams=field_mode=tff:range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709',
  ];
  const codec = [...look, '-c:v', 'prores_ks', '-profile:v', '2', '-flags', '+ildct', '-pix_fmt', 'yuv422p10le'];
  ffmpeg([...picture, ...sound, ...codec, '-c:a', 'pcm_s24le', '-timecode', TIMECODE, SOURCE]);
});

test('the source is interlaced, and says its time and its colours', () => {
  const { streams } = probe(SOURCE);
  expect(streams[0]).toMatchObject({
    field_order: expect.stringMatching(/^t[tb]$/),
    color_space: 'bt709',
    color_primaries: 'bt709',
  });
  expect(streams[1]).toMatchObject({ channels: 6, channel_layout: '5.1(side)' });
  expect(streams[2]).toMatchObject({ codec_tag_string: 'tmcd', tags: { timecode: TIMECODE } });
});

/** Flavours of both codecs, each with its name in the sample description. */
const MASTERS = [
  ['prores', 'proxy', 'apco'],
  ['prores', 'hq', 'apch'],
  ['prores', '4444', 'ap4h'],
  ['dnxhr', 'sq', 'AVdh'],
  ['dnxhr', 'hqx', 'AVdh'],
] as const;

async function master(codec: string, flavour: string): Promise<string> {
  const file = join(fresh(), 'master.mov');
  await ok(['export', SOURCE, '-o', file, '--codec', codec, '--set', `profile=${flavour}`]);
  return file;
}

describe.each(MASTERS)('a master in %s %s', (codec, flavour, fourcc) => {
  let file: string;
  beforeAll(async () => {
    file = await master(codec, flavour);
  });

  test('has boxes as QuickTime describes them', async () => {
    const structure = await mp4Structure(file);
    expect(structure).toMatchObject({ majorBrand: 'qt  ', moovBeforeMdat: true, fragmented: false });
    const film = structure?.tracks.find(({ handler }) => handler === 'vide');
    expect(film?.sampleEntry).toBe(fourcc);
    expect(film?.colr).toEqual({ type: 'nclc', primaries: 1, transfer: 1, matrix: 1 });
    // One edit, from the first sample, at its own speed: nothing is shifted or cut.
    for (const { handler, edits, editsMatter } of structure?.tracks ?? []) {
      expect([handler, edits.length <= 1, editsMatter]).toEqual([handler, true, false]);
    }
    expect(structure?.tracks.map(({ handler }) => handler).sort()).toEqual(['soun', 'tmcd', 'vide']);
    const bytes = readFileSync(file);
    if (codec === 'prores')
      expect(bytes.toString('latin1', bytes.indexOf('icpf') + 8, bytes.indexOf('icpf') + 12)).toBe('apl0');
    // One field, progressive, in QuickTime's box; Avid's codec has its own box, and says it in each picture.
    if (codec === 'prores') expect(bytes[bytes.indexOf('fiel') + 4]).toBe(1);
    else expect(bytes.includes('ADHR0001')).toBe(true);
  });

  test.skipIf(noMediaInfo)('is read by MediaInfo as what it is', () => {
    const tracks = mediaInfoOf(file);
    const of = (type: string): ReadTrack => tracks.find((track) => track['@type'] === type) ?? {};
    const video = of('Video');
    if (codec === 'prores') expect(video.Encoded_Library).toBe('Apple');
    expect(video).toMatchObject({
      ...{ CodecID: fourcc, ScanType: 'Progressive', FrameRate: '25.000', FrameRate_Mode: 'CFR', FrameCount: '20' },
      ...{ colour_primaries: 'BT.709', transfer_characteristics: 'BT.709', matrix_coefficients: 'BT.709' },
      ...{ PixelAspectRatio: '1.000', Width: '640', Height: '360' },
    });
    expect(of('Audio')).toMatchObject({
      Format: 'PCM',
      Channels: '6',
      ChannelLayout: 'L R C LFE Ls Rs',
      BitDepth: '24',
    });
    expect(of('Other')).toMatchObject({ Type: 'Time code', TimeCode_FirstFrame: TIMECODE });
  });
});
