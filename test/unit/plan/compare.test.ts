import { describe, expect, it } from 'vitest';
import type { Film, VideoStream } from '../../../src/model/media.ts';
import { nominalMedia } from '../../../src/model/nominal-media.ts';
import { planComparison } from '../../../src/plan/compare.ts';

const media = nominalMedia();
const [stream] = media.video;
if (!stream) throw new Error('nominal media have a film');
const film = (over: Partial<VideoStream> = {}): Film => ({ media, stream: { ...stream, ...over } });
const against = (distorted: Partial<VideoStream>, reference: Partial<VideoStream> = {}) =>
  planComparison(film(reference), film(distorted));
const rate = (num: number, den = 1) => ({ frameRate: { num, den }, averageRate: { num, den } });
const untagged = { range: undefined, primaries: undefined, transfer: undefined, matrix: undefined };

describe('what is alike stays untouched', () => {
  it('two films of one shape', () => {
    const { comparison, distorted, notes } = against({});
    expect(notes).toEqual([]);
    expect(distorted.chain).toBe(comparison.reference.chain);
    expect(distorted.chain).toMatch(/^setsar=1,format=yuv420p,setparams/);
  });

  it('two anamorphic films: no need to scale either', () => {
    const anamorphic = { width: 720, height: 480, sampleAspect: { num: 32, den: 27 } };
    const { size, notes } = against(anamorphic, anamorphic);
    expect(size).toEqual({ width: 720, height: 480 });
    expect(notes).toEqual([]);
  });
});

describe('size', () => {
  it('is that of the reference, upright and in square pixels', () => {
    const turned = { width: 720, height: 480, sampleAspect: { num: 32, den: 27 }, rotation: 90 } as const;
    expect(against({ width: 480, height: 854 }, turned).size).toEqual({ width: 404, height: 720 });
    expect(against({ width: 640, height: 360 }).size).toEqual({ width: 1920, height: 1080 });
  });

  it('an odd row or column is cut as an export cuts it', () => {
    const { comparison, notes } = against({ width: 852, height: 478 }, { width: 853, height: 479 });
    expect(comparison.reference.chain).toMatch(/^crop=852:478:0:0:exact=1,setsar=1,format/);
    expect(notes).toEqual([expect.stringMatching(/853x479\) is compared as 852x478/)]);
  });

  it('another shape is said', () => {
    expect(against({ width: 1920, height: 800 }).notes.join()).toMatch(/different shapes/);
    expect(against({ width: 1280, height: 720 }).notes.join()).not.toMatch(/different shapes/);
  });
});

describe('rate', () => {
  it('is the lower one', () => {
    expect(against(rate(30)).comparison.rate).toEqual({ num: 25, den: 1 });
    expect(against(rate(24000, 1001)).comparison.rate).toEqual({ num: 24000, den: 1001 });
    expect(against(rate(30)).notes.join()).toMatch(/frame rates differ \(25 and 30\): compared at 25/);
  });

  it('fields become frames where only one film has them, or as many pictures as it has fields', () => {
    const fields = { fieldOrder: 'tt' };
    expect(against({}, fields).comparison.reference.chain).toMatch(/^bwdif=mode=send_frame/);
    expect(against(rate(50), fields).comparison.reference.chain).toMatch(/^bwdif=mode=send_field/);
    expect(against(rate(50), fields).comparison.rate).toEqual({ num: 50, den: 1 });
    expect(against(fields, fields).distorted.chain).not.toMatch(/bwdif/);
  });
});

describe('a first picture that is held where the other film has only sound', () => {
  const [sound] = media.audio;
  if (!sound) throw new Error('nominal media have sound');
  const timed = (startSec: number, durationSec: number, soundSec: number | undefined): Film => ({
    media: { ...media, audio: soundSec === undefined ? [] : [{ ...sound, startSec: soundSec }] },
    stream: { ...stream, startSec, durationSec },
  });
  const source = timed(0.2, 10, 0);

  it('is left out', () => {
    const { distorted, comparison, notes } = planComparison(source, timed(0, 10.2, 0));
    expect(distorted.chain).toMatch(/^setpts=PTS-STARTPTS,trim=start=0\.180000,/);
    expect(comparison.reference.chain).not.toMatch(/trim/);
    expect(notes).toEqual([expect.stringMatching(/distorted film holds its first picture for 0\.20 s/)]);
    expect(planComparison(timed(0, 10.2, 0), source).comparison.reference.chain).toMatch(/trim=start=0\.18/);
  });

  it.each([
    ['no picture more', timed(0, 10, 0)],
    ['the same lead', timed(0.2, 10.2, 0)],
    ['no sound', timed(0, 10, undefined)],
    ['another length', timed(0, 13, 0)],
    ['a lead that an export cuts off the sound', timed(0.12, 10, 0)],
  ])('but not with %s', (_name, other) => {
    const { distorted, comparison } = planComparison(source, other);
    expect(`${distorted.chain}${comparison.reference.chain}`).not.toMatch(/trim/);
  });
});

describe('colours', () => {
  it('full range becomes limited, in the colours of the reference', () => {
    const { distorted, notes } = against({ colour: { ...stream.colour, range: 'pc' } });
    expect(distorted.chain).toMatch(/in_range=pc:out_range=tv/);
    expect(notes).toEqual([expect.stringMatching(/ranges differ \(limited and full\)/)]);
  });

  it('another matrix is converted only where both films state theirs', () => {
    const sd = { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'smpte170m' };
    expect(against({ colour: sd }).distorted.chain).toMatch(/in_color_matrix=smpte170m:out_color_matrix=bt709/);
    for (const size of [{}, { width: 640, height: 360 }]) {
      expect(against({ colour: untagged, ...size }).distorted.chain).not.toMatch(/color_matrix|zscale/);
      expect(against(size, { colour: untagged }).distorted.chain).not.toMatch(/color_matrix|zscale/);
      expect(against({ ...size, colour: untagged }, { colour: untagged }).distorted.chain).not.toMatch(/color_matrix/);
    }
  });

  it('HDR is tone-mapped only beside SDR', () => {
    const pq = { range: 'tv', primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc' };
    expect(against({}, { colour: pq }).comparison.reference.chain).toMatch(/tonemap/);
    expect(against({ colour: pq }, { colour: pq }).distorted.chain).not.toMatch(/tonemap|zscale/);
  });
});

it.each([
  ['yuv420p', 8, 'yuv422p10le', 10, 'yuv420p10le'],
  ['yuv422p10le', 10, 'yuv420p', 8, 'yuv422p10le'],
  ['gbrp', 8, 'yuv420p', 8, 'yuv444p'],
  ['rgb48le', 16, 'yuv420p', 8, 'yuv444p12le'],
  ['nv12', 8, 'yuv444p', 8, 'yuv420p'],
  ['p010le', 10, 'yuv420p', 8, 'yuv420p10le'],
  ['uyvy422', 8, 'yuv420p', 8, 'yuv422p'],
])('%s (%i bits) against %s (%i bits) is compared as %s', (own, ownBits, other, otherBits, common) => {
  const { comparison } = against({ pixelFormat: other, bitDepth: otherBits }, { pixelFormat: own, bitDepth: ownBits });
  expect(comparison.pixelFormat).toBe(common);
});
