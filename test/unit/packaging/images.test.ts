import { describe, expect, it } from 'vitest';
import { judgePackage } from '../../../src/packaging/judge-package.ts';
import { packageManifests } from '../../../src/packaging/package-manifests.ts';
import type { DecodedPicture } from '../../../src/packaging/ports.ts';
import { spriteIndex } from '../../../src/plan/sprites.ts';
import { edit, type Files, portOf } from '../../support/package-folder.ts';
import { sampleImages, samplePackage } from '../../support/sample-package.ts';

const SHEETS = sampleImages.segments.map(({ path }) => path);
const wish = { tile: { width: 160, height: 90 }, columns: 2, rows: 2, intervalSec: 2 };

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const indexOf = (sec: number): Uint8Array => bytesOf(spriteIndex(wish, sec, (n) => SHEETS[n] ?? ''));

/** The manifests of a package with everything, and of its files the sheets of thumbnails and their index alone. */
function sheetsOnly(): Files {
  const files: Files = new Map(packageManifests(samplePackage()).map(({ path, text }) => [path, bytesOf(text)]));
  for (const path of SHEETS) files.set(path, Uint8Array.of(0xff, 0xd8, ...Array(8996).fill(0), 0xff, 0xd9));
  return files.set(INDEX, indexOf(10.01));
}

const whole: DecodedPicture = { width: 320, height: 180, complaint: undefined };
const PLAYLIST = sampleImages.playlist;
const INDEX = 'thumbnails.vtt';
const OF_IMAGES = /thumbnails|sheet/;

async function findings(files: Files, picture: DecodedPicture | undefined) {
  const decoder = { probe: async () => undefined, picture: async () => picture };
  const { issues, checks } = await judgePackage(portOf(files), decoder);
  const names = checks.filter(({ path, ok }) => ok && OF_IMAGES.test(path)).map(({ name }) => name);
  return {
    names: new Set(names),
    wrong: issues.filter(({ message, severity }) => severity === 'error' && OF_IMAGES.test(message)),
  };
}

describe('a track of thumbnails', () => {
  it('is judged whole in both manifests and in its index', async () => {
    const { wrong, names } = await findings(sheetsOnly(), whole);
    expect(wrong).toEqual([]);
    expect([...names]).toEqual(expect.arrayContaining(['picture', 'picture_times', 'picture_index', 'uri_exists']));
  });

  it.each([
    ['no picture', undefined, /sheet_0\.jpg: picture: no picture/],
    ['one that is cut short', { ...whole, complaint: 'EOI missing' }, /EOI missing/],
    ['one of another size', { ...whole, height: 90 }, /320x90; expected 320x180 \(2 × 2 thumbnails\)/],
  ])('tells %s', async (_, picture, said) => {
    const { wrong } = await findings(sheetsOnly(), picture);
    expect(wrong.map(({ message }) => message).join('\n')).toMatch(said);
  });

  const broken: readonly (readonly [string, (files: Files) => void, RegExp])[] = [
    [
      'a sheet without its end',
      (files) => files.set(SHEETS[0] ?? '', Uint8Array.of(0xff, 0xd8, ...Array(8998).fill(0))),
      /end mark/,
    ],
    ['a sheet that is missing', (files) => files.delete(SHEETS[1] ?? ''), /sheet_1\.jpg: file: missing/],
    [
      'times that its pictures do not stand for',
      (files) => edit(files, PLAYLIST, '8.000000', '7.000000'),
      /7 s; expected 8 s/,
    ],
    [
      'a last sheet that lasts too long',
      (files) => edit(files, PLAYLIST, '2.010000', '9.000000'),
      /9 s; expected at most 8 s/,
    ],
    [
      'another size in the master',
      (files) => edit(files, 'master.m3u8', 'RESOLUTION=160x90', 'RESOLUTION=320x180'),
      /320x180/,
    ],
    [
      'a rate that is far too low',
      (files) => edit(files, 'master.m3u8', /(IMAGE-STREAM-INF:BANDWIDTH=)\d+/, '$1100'),
      /BANDWIDTH: 100/,
    ],
    [
      'another layout in DASH',
      (files) => edit(files, 'manifest.mpd', 'width="320"', 'width="640"'),
      /expected 640x180/,
    ],
    ['no layout', (files) => edit(files, PLAYLIST, 'LAYOUT=2x2', 'LAYOUT=2'), /no LAYOUT/],
    ['a cue of a sheet that is not there', (files) => edit(files, INDEX, 'sheet_1', 'sheet_7'), /sheet_7\.jpg#xywh/],
    ['a cue beyond its sheet', (files) => edit(files, INDEX, '#xywh=160,90', '#xywh=161,90'), /which is 320x180/],
    ['a gap between cues', (files) => edit(files, INDEX, '00:00:04.000 -->', '00:00:05.000 -->'), /a cue at 5 s/],
    ['an index that ends early', (files) => files.set(INDEX, indexOf(6)), /an end at 6 s/],
  ];
  it.each(broken)('tells %s', async (_, spoil, said) => {
    const files = sheetsOnly();
    spoil(files);
    expect((await findings(files, whole)).wrong.map(({ message }) => message).join('\n')).toMatch(said);
  });
});
