import { describe, expect, it } from 'vitest';
import { hideSample, subsamplesOf } from '../../../src/packaging/common-encryption.ts';
import { cutPicture, cutSound, segmentTicks } from '../../../src/packaging/cut.ts';
import { type FragmentedFile, type RandomAccess, readFragmentedFile } from '../../../src/packaging/fragmented-file.ts';
import type { Sample } from '../../../src/packaging/mp4-fragment.ts';
import { cuesBetween, cuesOfPart, readCues, webvttText } from '../../../src/packaging/webvtt.ts';
import { chunkHead, headerBytes, indexBytes } from '../../../src/packaging/write-fragments.ts';
import { writeTrack } from '../../../src/packaging/write-track.ts';

const SYNC = 0x02000000;
const OTHER = 0x01010000;

function track(samples: readonly Sample[], timescale: number): FragmentedFile {
  return { moov: moov(timescale), timescale, trackId: 1, samples, startTicks: 0 };
}

/** Bytes count up from 0, so that what was copied where can be seen. */
const picture = (count: number, gop: number): readonly Sample[] =>
  Array.from({ length: count }, (_, n) => ({
    offset: n * 10,
    bytes: 10,
    duration: 1001,
    shift: n % 2 === 0 ? 0 : -1001,
    flags: n % gop === 0 ? SYNC : OTHER,
  }));
const sound = (count: number): readonly Sample[] =>
  Array.from({ length: count }, (_, n) => ({ offset: n * 4, bytes: 4, duration: 1024, shift: 0, flags: SYNC }));

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** A header with no more than is read of it, and a word that must not get out. */
function moov(timescale: number): Buffer {
  const tkhd = Buffer.alloc(84);
  tkhd.writeUInt32BE(1, 12);
  const mdhd = Buffer.alloc(24);
  mdhd.writeUInt32BE(timescale, 12);
  const hdlr = Buffer.from('\0\0\0\0\0\0\0\0vide\0', 'latin1');
  const entries = box('stsd', Buffer.alloc(8), box('avc1', Buffer.alloc(78)));
  const trex = Buffer.alloc(24);
  trex.writeUInt32BE(1, 4);
  const udta = box('udta', Buffer.from('at home'));
  return box(
    'moov',
    box(
      'trak',
      box('tkhd', tkhd),
      box('mdia', box('mdhd', mdhd), box('hdlr', hdlr), box('minf', box('stbl', entries))),
      udta,
    ),
    box('mvex', box('trex', trex)),
    udta,
  );
}

const bytes = Buffer.from(Array.from({ length: 4000 }, (_, n) => n % 256));
const inMemory = (content: Buffer): RandomAccess => ({
  bytes: content.length,
  read: async (offset, length) => content.subarray(offset, offset + length),
});

async function written(isSingle: boolean) {
  const file = track(picture(130, 30), 30_000);
  const files = new Map<string, Buffer>();
  const places = await writeTrack(
    inMemory(bytes),
    file,
    cutPicture(file, 30, 2),
    { base: 'v', isSingle },
    async (path, parts) => {
      const all: Buffer[] = [];
      for await (const part of parts) all.push(part);
      files.set(path, Buffer.concat(all));
      return files.get(path)?.length ?? 0;
    },
  );
  return { file, files, places };
}

describe('cutting a track', () => {
  it('takes whole groups of pictures, the last ones as they come', () => {
    const file = track(picture(130, 30), 30_000);
    const segments = cutPicture(file, 30, 2);
    expect(segments.map((chunks) => chunks.map(({ samples }) => samples.length))).toEqual([[30, 30], [30, 30], [10]]);
    expect(segments.map((chunks) => chunks[0]?.startTicks)).toEqual([0, 60_060, 120_120]);
    expect(segments.map(segmentTicks)).toEqual([60_060, 60_060, 10_010]);
  });

  it('refuses a group that does not begin with a keyframe', () => {
    expect(() => cutPicture(track(picture(130, 31), 30_000), 30, 2)).toThrow('picture 30 is no keyframe');
  });

  it('cuts sound at the packets nearest to the multiples, without drift and without losing one', () => {
    const file = track(sound(1000), 48_000);
    const segments = cutSound(file, 2.002, 100);
    const starts = segments.map(([chunk]) => chunk?.startTicks ?? 0);
    for (const [n, ticks] of starts.entries()) expect(Math.abs(ticks - n * 2.002 * 48_000)).toBeLessThanOrEqual(512);
    expect(segments.flat().reduce((sum, { samples }) => sum + samples.length, 0)).toBe(1000);
  });

  it('makes no segment of sound for which there is no picture', () => {
    const file = track(sound(283), 48_000);
    expect(cutSound(file, 2.002, 100).map(segmentTicks)).toEqual([96_256, 96_256, 96_256, 1024]);
    expect(cutSound(file, 2.002, 3).map(segmentTicks)).toEqual([96_256, 96_256, 97_280]);
  });
});

