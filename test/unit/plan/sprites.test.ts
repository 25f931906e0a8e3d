import { describe, expect, it } from 'vitest';
import { planSprites, spriteCount, spriteIndex } from '../../../src/plan/sprites.ts';

const wish = { tile: { width: 160, height: 90 }, columns: 3, rows: 2, intervalSec: 5 };

describe('sprite sheets', () => {
  it('have one picture for each interval that begins in the film', () => {
    expect(spriteCount(10, 5)).toBe(2);
    expect(spriteCount(10.04, 5)).toBe(3);
    expect(spriteCount(0.04, 5)).toBe(1);
    // Seconds are sums of fractions: the end of the last interval is no beginning of another.
    expect(spriteCount(0.1 * 3, 0.1)).toBe(3);
  });

  it('are as many as it takes, each as large as a full one', () => {
    const plan = planSprites({ film: '/films/a.mp4', durationSec: 62.5, filters: [] }, wish);
    expect(plan.pictures).toBe(13);
    expect(plan.sheets).toEqual(['sprite-1.jpg', 'sprite-2.jpg', 'sprite-3.jpg']);
    expect(plan.sheet).toEqual({ width: 480, height: 180 });
    expect(plan.args).toContain('file:/films/a.mp4');
    expect(plan.args.join(' ')).toContain('trim=end_frame=13');
  });

  it('take the filters of wide colours before they are scaled', () => {
    const { args } = planSprites({ film: '/a.mp4', durationSec: 9, filters: ['tonemap=mobius'] }, wish);
    const chain = args[args.indexOf('-vf') + 1] ?? '';
    expect(chain.indexOf('tonemap=mobius')).toBeLessThan(chain.indexOf('scale='));
  });
});

describe('their index', () => {
  const text = spriteIndex(wish, 62.5, (n) => `https://cdn.example/s${n}.jpg`);
  const cues = text.split('\n\n').slice(1);

  it('is WebVTT: a cue for each picture, the last one to the end', () => {
    expect(text.startsWith('WEBVTT\n\n')).toBe(true);
    expect(cues).toHaveLength(13);
    expect(cues[0]).toBe('00:00:00.000 --> 00:00:05.000\nhttps://cdn.example/s0.jpg#xywh=0,0,160,90');
    expect(cues.at(-1)?.trimEnd()).toBe('00:01:00.000 --> 00:01:02.500\nhttps://cdn.example/s2.jpg#xywh=0,0,160,90');
  });

  it('goes along the rows, then to the next sheet', () => {
    expect(cues.map((cue) => cue.trimEnd().split('/').at(-1)).slice(2, 7)).toEqual([
      's0.jpg#xywh=320,0,160,90',
      's0.jpg#xywh=0,90,160,90',
      's0.jpg#xywh=160,90,160,90',
      's0.jpg#xywh=320,90,160,90',
      's1.jpg#xywh=0,0,160,90',
    ]);
  });

  it('counts hours and thousandths', () => {
    const [last = ''] = spriteIndex({ ...wish, intervalSec: 2.002 }, 7300, () => 's.jpg')
      .trimEnd()
      .split('\n\n')
      .slice(-1);
    expect(last.split('\n')[0]).toBe('02:01:39.292 --> 02:01:40.000');
  });
});
