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
