import { spawnSync } from 'node:child_process';
import { type Probed, probe } from '../support/clips.ts';

/** A film as a player shows it: every decoded picture with its time, and how loud the sound is at every millisecond. */
export interface Film {
  readonly path: string;
  readonly probed: Probed;
  /** The film's stream; covers are none. */
  readonly stream: Probed['streams'][number];
  readonly sounds: Probed['streams'];
  /** Seconds at which each picture is shown. */
  readonly shownSec: readonly number[];
  /** Each picture upright as RGB, 0–255, small. */
  readonly pictures: readonly Uint8Array[];
  /** Mean level of the first track for each millisecond from ten seconds before zero; empty without sound. */
  readonly levels: Float32Array;
}

const [WIDTH, HEIGHT] = [64, 36];
const PICTURE_BYTES = WIDTH * HEIGHT * 3;
export const BEFORE_ZERO_MS = 10_000;
const MAX_BYTES = 2 ** 30;

const known = (value: string | number | undefined): string | undefined =>
  value === undefined || /^(unknown|reserved|unspecified)$/.test(String(value)) ? undefined : String(value);

/** The matrix by which a player shows a stream: its tag, else the usual guess by size. */
export function shownMatrix(stream: Probed['streams'][number]): string {
  const guess = Number(stream.height) >= 720 || Number(stream.width) >= 1280 ? 'bt709' : 'bt601';
  const tag = known(stream.color_space);
  return tag === undefined ? guess : ['smpte170m', 'bt470bg'].includes(tag) ? 'bt601' : tag.replace(/n?cl?$/, '');
}

/** The tags that say which colours are meant, and which of them are missing. */
export const missingTags = (stream: Probed['streams'][number]): readonly string[] =>
  ['color_space', 'color_primaries', 'color_transfer'].filter((key) => known(stream[key]) === undefined);

function picturesOf(path: string, stream: Probed['streams'][number]): Pick<Film, 'shownSec' | 'pictures'> {
  const woven = ['tt', 'bb', 'tb', 'bt'].includes(String(stream.field_order)) ? 'bwdif=mode=send_frame,' : '';
  const range = stream.color_range === 'pc' || String(stream.pix_fmt).startsWith('yuvj') ? 'pc' : 'tv';
  const scale = `scale=${WIDTH}:${HEIGHT}:flags=area+accurate_rnd:in_color_matrix=${shownMatrix(stream)}:in_range=${range}`;
  const look = `${woven}${scale},format=rgb24,showinfo=checksum=0`;
  const args = ['-v', 'info', '-nostdin', '-copyts', '-i', `file:${path}`, '-map', '0:V:0', '-vf', look];
  const run = spawnSync('ffmpeg', [...args, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'], {
    maxBuffer: MAX_BYTES,
  });
  const times = [...run.stderr.toString('utf8').matchAll(/showinfo.* pts_time:\s*(-?[\d.]+)/g)];
  const count = Math.floor(run.stdout.length / PICTURE_BYTES);
  const pictures = Array.from({ length: count }, (_, n) =>
    run.stdout.subarray(n * PICTURE_BYTES, (n + 1) * PICTURE_BYTES),
  );
  return { shownSec: times.slice(0, count).map(([, sec]) => Number(sec)), pictures };
}

const RATE_HZ = 8000;
const PER_MS = RATE_HZ / 1000;

function levelsOf(path: string): Float32Array {
  // A gap in the timestamps is silence, and what lies before zero is kept.
  const chain = `asetpts=PTS+${BEFORE_ZERO_MS / 1000}/TB,aresample=${RATE_HZ}:async=1:first_pts=0:min_hard_comp=0.002,aformat=sample_fmts=s16:channel_layouts=mono`;
  const args = ['-v', 'error', '-nostdin', '-copyts', '-i', `file:${path}`, '-map', '0:a:0', '-af', chain];
  const { stdout } = spawnSync('ffmpeg', [...args, '-f', 's16le', '-'], { maxBuffer: MAX_BYTES });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  return Float32Array.from({ length: Math.floor(samples.length / PER_MS) }, (_, ms) => {
    let sum = 0;
    for (let n = ms * PER_MS; n < (ms + 1) * PER_MS; n += 1) sum += Math.abs(samples[n] ?? 0);
    return sum / PER_MS;
  });
}

/** Decodes a whole file and measures it. */
export function filmOf(path: string): Film {
  const probed = probe(path);
  const isCover = ({ disposition }: { readonly disposition?: unknown }) =>
    (disposition as Readonly<Record<string, number>> | undefined)?.attached_pic === 1;
  const stream = probed.streams.find((one) => one.codec_type === 'video' && !isCover(one)) ?? {};
  const sounds = probed.streams.filter((one) => one.codec_type === 'audio');
  const levels = sounds.length > 0 ? levelsOf(path) : new Float32Array();
  return { path, probed, stream, sounds, levels, ...picturesOf(path, stream) };
}

/** Share of the pictures that two fields of different times are woven into, by ffmpeg's detector. */
export function combedShare(path: string): number {
  const args = ['-v', 'info', '-nostdin', '-i', `file:${path}`, '-map', '0:V:0', '-vf', 'idet', '-f', 'null', '-'];
  const { stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  const found = /Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+) Undetermined:\s*(\d+)/.exec(
    stderr,
  );
  const [top = Number.NaN, bottom = 0, progressive = 0, unsure = 0] = (found ?? []).slice(1).map(Number);
  return (top + bottom) / (top + bottom + progressive + unsure);
}