describe('writing a track', () => {
  it.each([true, false])('gives back the same samples when it is read again (single file: %s)', async (isSingle) => {
    const { file, files, places } = await written(isSingle);
    const paths = isSingle ? ['v.mp4'] : ['v/init.mp4', 'v/00001.m4s', 'v/00002.m4s', 'v/00003.m4s'];
    expect([...files.keys()]).toEqual(paths);
    const whole = Buffer.concat(paths.map((path) => files.get(path) ?? Buffer.alloc(0)));
    const again = await readFragmentedFile(inMemory(whole));
    const shape = ({ bytes: size, duration, shift, flags }: Sample) => ({ size, duration, shift, flags });
    expect(again.samples.map(shape)).toEqual(file.samples.map(shape));
    const content = ({ offset, bytes: size }: Sample) => whole.subarray(offset, offset + size);
    for (const [n, sample] of again.samples.entries())
      expect(content(sample)).toEqual(bytes.subarray(n * 10, n * 10 + 10));
    expect(whole.includes('at home'), 'words of the source').toBe(false);
    for (const { path, range } of places.segments) {
      const segment = files.get(path)?.subarray(range?.offset ?? 0);
      expect(['moof', 'styp']).toContain(segment?.toString('latin1', 4, 8));
    }
  });

  it('has an index whose ranges are the segments', async () => {
    const { files, places } = await written(true);
    const index = files
      .get('v.mp4')
      ?.subarray(places.index?.offset, (places.index?.offset ?? 0) + (places.index?.length ?? 0));
    expect(index?.toString('latin1', 4, 8)).toBe('sidx');
    const count = index?.readUInt16BE(38) ?? 0;
    const sizes = Array.from({ length: count }, (_, n) => index?.readUInt32BE(40 + 12 * n));
    expect(sizes).toEqual(places.segments.map(({ range }) => range?.length));
    expect(places.segments[0]?.range?.offset).toBe((places.index?.offset ?? 0) + (places.index?.length ?? 0));
  });

  it('says where the data of a chunk begins', () => {
    const [chunk] = cutPicture(track(picture(3, 3), 30_000), 3, 1)[0] ?? [];
    const head = chunkHead(chunk ?? { samples: [], startTicks: 0 }, 1, 1);
    expect(head.toString('latin1', head.length - 4)).toBe('mdat');
    expect(head.readUInt32BE(head.length - 8)).toBe(38);
    expect(head.readUInt32BE(0)).toBe(head.length - 8);
  });

  it('is no file that ends within a box, or has holes', async () => {
    const { files } = await written(true);
    const whole = files.get('v.mp4') ?? Buffer.alloc(0);
    await expect(readFragmentedFile(inMemory(whole.subarray(0, -5)))).rejects.toThrow('ends within a box');
    await expect(readFragmentedFile(inMemory(headerBytes(moov(25))))).rejects.toThrow('no fragments');
    expect(indexBytes([], { trackId: 1, timescale: 25, startTicks: 0 }).length).toBe(40);
  });
});

const VTT = `WEBVTT

00:01.000 --> 00:02.500 line:0
first
second line

NOTE nothing

2
01:00:00.000 --> 01:00:01.000
late
`;

describe('WebVTT', () => {
  it('reads cues with their settings, and leaves out notes', () => {
    expect(readCues(VTT)).toEqual([
      { startMs: 1000, endMs: 2500, settings: 'line:0', text: 'first\nsecond line' },
      { startMs: 3_600_000, endMs: 3_601_000, settings: '', text: 'late' },
    ]);
    expect(readCues(webvttText(readCues(VTT)))).toEqual(readCues(VTT));
  });

  it('moves cues to a part, and cuts them at its ends', () => {
    const [cue, ...more] = cuesOfPart(readCues(VTT), 1500, 500);
    expect(cue).toMatchObject({ startMs: 0, endMs: 500 });
    expect(more).toEqual([]);
  });

  it('puts a line into each segment that it is shown in', () => {
    const cues = readCues(VTT);
    expect(cuesBetween(cues, 0, 1000)).toEqual([]);
    expect(cuesBetween(cues, 0, 2000)).toHaveLength(1);
    expect(cuesBetween(cues, 2000, 4000)).toHaveLength(1);
    expect(webvttText([], 126_000)).toBe('WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n');
  });
});

/** A sample of NAL units: of these types, each of so many bytes behind its length. */
function unitsOf(...units: readonly (readonly [type: number, bytes: number])[]): Buffer {
  return Buffer.concat(
    units.map(([type, bytes]) => {
      const unit = Buffer.alloc(4 + bytes, type);
      unit.writeUInt32BE(bytes, 0);
      unit[4] = type;
      return unit;
    }),
  );
}

describe('common encryption', () => {
  it('hides whole blocks of slices and nothing else', () => {
    const sample = unitsOf([6, 300], [5, 1000], [1, 40], [1, 500]);
    const stretches = subsamplesOf(sample, 'avc');
    expect(stretches).toEqual([
      { clear: 304 + 1004 - 928, hidden: 928 },
      { clear: 44 + 504 - 432, hidden: 432 },
    ]);
    expect(stretches.reduce((sum, { clear, hidden }) => sum + clear + hidden, 0)).toBe(sample.length);
  });

  it('counts more clear bytes than two bytes can in several stretches', () => {
    const sample = unitsOf([6, 150_000], [5, 1000]);
    const stretches = subsamplesOf(sample, 'avc');
    expect(stretches.every(({ clear }) => clear <= 0xffff)).toBe(true);
    expect(stretches.reduce((sum, { clear, hidden }) => sum + clear + hidden, 0)).toBe(sample.length);
  });

  it('keeps a row of a sample of many slices within a byte', () => {
    const sample = unitsOf(...Array.from({ length: 90 }, () => [1, 200] as const));
    const { row, bytes: made } = hideSample(sample, 3, {
      kid: Buffer.alloc(16),
      firstIv: 7n,
      cipher: () => (part) => part,
      units: 'avc',
    });
    expect(row.length).toBeLessThan(256);
    expect(row.readBigUInt64BE(0)).toBe(10n);
    expect(made).toEqual(sample);
  });
});
