import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { countFrames, ffmpeg, streamValue } from '../support/clips.ts';
import { lumaOf, ssimOf } from '../support/measured-pictures.ts';
import { expectRefusal, fresh, ok, ROOT, sg } from '../support/run-cli.ts';

// What the finished pictures show, not what the file says of itself.
const FILM_FPS = '24000/1001';
const lossless = ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'];
const path = (name: string) => join(ROOT, name);
const source = (filter: string, name: string, args: readonly string[] = lossless) =>
  ffmpeg(['-f', 'lavfi', '-i', filter, ...args, path(name)]);

async function delivered(name: string, ...flags: readonly string[]): Promise<string> {
  const run = await ok(['export', path(name), '-o', join(fresh(), 'o.mkv'), '--crf', '8', '--speed', 'fast', ...flags]);
  return run.stdout.trim();
}

describe('telecined film', () => {
  beforeAll(() => {
    source(`testsrc2=s=320x180:r=${FILM_FPS}:d=3`, 'film.mkv');
    const fields = ['-c:v', 'mpeg2video', '-q:v', '2', '-flags', '+ildct+ilme', '-top', '1'];
    source(`testsrc2=s=320x180:r=${FILM_FPS}:d=3,telecine=first_field=top,setfield=tff`, 'telecined.mkv', fields);
  });

  test('gets its own pictures and its own rate back', async () => {
    const file = await delivered('telecined.mkv', '--deinterlace', 'detelecine');
    expect(streamValue(file, 'video', 'avg_frame_rate')).toBe(FILM_FPS);
    expect(countFrames(file)).toBe(72);
    expect(await ssimOf(file, path('film.mkv'))).toBeGreaterThan(0.98);
  });

  test('is not made of pictures that repeat no field', async () => {
    source('testsrc2=s=320x180:r=30000/1001:d=3', 'progressive.mkv');
    const args = ['export', path('progressive.mkv'), '--deinterlace', 'detelecine', '-o', join(fresh(), 'o.mkv')];
    const refused = await sg(args);
    expectRefusal(refused, 4);
    expect(refused.stderr).toMatch(/repeat a field/);
  });

  test('cannot be restored from a rate that is no telecine', async () => {
    const refused = await sg(['export', path('film.mkv'), '--deinterlace', 'detelecine', '-o', join(fresh(), 'o.mkv')]);
    expectRefusal(refused, 4);
    expect(refused.stderr).toMatch(/30000\/1001/);
  });
});

describe('another frame rate', () => {
  beforeAll(() => {
    // A bar that moves ten pixels with each picture.
    const bar =
      'color=c=black:s=320x180:r=25:d=2[b];color=c=white:s=20x100:r=25:d=2[w];[b][w]overlay=x=10*n:y=40:format=yuv420';
    source(bar, 'moving.mkv');
  });

  it.each(['drop', 'blend', 'interpolate'])(
    'by %s keeps the length, and every moment has its picture',
    async (mode) => {
      const file = await delivered('moving.mkv', '--fps', '50', '--fps-mode', mode);
      expect(countFrames(file)).toBe(100);
      expect(streamValue(file, 'video', 'avg_frame_rate')).toBe('50/1');
    },
  );

  test('blends where it shall: a picture between two shows both bars at half light', async () => {
    const lumas = async (mode: string) =>
      lumaOf(await delivered('moving.mkv', '--fps', '50', '--fps-mode', mode), 21, '320:1:0:90');
    const half = (row: readonly number[]) => row.filter((luma) => luma > 90 && luma < 160).length;
    expect(half(await lumas('blend'))).toBeGreaterThan(12);
    expect(half(await lumas('drop'))).toBeLessThan(5);
  });

  test('says that it has nothing to do at the same rate', async () => {
    const run = await ok(['export', path('moving.mkv'), '--fps-mode', 'blend', '-o', join(fresh(), 'o.mp4')]);
    expect(run.stderr).toContain('nothing to do');
  });
});

test('a last picture that is shown for less than half of its time is delivered too', async () => {
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-pix_fmt', 'yuv420p'];
  source('testsrc2=s=320x180:r=24:d=1.041', 'whole.mp4', h264);
  const shorter = ['-c', 'copy', '-bsf:v', 'setts=duration=if(eq(N\\,24)\\,DURATION*0.4\\,DURATION)'];
  ffmpeg(['-i', path('whole.mp4'), ...shorter, path('short-end.mp4')]);
  expect(countFrames(path('short-end.mp4'))).toBe(25);
  expect(Number(streamValue(path('short-end.mp4'), 'video', 'duration'))).toBeLessThan(1.02);
  expect(countFrames(await delivered('short-end.mp4'))).toBe(25);
});

describe('--crop', () => {
  beforeAll(() => {
    source('testsrc2=s=320x136:r=25:d=4,pad=320:180:0:22', 'bars.mkv');
    source('testsrc2=s=320x180:r=25:d=4,eq=brightness=-0.9:contrast=0.2', 'dark.mkv');
    // Dark but for its middle, as a face in the night: that is no format.
    const face = 'color=c=black:s=320x180:r=25:d=4,noise=alls=2:allf=t,drawbox=x=120:y=30:w=60:h=110:color=gray:t=fill';
    source(face, 'night.mkv');
    // Bars throughout, a dark scene first.
    const scenes =
      "testsrc2=s=320x136:r=25:d=4,eq=brightness='if(lt(t,1.6),-0.9,0)':contrast='if(lt(t,1.6),0.1,1)':eval=frame,pad=320:180:0:22";
    source(scenes, 'bars-dark-start.mkv');
  });
  const sizeOf = (file: string) => ['width', 'height'].map((key) => Number(streamValue(file, 'video', key)));

  it.each([
    ['bars.mkv', [320, 136]],
    ['bars-dark-start.mkv', [320, 136]],
    ['dark.mkv', [320, 180]],
    ['night.mkv', [320, 180]],
  ])('auto makes of %s %j', async (name, size) => {
    expect(sizeOf(await delivered(name, '--crop', 'auto'))).toEqual(size);
  });

  test('a box is cut as it was given, and what lies outside of the picture is refused', async () => {
    const file = await delivered('bars.mkv', '--crop', '160:90:10:40');
    expect(sizeOf(file)).toEqual([160, 90]);
    ffmpeg(['-i', path('bars.mkv'), '-vf', 'crop=160:90:10:40:exact=1', ...lossless, path('box.mkv')]);
    expect(await ssimOf(file, path('box.mkv'))).toBeGreaterThan(0.97);
    const refused = await sg(['export', path('bars.mkv'), '--crop', '400:90:0:0', '-o', join(fresh(), 'o.mp4')]);
    expectRefusal(refused, 4);
    expectRefusal(await sg(['export', path('bars.mkv'), '--crop', 'wide', '-o', join(fresh(), 'o.mp4')]), 2);
  });
});
