import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Clips are made once for all test files and runs; their names hold a digest of how they are made. */
const CACHE = join(tmpdir(), `sg-export-test-clips-${process.getuid?.() ?? 'user'}`);

/** Runs ffmpeg, quietly; throws what it says when it fails. */
export function ffmpeg(args: readonly string[], cwd?: string): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'ignore', 'pipe'], cwd });
}

export interface ClipWish {
  /** The file's name; its extension is the container. */
  readonly name?: string;
  readonly sec?: number;
  readonly size?: string;
  readonly fps?: number | string;
  readonly sound?: boolean;
  /** Arguments after the codecs', such as `-movflags +faststart`. */
  readonly extra?: readonly string[];
  /** Video codec arguments in place of fast H.264. */
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
}

/** The path of a small clip with motion, noise and a tone, made by ffmpeg where it is not there yet. */
export function clip(wish: ClipWish = {}): string {
  const { name = 'clip.mp4', sec = 1, size = '320x180', fps = 25, sound = true } = wish;
  const video = wish.video ?? [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-crf',
    '20',
    '-g',
    '25',
    '-pix_fmt',
    'yuv420p',
  ];
  const tags = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'];
  const tone = ['-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${sec}`, '-af', 'aformat=channel_layouts=stereo'];
  const args = [
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${fps}:d=${sec},noise=alls=8:allf=t`],
    ...(sound ? tone : []),
    ...[...video, ...tags],
    ...(sound ? (wish.audio ?? ['-c:a', 'aac']) : []),
    ...(wish.extra ?? []),
  ];
  const digest = createHash('sha256').update(args.join('\0')).digest('hex').slice(0, 12);
  const folder = join(CACHE, digest);
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Two workers may make the same clip at once: each its own file, and the last rename wins.
  const partial = join(folder, `${process.pid}-${name}`);
  ffmpeg([...args, partial]);
  renameSync(partial, path);
  return path;
}

/** Where real clips lie; absent ones are skipped, with the reason. */
export const MEDIA = resolve(process.env.SG_EXPORT_TEST_MEDIA ?? '../shared/media');
export const noMedia: string | undefined = existsSync(join(MEDIA, 'manifest.json'))
  ? undefined
  : `no clips in ${MEDIA} (SG_EXPORT_TEST_MEDIA)`;
if (noMedia) console.warn(`tests on real clips: skipped, ${noMedia}`);

export interface Probed {
  readonly streams: readonly Readonly<Record<string, string | number | undefined>>[];
  readonly format: Readonly<Record<string, string | number | undefined>>;
  readonly chapters: readonly unknown[];
}

/** What the system's ffprobe says of a file. */
export function probe(path: string): Probed {
  const show = ['-show_streams', '-show_format', '-show_chapters', '-of', 'json'];
  return JSON.parse(execFileSync('ffprobe', ['-v', 'error', ...show, `file:${path}`], { encoding: 'utf8' }));
}

/** One value of the first stream of a kind, as text. */
export function streamValue(path: string, kind: 'video' | 'audio', key: string): string {
  return String(probe(path).streams.find((stream) => stream.codec_type === kind)?.[key]);
}

/** Decoded frames of the film. */
export function countFrames(path: string): number {
  const show = ['-select_streams', 'V:0', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0'];
  const text = execFileSync('ffprobe', ['-v', 'error', ...show, `file:${path}`], { encoding: 'utf8' });
  return Number.parseInt(text, 10);
}

/** What ffmpeg complains of while it decodes a whole file; empty when all is well. */
export function complaints(path: string): string {
  const run = spawnSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', `file:${path}`, '-f', 'null', '-'], {
    encoding: 'utf8',
  });
  // The null muxer's own remark on variable frame rates.
  const lines = run.stderr.split('\n').filter((line) => line !== '' && !line.includes('monoton'));
  return run.status === 0 ? lines.join('\n') : `exit ${run.status}: ${run.stderr.slice(-300)}`;
}

/** Digest of everything that a file holds, packet by packet: equal only for bit-identical streams. */
export function streamDigest(path: string): string {
  const args = ['-v', 'error', '-nostdin', '-i', `file:${path}`, '-map', '0', '-c', 'copy', '-f', 'streamhash', '-'];
  return execFileSync('ffmpeg', args, { encoding: 'utf8' });
}
