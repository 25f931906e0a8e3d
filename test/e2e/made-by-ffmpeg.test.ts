import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clip, countFrames, ffmpeg, probe } from '../support/clips.ts';
import { fresh, sg, shown } from '../support/run-cli.ts';

/** Titles of a film's chapters, and where they begin, rounded to tenths of a second. */
const chaptersOf = (path: string): unknown =>
  (probe(path).chapters as readonly { start_time: string; tags: { title: string } }[]).map(
    ({ start_time: from, tags }) => [tags.title, Math.round(Number(from) * 10) / 10],
  );

const FAST = ['--speed', 'ultrafast', '--quality', 'draft'] as const;

test('MXF with B-frames, whose index ffmpeg 5.1 writes one entry short, is a film like any other', async () => {
  const folder = fresh();
  const source = join(folder, 'in.mxf');
  ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=2', '-c:v', 'mpeg2video', '-bf', '2', '-q:v', '4', source]);
  const run = await sg(['export', source, '-o', join(folder, 'o.mp4'), ...FAST]);
  expect(run.code, shown(run)).toBe(0);
  expect(countFrames(join(folder, 'o.mp4'))).toBe(50);
});

test('chapters that were over before the film’s clock began are left out, and the others keep their places', async () => {
  const folder = fresh();
  const chapters = join(folder, 'chapters.txt');
  const chapter = (from: number, to: number, title: string) =>
    `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${from}\nEND=${to}\ntitle=${title}\n`;
  writeFileSync(
    chapters,
    `;FFMETADATA1\n${chapter(0, 4000, 'Before')}${chapter(10_000, 11_000, 'First')}${chapter(11_000, 13_000, 'Second')}`,
  );
  const source = join(folder, 'late.mkv');
  ffmpeg([
    '-i',
    clip({ sec: 3 }),
    '-i',
    chapters,
    '-map_metadata',
    '1',
    '-c',
    'copy',
    '-output_ts_offset',
    '10',
    source,
  ]);
  const made = async (name: string, ...flags: readonly string[]) => {
    const output = join(folder, name);
    const run = await sg(['export', source, '-o', output, ...FAST, ...flags]);
    expect(run.code, shown(run)).toBe(0);
    return chaptersOf(output);
  };
  expect(await made('whole.mkv')).toEqual([
    ['First', 0],
    ['Second', 1],
  ]);
  expect(await made('part.mkv', '--start', '0.5', '--duration', '1')).toEqual([
    ['First', 0],
    ['Second', 0.5],
  ]);
});
