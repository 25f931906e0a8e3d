import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** SSIM of two films of one size, picture by picture, all planes at 8 bits 4:2:0; 0–1. */
export async function ssimOf(file: string, clip: string): Promise<number> {
  const align = (input: number) => `[${input}:v:0]settb=AVTB,setpts=N,format=yuv420p`;
  const graph = `${align(0)}[a];${align(1)}[b];[a][b]ssim`;
  const inputs = ['-i', `file:${file}`, '-i', `file:${clip}`];
  const { stderr } = await run('ffmpeg', ['-nostdin', ...inputs, '-filter_complex', graph, '-f', 'null', '-']);
  return Number(/SSIM .*All:([\d.]+)/.exec(stderr)?.[1]);
}

/** Luma (0–255) of a box of one picture, row by row. `box` is width:height:x:y. */
export async function lumaOf(file: string, picture: number, box: string): Promise<readonly number[]> {
  const filter = `select=eq(n\\,${picture}),format=gray,crop=${box}:exact=1`;
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    `file:${file}`,
    '-vf',
    filter,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1e8 });
  return [...stdout];
}

/** Luma (0–255) of one point, picture by picture. */
export async function lumaThrough(file: string, x: number, y: number): Promise<readonly number[]> {
  const look = ['-map', '0:V:0', '-vf', `format=gray,crop=1:1:${x}:${y}:exact=1`, '-fps_mode', 'passthrough'];
  const args = ['-v', 'error', '-nostdin', '-i', `file:${file}`, ...look, '-f', 'rawvideo', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1e8 });
  return [...stdout];
}

/** A picture as it is stored, whatever its container says of turns: 8-bit samples in one plane or packed. */
async function stored(file: string, format: string, more: readonly string[], filter: string): Promise<Buffer> {
  const input = [...more, '-noautorotate', '-i', `file:${file}`, '-map', '0:V:0', '-frames:v', '1'];
  const args = ['-v', 'error', '-nostdin', ...input, '-vf', `${filter}format=${format}`, '-f', 'rawvideo', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1e8 });
  return stdout;
}

/** Red, green and blue of the first picture, 0–255, at points given as shares of its width and height. */
export async function coloursAt(
  file: string,
  width: number,
  points: readonly (readonly [number, number])[],
): Promise<readonly (readonly number[])[]> {
  const picture = await stored(file, 'rgb24', [], '');
  const height = picture.length / 3 / width;
  return points.map(([x, y]) => {
    const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
    return [...picture.subarray(at, at + 3)];
  });
}

/** Opacity of the first picture, 0–255, along its middle row. `decoder` where ffmpeg's own does not read alpha. */
export async function alphaRow(file: string, width: number, decoder?: string): Promise<readonly number[]> {
  const plane = await stored(file, 'gray', decoder ? ['-c:v', decoder] : [], 'alphaextract,');
  const row = Math.floor(plane.length / width / 2);
  return [...plane.subarray(row * width, (row + 1) * width)];
}
