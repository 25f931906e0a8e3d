import { describe, expect, it } from 'vitest';
import { rational, valueOf } from '../../../src/model/rational.ts';
import { parseBitrate } from '../../../src/model/units.ts';
import {
  type LadderCodec,
  ladderRate,
  planCut,
  planLadder,
  readRungs,
  startingFirst,
  type WantedRung,
} from '../../../src/plan/ladder.ts';

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly hdr?: boolean;
  readonly codec?: LadderCodec;
  readonly upscale?: boolean;
  readonly need?: number;
}

function ladder(
  { width, height, fps = 25, hdr = false, codec = 'h264', upscale = false, need = 1 }: Shape,
  rungs?: string,
) {
  const wanted: readonly WantedRung[] | undefined = rungs ? readRungs(rungs, parseBitrate).wanted : undefined;
  return planLadder({ source: { width, height, frameRate: rational(fps), hdr }, codec, upscale, need }, wanted);
}

const sizes = (shape: Shape, rungs?: string) =>
  ladder(shape, rungs).rungs.map((rung) => `${rung.width}x${rung.height}`);
const rates = (shape: Shape) => ladder(shape).rungs.map(({ kbps }) => kbps);

describe('the default ladder', () => {
  it("is Apple's table for a source of 1080p", () => {
    expect(sizes({ width: 1920, height: 1080 })).toEqual([
      ...['1920x1080', '1280x720', '960x540', '768x432', '640x360', '416x234'],
    ]);
    expect(rates({ width: 1920, height: 1080 })).toEqual([7800, 4500, 2000, 1100, 365, 145]);
  });

  it('stands upright for a portrait', () => {
    expect(sizes({ width: 1080, height: 1920 })).toEqual([
      ...['1080x1920', '720x1280', '540x960', '432x768', '360x640', '234x416'],
    ]);
  });

  it('keeps the shape of 4:3 and of wide screens', () => {
    expect(sizes({ width: 1440, height: 1080 })[1]).toBe('960x720');
    expect(sizes({ width: 1920, height: 804 }).slice(0, 2)).toEqual(['1920x804', '1280x536']);
    expect(rates({ width: 1440, height: 1080 })[0]).toBeLessThan(7800);
  });

  it("puts the source's own size in the place of a rung that nobody could tell from it", () => {
    expect(sizes({ width: 854, height: 480 })).toEqual(['854x480', '640x360', '416x234']);
  });

  it("adds the source's own size above the table's rungs where it is clearly larger", () => {
    expect(sizes({ width: 1600, height: 900 })[0]).toBe('1600x900');
    expect(sizes({ width: 1600, height: 900 })[1]).toBe('1280x720');
  });

  it('has one rung for a tiny source, even and at its size', () => {
    const { rungs } = ladder({ width: 161, height: 121 });
    expect(rungs).toHaveLength(1);
    expect(rungs[0]).toMatchObject({ width: 160, height: 120, kbps: 64 });
  });

  it('ends below a source that is larger than the table, and says so', () => {
    const { rungs, issues } = ladder({ width: 3840, height: 2160 });
    expect(rungs[0]).toMatchObject({ width: 1920, height: 1080 });
    expect(issues.map(({ code }) => code)).toEqual(['ladder_ends_below']);
    expect(ladder({ width: 3840, height: 2160, codec: 'h265' })).toMatchObject({
      issues: [],
      rungs: [{ width: 3840, height: 2160, kbps: 16_800 }, ...Array.from({ length: 6 }, () => ({}))],
    });
  });

  it('gives HDR its own rates, and other codecs what they need', () => {
    expect(rates({ width: 1920, height: 1080, codec: 'h265', hdr: true })[0]).toBe(7000);
    expect(rates({ width: 1920, height: 1080, codec: 'h265' })[0]).toBe(5800);
    expect(rates({ width: 1920, height: 1080, codec: 'av1' })[0]).toBeLessThan(5800);
  });

  it('gives 60 frames a second half as much again, and none to 30', () => {
    expect(rates({ width: 1920, height: 1080, fps: 60 })[0]).toBe(11_700);
    expect(rates({ width: 1920, height: 1080, fps: 30 })[0]).toBe(7800);
  });

  it('goes above the source with --upscale only', () => {
    expect(sizes({ width: 640, height: 360, upscale: true })[0]).toBe('1920x1080');
  });

  it('scales the rates by the measured need', () => {
    expect(rates({ width: 1920, height: 1080, need: 0.5 })[0]).toBe(3900);
  });

  const shapes = [
    ...[160, 320, 416, 640, 720, 853, 1024, 1280, 1440, 1916, 1920, 2048, 2560, 3840, 4096, 7680].map((width) => width),
  ].flatMap((width) =>
    [9 / 16, 3 / 4, 1, 16 / 9, 0.42, 4 / 3].map((ratio) => [width, Math.round(width * ratio)] as const),
  );

  it.each(['h264', 'h265', 'vp9', 'av1'] as const)('of %s fits every shape', (codec) => {
    for (const [width, height] of shapes) {
      const { rungs } = ladder({ width, height, codec });
      expect(rungs.length, `${width}x${height}`).toBeGreaterThan(0);
      for (const [n, rung] of rungs.entries()) {
        const said = `${width}x${height}: ${JSON.stringify(rung)}`;
        expect((rung.width % 2) + (rung.height % 2), said).toBe(0);
        expect(rung.width, said).toBeLessThanOrEqual(width * 1.005 + 1);
        expect(rung.height, said).toBeLessThanOrEqual(height * 1.005 + 1);
        // A small picture's shape may be off by the pixel that makes it even.
        const off = Math.abs(rung.width / rung.height / (width / height) - 1);
        expect(off, said).toBeLessThan(1.5 / Math.min(rung.width, rung.height) + 1 / Math.min(width, height));
        const above = rungs[n - 1];
        if (!above) continue;
        expect(above.width * above.height, said).toBeGreaterThan(1.2 * rung.width * rung.height);
        expect(above.kbps, said).toBeGreaterThan(rung.kbps);
      }
      expect(new Set(rungs.map(({ id }) => id)).size, `${width}x${height}`).toBe(rungs.length);
    }
  });
});

