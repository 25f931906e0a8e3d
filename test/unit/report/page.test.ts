import { describe, expect, it } from 'vitest';
import type { MeasuredQuality, PictureQuality } from '../../../src/model/quality.ts';
import { bitrateCurve } from '../../../src/report/bitrate.ts';
import { html } from '../../../src/report/html.ts';
import { PAGE_HEAD, type Report, reportPage } from '../../../src/report/page.ts';

const pictures: readonly PictureQuality[] = Array.from({ length: 6000 }, (_, n) => ({
  sec: n / 25,
  ssim: n === 3333 ? 0.4321 : 0.98,
  psnr: n < 10 ? Number.POSITIVE_INFINITY : 41.5,
  vmaf: undefined,
}));
const quality: MeasuredQuality = {
  ...{ ssim: 0.98, psnr: 41.5, vmaf: undefined, pictures },
  ...{ referenceFrames: 6000, distortedFrames: 6000 },
};
const EVIL = `<script>alert(1)</script><img src=x onerror="a">'&\u202e\u0007`;

const report: Report = {
  kind: 'Comparison',
  title: EVIL,
  films: [
    { role: 'Reference', path: `/a/${EVIL}`, about: EVIL },
    { role: 'Distorted', path: '/b', about: '' },
  ],
  tiles: [{ name: 'SSIM', value: '0.98', remark: EVIL }],
  notes: [EVIL],
  quality,
  worst: [{ sec: 133.32, frame: 3333, ssim: 0.4321, reference: 'data:image/jpeg;base64,AA', distorted: EVIL }],
  bitrate: { of: EVIL, ...bitrateCurve([{ sec: 0, bytes: 1000, key: false }], 240) },
  lengthSec: 240,
  settings: [{ name: EVIL, value: EVIL, from: 'flag' }],
  verification: { ok: false, checks: [{ name: EVIL, expected: EVIL, actual: EVIL, ok: false }] },
  made: EVIL,
};
const page = reportPage(report);

describe('the page', () => {
  it('takes what comes from files for text, wherever it stands', () => {
    expect(page).not.toMatch(/<script|<img src=x|onerror="/);
    for (const trick of ['\u202e', '\u0007']) expect(page).not.toContain(trick);
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(12);
  });

  it('needs nothing but itself, and forbids the rest', () => {
    expect(page).not.toMatch(/https?:|@import|url\(|<link|<iframe/);
    for (const [, target] of page.matchAll(/\b(?:src|href)="([^"]*)"/g))
      expect(target).toMatch(/^(data:|#worst-|&lt;)/);
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'/);
    expect(page.startsWith(PAGE_HEAD)).toBe(true);
  });

  it('shows one bad picture among thousands, without drawing them all', () => {
    expect(page).toMatch(/lowest 0\.4321/);
    expect(page).toMatch(/data-tip="2:1\d(\.\d\d)? · [\d.]+ \(0\.4321 to 0\.98\)"/);
    expect(page.match(/data-tip=/g)?.length).toBeLessThan(900);
    expect(page.length).toBeLessThan(200_000);
  });

  it('links each mark of the curve with its pair', () => {
    expect(page).toMatch(/<a class="mark" href="#worst-1"/);
    expect(page).toMatch(/id="worst-1"/);
  });

  it('leaves out what there is not', () => {
    const bare = reportPage({
      ...report,
      ...{ quality: undefined, worst: [], settings: [], verification: undefined },
      bitrate: { of: '', ...bitrateCurve([], 240) },
    });
    expect(bare).not.toMatch(/<h2>/);
    expect(bare).not.toMatch(/undefined|NaN|Infinity/);
    expect(page).not.toMatch(/undefined|NaN|Infinity/);
  });
});

it('markup is written as it is, all else as text', () => {
  expect(html`<b>${'<i>'}${html`<u>${1}</u>`}${['&', undefined, 2]}</b>`.markup).toBe('<b>&lt;i&gt;<u>1</u>&amp;2</b>');
});

describe('bitrate', () => {
  it('adds packets up by stretches, and knows that the last one is shorter', () => {
    const packets = Array.from({ length: 30 }, (_, n) => ({ sec: n / 25, bytes: 500, key: false }));
    const { points, stretchSec, kbps } = bitrateCurve(packets, 1.2);
    expect(stretchSec).toBe(0.25);
    expect(points.map(({ sec }) => sec)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(kbps).toBeCloseTo(100, 6);
    expect(points.at(-1)?.value).toBeCloseTo(100, 6);
    const bytes = points.reduce((sum, { value }, n) => sum + (value * 1000 * (n === 4 ? 0.2 : 0.25)) / 8, 0);
    expect(bytes).toBeCloseTo(15_000, 6);
  });

  it('takes longer stretches for longer films, and has nothing to say without times', () => {
    expect(bitrateCurve([{ sec: 0, bytes: 1, key: false }], 7200).points.length).toBeLessThanOrEqual(120);
    expect(bitrateCurve([], 10)).toMatchObject({ points: [], kbps: undefined });
  });
});
