import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complaints, streamDigest } from '../support/clips.ts';
import { copySource } from '../support/copy-sources.ts';
import { fresh, ok } from '../support/run-cli.ts';

// What went wrong once; test/full/copies.test.ts tries every codec that a container's row names.
const COPY = ['--codec', 'copy', '--audio-codec', 'copy', '-q'];

test('FLAC, which ffmpeg calls experimental in MP4, is copied there', async () => {
  const [source, out] = [copySource('h264', 'flac'), join(fresh(), 'out.mp4')];
  await ok(['export', source, '-o', out, ...COPY]);
  expect(streamDigest(out)).toBe(streamDigest(source));
  expect(complaints(out)).toBe('');
});