describe('the rung that players begin with', () => {
  it('is the one nearest to 2 Mbit/s, the others in their order', () => {
    const { rungs } = ladder(
      { width: 1920, height: 1080 },
      '1080p:7800k,720p:4500k,540p:2000k,360p:365k,h265:1080p:2000k',
    );
    expect(startingFirst(rungs).map(({ id }) => id)).toEqual([
      ...['540p_h264', '1080p_h264', '720p_h264', '360p_h264', '1080p_h265'],
    ]);
    expect(startingFirst([])).toEqual([]);
  });
});

describe('--rungs', () => {
  it('takes sizes, rates and codecs', () => {
    const { rungs, issues } = ladder({ width: 1920, height: 1080 }, '720p:2800k,1080p:5M,hevc:1080p:3000k');
    expect(issues).toEqual([]);
    expect(rungs).toEqual([
      { id: '1080p_h264', codec: 'h264', width: 1920, height: 1080, kbps: 5000 },
      { id: '720p_h264', codec: 'h264', width: 1280, height: 720, kbps: 2800 },
      { id: '1080p_h265', codec: 'h265', width: 1920, height: 1080, kbps: 3000 },
    ]);
  });

  it("takes the table's rate where none is given", () => {
    expect(ladder({ width: 1920, height: 1080 }, '720p').rungs[0]?.kbps).toBe(4500);
  });

  it('leaves out what is above the source, with a warning, and refuses where nothing is left', () => {
    const some = ladder({ width: 640, height: 360 }, '1080p:5000k,360p:700k');
    expect(some.rungs.map(({ id }) => id)).toEqual(['360p_h264']);
    expect(some.issues).toMatchObject([{ code: 'rung_above_source', severity: 'warning' }]);
    const none = ladder({ width: 640, height: 360 }, '1080p:5000k');
    expect(none.issues.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      ...['warning rung_above_source', 'error no_rungs'],
    ]);
    expect(sizes({ width: 640, height: 360, upscale: true }, '1080p:5000k')).toEqual(['1920x1080']);
  });

  it('refuses two that cannot be told apart, and tells two rates of one size apart', () => {
    expect(ladder({ width: 1920, height: 1080 }, '720p:3000k,720p:3300k').issues).toMatchObject([
      { code: 'rungs_alike', severity: 'error' },
    ]);
    expect(ladder({ width: 1920, height: 1080 }, '720p:3000k,720p:4500k').rungs.map(({ id }) => id)).toEqual([
      ...['720p_h264_4500k', '720p_h264_3000k'],
    ]);
  });

  it.each(['', '720', '720p:', '720p:fast', 'mpeg2:720p:3000k', '720p:3000k:4', '1080p,,720p', '720p:0'])(
    'refuses %j',
    (text) => {
      expect(readRungs(text, parseBitrate).issues).toMatchObject([{ code: 'bad_rung', exit: 'USAGE' }]);
    },
  );
});

describe('where a film is cut', () => {
  it.each([
    ['24000/1001', 48, 3, 6.006],
    ['25', 50, 3, 6],
    ['30000/1001', 60, 3, 6.006],
    ['50', 100, 3, 6],
    ['60', 120, 3, 6],
    ['12', 24, 3, 6],
    ['15', 30, 3, 6],
  ] as const)('is in whole pictures at %s', (text, gopFrames, gopsPerSegment, segmentSec) => {
    const [num = 1, den = 1] = text.split('/').map(Number);
    const cut = planCut(rational(num, den));
    expect(cut).toMatchObject({ gopFrames, gopsPerSegment });
    expect(cut.segmentSec).toBeCloseTo(segmentSec, 9);
    expect(cut.gopSec * gopsPerSegment).toBeCloseTo(cut.segmentSec, 9);
  });

  it.each([2, 3, 4, 5, 6])('keeps to segments of %d s', (sec) => {
    for (const rate of [rational(24_000, 1001), rational(25), rational(60), rational(1735, 100)]) {
      const cut = planCut(rate, sec);
      expect(Math.abs(cut.segmentSec - sec)).toBeLessThan(cut.gopsPerSegment / valueOf(rate));
      expect(cut.gopSec).toBeGreaterThan(1.3);
      expect(cut.gopSec).toBeLessThan(2.7);
    }
  });

  it('takes every second picture of 120 a second, and all of 60', () => {
    expect(ladderRate(rational(120))?.rate).toEqual(rational(60));
    expect(ladderRate(rational(120_000, 1001))?.rate).toEqual(rational(60_000, 1001));
    expect(ladderRate(rational(240))?.rate).toEqual(rational(60));
    expect(ladderRate(rational(60))).toBeUndefined();
  });
});
