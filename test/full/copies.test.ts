import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTAINERS, type ContainerRow } from '../../src/codecs/containers.ts';
import { complaints, countFrames, probe, streamDigest } from '../support/clips.ts';
import { copySource } from '../support/copy-sources.ts';
import { containerOf, expectNothingStarted, loggedTools } from '../support/expect-combination.ts';
import { fresh, listing, ok } from '../support/run-cli.ts';

// Every codec that the containers' rows say can be copied in, out of Matroska, packet by packet; and every one that cannot.
const names = (of: (row: ContainerRow) => readonly string[]): readonly string[] => [...new Set(CONTAINERS.flatMap(of))];
const VIDEO_NAMES = names((row) => row.copyVideo);
const AUDIO_NAMES = names((row) => row.copyAudio);
const at = (list: readonly string[], n: number): string => list[n % list.length] ?? '';

/** Every picture and every sound of a container once, side by side. */
const COPIED = CONTAINERS.flatMap((row) => {
  const { copyVideo, copyAudio } = row;
  const most = Math.max(copyVideo.length, copyAudio.length);
  return Array.from({ length: most }, (_, n) => [at(copyVideo, n), at(copyAudio, n), row] as const);
});

const REFUSED = CONTAINERS.flatMap((row) => [
  ...VIDEO_NAMES.filter((name) => !row.copyVideo.includes(name)).map(
    (name) => [name, at(row.copyAudio, 0), row, name] as const,
  ),
  ...AUDIO_NAMES.filter((name) => !row.copyAudio.includes(name)).map(
    (name) => [at(row.copyVideo, 0), name, row, name] as const,
  ),
]).map(([video, audio, row, name]) => [video, audio, row.id, row, name] as const);

const flags = (video: string, audio: string, out: string): readonly string[] => [
  ...['export', copySource(video, audio), '-o', out, '--codec', 'copy', '--audio-codec', 'copy', '-q'],
];

test('every name of the rows is tried', () => {
  expect(new Set(COPIED.map(([video]) => video))).toEqual(new Set(VIDEO_NAMES));
  expect(new Set(COPIED.map(([, audio]) => audio))).toEqual(new Set(AUDIO_NAMES));
  expect(REFUSED.length).toBeGreaterThan(0);
});

describe(`${COPIED.length} pairs that the rows hold are copied as they are`, () => {
  test.each(COPIED.map(([video, audio, row]) => [video, audio, row.id, row] as const))(
    '%s and %s into %s',
    async (video, audio, id, row) => {
      const out = join(fresh(), `out.${row.extensions[0]}`);
      await ok(flags(video, audio, out));
      expect(listing(join(out, '..'))).toEqual([`out.${row.extensions[0]}`]);
      expect(containerOf(out)).toBe(id);
      expect(probe(out).streams.map(({ codec_name }) => codec_name)).toEqual([video, audio]);
      expect(streamDigest(out)).toBe(streamDigest(copySource(video, audio)));
      expect(countFrames(out)).toBe(25);
      expect(complaints(out)).toBe('');
    },
  );
});

describe(`${REFUSED.length} that the rows do not hold are exit 4 before anything starts`, () => {
  const tools = loggedTools();
  test.each(REFUSED)('%s and %s into %s', async (video, audio, _id, row, name) => {
    const out = join(fresh(), `out.${row.extensions[0]}`);
    const { stderr } = await expectNothingStarted(flags(video, audio, out), out, tools, 4);
    expect(stderr).toMatch(new RegExp(`${row.name}.* cannot hold ${name}$`, 'm'));
  });
});
