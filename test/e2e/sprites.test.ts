import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planSprites } from '../../src/plan/sprites.ts';
import { ffmpeg } from '../support/clips.ts';
import { fresh } from '../support/run-cli.ts';
import { meanRgb } from '../support/shown-pictures.ts';

/** A film whose grey says what time it is: 10 steps of 8 bits brighter each second. */
function clock(path: string, sec: number): void {
  const grey = "color=black:s=128x96:r=25,format=yuv444p,geq=lum='16+219*(10+10*floor(T))/255':cb=128:cr=128";
  const tags = ['-color_range', 'tv', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  ffmpeg([
    '-f',
    'lavfi',
    '-i',
    grey,
    '-t',
    String(sec),
    ...['-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv444p', ...tags],
    path,
  ]);
}

describe('sprite sheets', () => {
  test('hold what is shown in the middle of each interval, where the index says', () => {
    const folder = fresh();
    const film = join(folder, 'clock.mp4');
    clock(film, 13.4);
    const wish = { tile: { width: 64, height: 36 }, columns: 2, rows: 2, intervalSec: 3 };
    const plan = planSprites({ film, durationSec: 13.4, filters: [] }, wish);
    ffmpeg(plan.args, folder);
    expect(readdirSync(folder).sort()).toEqual(['clock.mp4', ...plan.sheets]);
    expect(plan.sheets).toHaveLength(2);
    const cues = plan.index.matchAll(/(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g);
    const greys = [...cues].map(([, sheet = '', x, y, width, height]) => {
      // 4:3 in 16:9: the bars are left out.
      const box = [Number(width) - 20, Number(height), Number(x) + 10, Number(y)] as const;
      return Math.round((meanRgb(join(folder, sheet), box)[1] - 10) / 10);
    });
    // Middles are 1.5, 4.5, 7.5 and 10.5 s; the last one, 13.5 s, is behind the end: its last frame.
    expect(greys).toEqual([1, 4, 7, 10, 13]);
    const [stream] = JSON.parse(
      execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', join(folder, 'sprite-2.jpg')], {
        encoding: 'utf8',
      }),
    ).streams;
    expect(stream).toMatchObject({ width: 128, height: 72 });
    // What is left of the last sheet is black.
    expect(Math.max(...meanRgb(join(folder, 'sprite-2.jpg'), [128, 34, 0, 38]))).toBeLessThan(6);
  });
});
