import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ffmpeg } from './clips.ts';

/** A delivery as another tool would make it, with everything in it that a platform's rules are about. */
export interface Recipe {
  readonly extension: 'mp4' | 'mov' | 'mkv';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly sec: number;
  /** Video codec arguments but for rate and keyframes. */
  readonly video: readonly string[];
  readonly x264: Readonly<Record<string, string | number>>;
  /** Constant rate with filler, kbps; undefined: as small as it gets. */
  readonly kbps: number | undefined;
  readonly gopSec: number;
  readonly pixelFormat: string;
  /** Filters after the picture's source. */
  readonly filters: readonly string[];
  readonly audio: readonly string[] | undefined;
  readonly channels: number;
  readonly sampleRate: number;
  readonly gainDb: number;
  readonly muxer: readonly string[];
  /** What is done to the finished file. */
  readonly after: ((path: string, recipe: Recipe) => void) | undefined;
}

const NO_EDIT_LIST = ['-use_editlist', '0'];
const AT_FRONT = ['-movflags', '+faststart+negative_cts_offsets'];

/** Keeps all that social platforms ask for: 9:16, 720 wide, H.264 High with two B-frames in closed GOPs, AAC. */
export const SOCIAL: Recipe = {
  extension: 'mp4',
  width: 720,
  height: 1280,
  fps: 30,
  sec: 3.2,
  video: ['-c:v', 'libx264', '-preset', 'superfast', '-profile:v', 'high', '-coder', 'ac', '-8x8dct', '1'],
  x264: { bframes: 2, 'b-adapt': 0, 'open-gop': 0, scenecut: 0, 'nal-hrd': 'cbr' },
  kbps: 2500,
  gopSec: 0.5,
  pixelFormat: 'yuv420p',
  filters: [],
  audio: ['-c:a', 'aac', '-b:a', '192k'],
  channels: 2,
  sampleRate: 48000,
  gainDb: 12,
  muxer: [...AT_FRONT, ...NO_EDIT_LIST],
  after: undefined,
};

/** Keeps all that an editing house asks for: ProRes and PCM in MOV, at −23 LUFS. */
export const MASTER: Recipe = {
  ...SOCIAL,
  extension: 'mov',
  width: 640,
  height: 360,
  fps: 25,
  video: ['-c:v', 'prores_ks', '-profile:v', '2', '-vendor', 'apl0'],
  x264: {},
  kbps: undefined,
  pixelFormat: 'yuv422p10le',
  audio: ['-c:a', 'pcm_s16le'],
  gainDb: 2.6,
  muxer: ['-movflags', '+faststart'],
};

function videoArgs({ video, x264, kbps, gopSec, fps, pixelFormat }: Recipe): readonly string[] {
  const params = Object.entries(x264).map(([key, value]) => `${key}=${value}`);
  const isX264 = video.includes('libx264');
  const rate =
    kbps === undefined
      ? []
      : ['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${Math.round(kbps / 4)}k`];
  return [
    ...video,
    ...rate,
    ...(video.includes('prores_ks') ? [] : ['-g', `${Math.max(1, Math.floor(gopSec * fps))}`]),
    ...(isX264 && params.length > 0 ? ['-x264-params', params.join(':')] : []),
    ...['-pix_fmt', pixelFormat, '-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'],
  ];
}

/** Makes the file of a recipe, once. */
export function deliver(recipe: Recipe, path: string): string {
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const { width, height, fps, sec, filters, audio, channels, sampleRate, gainDb } = recipe;
  const layout = { 1: 'mono', 2: 'stereo', 4: '4.0', 6: '5.1' }[channels] ?? 'stereo';
  const picture = [`testsrc2=s=${width}x${height}:r=${fps}:d=${sec}`, ...filters].join(',');
  const sound = `anoisesrc=c=pink:r=${sampleRate}:d=${sec}:a=0.2:seed=1,volume=${gainDb - 10 * Math.log10(channels / 2)}dB,aformat=channel_layouts=mono,pan=${layout}${[...Array(channels).keys()].map((n) => `|c${n}=c0`).join('')}`;
  const partial = `${path}.partial.${recipe.extension}`;
  ffmpeg([
    ...['-f', 'lavfi', '-i', picture],
    ...(audio ? ['-f', 'lavfi', '-i', sound, '-ar', `${sampleRate}`] : []),
    ...videoArgs(recipe),
    ...(audio ?? []),
    ...['-fps_mode', 'passthrough'],
    ...(recipe.extension === 'mkv' ? [] : recipe.muxer),
    partial,
  ]);
  recipe.after?.(partial, recipe);
  renameSync(partial, path);
  return path;
}

/** Makes a file larger without a byte more on the disk: a box that players pass by, up to the size wanted. */
export function padTo(bytes: number): (path: string) => void {
  return (path) => {
    const whole = readFileSync(path);
    const box = Buffer.alloc(16);
    box.writeUInt32BE(1, 0);
    box.write('free', 4, 'latin1');
    box.writeBigUInt64BE(BigInt(bytes - whole.length), 8);
    writeFileSync(path, Buffer.concat([whole, box]));
    truncateSync(path, bytes);
  };
}

/** The longest that one subtitle may stay in MP4: microseconds in 31 bits. */
const LINE_SEC = 1800;

/** Makes a file as long as its last subtitle stays, and hardly larger. */
export function outlastedBy(sec: number): (path: string, recipe: Recipe) => void {
  const clock = (at: number) => `${new Date(at * 1000).toISOString().slice(11, 19)},000`;
  const lines = Array.from({ length: Math.ceil(sec / LINE_SEC) }, (_, n) => {
    const [from, to] = [n * LINE_SEC, Math.min(sec, (n + 1) * LINE_SEC)];
    return `${n + 1}\n${clock(from)} --> ${clock(to)}\nstill here\n`;
  });
  return (path, { muxer, extension }) => {
    const [text, longer] = [`${path}.srt`, `${path}.long.${extension}`];
    writeFileSync(text, lines.join('\n'));
    const streams = ['-map', '0', '-map', '1', '-c', 'copy', '-c:s', 'mov_text'];
    ffmpeg(['-i', path, '-i', text, ...streams, ...muxer, longer]);
    renameSync(longer, path);
    rmSync(text);
  };
}

/** Writes a quarter turn into the header of the first track, as phones do. */
export function turn(path: string): void {
  const whole = readFileSync(path);
  const at = whole.indexOf('tkhd', 0, 'latin1') + 4;
  const matrix = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000];
  // Version 0: dates, id and duration take 20 bytes after the flags, then 16 until the matrix.
  for (const [n, value] of matrix.entries()) whole.writeInt32BE(value, at + 40 + 4 * n);
  writeFileSync(path, whole);
}
