import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complaints, streamDigest, streamValue } from '../support/clips.ts';
import { copySource } from '../support/copy-sources.ts';
import { expectRefusal, fresh, ok, sg } from '../support/run-cli.ts';

// What went wrong once; test/full/copies.test.ts tries every codec that a container's row names.
const COPY = ['--codec', 'copy', '--audio-codec', 'copy', '-q'];

test('FLAC, which ffmpeg calls experimental in MP4, is copied there', async () => {
  const [source, out] = [copySource('h264', 'flac'), join(fresh(), 'out.mp4')];
  await ok(['export', source, '-o', out, ...COPY]);
  expect(streamDigest(out)).toBe(streamDigest(source));
  expect(complaints(out)).toBe('');
});

test('MP2, which MP4 cannot tell from MP3, becomes AAC beside a copied picture, and is not copied there', async () => {
  const [source, out] = [copySource('h264', 'mp2'), join(fresh(), 'out.mp4')];
  expectRefusal(await sg(['export', source, '-o', out, ...COPY]), 4);
  await ok(['export', source, '-o', out, '--codec', 'copy', '-q']);
  expect(streamValue(out, 'audio', 'codec_name')).toBe('aac');
  expect(complaints(out)).toBe('');
});

test('sound whose packets Matroska gives no length keeps its last packet in MOV', async () => {
  const [source, out] = [copySource('h264', 'alac'), join(fresh(), 'out.mov')];
  await ok(['export', source, '-o', out, ...COPY]);
  expect(streamDigest(out)).toBe(streamDigest(source));
});
