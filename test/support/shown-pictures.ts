import { execFileSync } from 'node:child_process';
import { LOOK, type Look, lookAt } from '../../src/plan/thumbnail-choice.ts';

const raw = (args: readonly string[]): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...args, '-f', 'rawvideo', '-'], { maxBuffer: 1 << 28 });

/** What a picture file shows, as pictures of a film are looked at. */
export function lookOf(path: string): Look {
  const small = `scale=${LOOK.width}:${LOOK.height}:flags=area:out_range=pc,format=gray`;
  return lookAt(raw(['-i', path, '-vf', small]));
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** Mean colour of a box of a picture, 0–255, as a viewer shows it. All of it where no box is given. */
export function meanRgb(path: string, box?: readonly [width: number, height: number, x: number, y: number]): Rgb {
  const crop = box ? `crop=${box.join(':')}:exact=1,` : '';
  const pixels = raw(['-i', path, '-vf', `${crop}format=rgb24`]);
  const sums = [0, 0, 0];
  pixels.forEach((value, n) => {
    sums[n % 3] = (sums[n % 3] ?? 0) + value;
  });
  const [red = 0, green = 0, blue = 0] = sums.map((sum) => sum / (pixels.length / 3));
  return [red, green, blue];
}
