import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onPath } from '../../../src/ffmpeg/guard.ts';

const folder = resolve(process.env.SG_EXPORT_TEST_MEDIA ?? '../shared/media');

/** The programs on the PATH, empty where there are none. */
export const ffmpeg = onPath('ffmpeg')[0] ?? '';
export const ffprobe = onPath('ffprobe')[0] ?? '';

/** Path of a clip of the corpus. */
export const clip = (name: string): string => join(folder, name);

/** Why tests on real clips cannot run here; undefined when they can. Printed once. */
export const cannotRun: string | undefined =
  ffmpeg === '' || ffprobe === ''
    ? 'ffmpeg and ffprobe are not on the PATH'
    : existsSync(folder)
      ? undefined
      : `no clips in ${folder} (SG_EXPORT_TEST_MEDIA)`;
if (cannotRun) console.warn(`tests on real clips: skipped, ${cannotRun}`);

/** Makes a file with ffmpeg for a test. */
export function make(...args: readonly string[]): void {
  execFileSync(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}
