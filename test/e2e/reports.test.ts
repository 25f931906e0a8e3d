import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip, ffmpeg } from '../support/clips.ts';
import { REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg } from '../support/run-cli.ts';

/** A reference and what was made of it, alone in a folder; the damage is at 1.2 s. */
function films() {
  const folder = fresh();
  const [reference, distorted] = [join(folder, 'master.mp4'), join(folder, 'delivery.mp4')];
  copyFileSync(clip({ sec: 2 }), reference);
  const blur = "boxblur=6:enable='between(n,30,34)'";
  ffmpeg(['-i', reference, '-an', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-vf', blur, distorted]);
  return { folder, reference, distorted, page: join(folder, 'page.html') };
}

const read = (path: string) => readFileSync(path, 'utf8');

/** Complete, and in need of nothing: no address, no script, every picture within. */
function expectSelfContained(page: string): void {
  expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(page).not.toMatch(/https?:|<script|<link|@import|url\(/);
  const targets = [...page.matchAll(/\b(?:src|href)="([^"]{0,60})/g)].map(([, target]) => target ?? '');
  for (const target of targets) expect(target).toMatch(/^(data:image\/jpeg;base64,|#worst-\d$)/);
  const words = page.replace(/;base64,[^"]*/g, '');
  expect(words).not.toMatch(/undefined|NaN|Infinity|\[object/);
}

/** Width and height of the pictures in a page, as their JPEG data say. */
function pictureSizes(page: string): readonly string[] {
  return [...page.matchAll(/src="data:image\/jpeg;base64,([^"]+)"/g)].map(([, data]) => {
    const jpeg = Buffer.from(data ?? '', 'base64');
    const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    return `${jpeg.readUInt16BE(at + 7)}x${jpeg.readUInt16BE(at + 5)}`;
  });
}

describe('compare --report', () => {
  test('one page: curves, bitrate, and the worst pictures as pairs', async () => {
    const { folder, reference, distorted, page } = films();
    const run = await ok(['compare', reference, distorted, '--report', page, '--json']);
    const { worst, report, ssim } = JSON.parse(run.stdout);
    expect(report).toBe(page);
    expect(listing(folder)).toEqual(['delivery.mp4', 'master.mp4', 'page.html']);
    const text = read(page);
    expectSelfContained(text);
    expect(text).toContain(`<dd>${ssim.toFixed(4)}<small>`);
    for (const title of ['>SSIM <', '>PSNR, dB <', '>Video bitrate of the distorted film'])
      expect(text).toContain(title);
    expect(text).toContain(`frame ${worst[0].frame}, SSIM ${worst[0].ssim.toFixed(4)}`);
    expect(pictureSizes(text)).toEqual(Array(2 * worst.length).fill('320x180'));
  });

  test('the pairs are the very pictures that were measured', async () => {
    const { folder, reference, distorted, page } = films();
    const run = await ok(['compare', reference, distorted, '--report', page, '--json']);
    const { worst } = JSON.parse(run.stdout);
    const [first = '', second = ''] = [...read(page).matchAll(/base64,([^"]+)"/g)].map(([, data]) => data ?? '');
    const shots = [first, second].map((data, n) => {
      const path = join(folder, `shown-${n}.jpg`);
      writeFileSync(path, Buffer.from(data, 'base64'));
      return path;
    });
    const [original = '', blurred = ''] = shots;
    // The right picture of the master is nearer than the one before it or behind it.
    const psnr = (shot: string, film: string, frame: number): number => {
      const log = join(folder, 'psnr.log');
      const graph = `[1:v]select='eq(n,${frame})',format=yuv444p[a];[0:v]scale=in_range=pc:out_range=tv:in_color_matrix=bt601:out_color_matrix=bt709,format=yuv444p[b];[a][b]psnr=stats_file=${log}`;
      ffmpeg(['-i', shot, '-i', film, '-filter_complex', graph, '-frames:v', '1', '-f', 'null', '-']);
      return Number(/psnr_y:([\d.]+)/.exec(read(log))?.[1]);
    };
    const { frame } = worst[0];
    for (const [shot, film] of [
      [original, reference],
      [blurred, distorted],
    ] as const) {
      const here = psnr(shot, film, frame);
      expect(here).toBeGreaterThan(30);
      expect(here).toBeGreaterThan(psnr(shot, film, frame - 1));
      expect(here).toBeGreaterThan(psnr(shot, film, frame + 1));
    }
  });

  test('names cannot become part of the page', async () => {
    const { folder, reference, distorted } = films();
    const name = `<img src=x onerror=alert(1)>&"'.mp4`;
    copyFileSync(distorted, join(folder, name));
    await ok(['compare', reference, name, '--report', 'p.html'], { cwd: folder });
    const text = read(join(folder, 'p.html'));
    expect(text).not.toContain('<img src=x');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;.mp4');
  });

  test('an identical film has no pairs, and a page all the same', async () => {
    const { reference, page } = films();
    await ok(['compare', reference, reference, '--report', page]);
    expectSelfContained(read(page));
    expect(pictureSizes(read(page))).toEqual([]);
    expect(read(page)).toContain('infinite');
  });

  test('replaces an earlier page only with --overwrite, and nothing else ever', async () => {
    const { folder, reference, distorted, page } = films();
    const args = ['compare', reference, distorted, '--report'];
    await ok([...args, page]);
    const before = read(page);
    const refused = await sg([...args, page]);
    expectRefusal(refused, 2);
    expect(refused.stderr).toMatch(/--report[\s\S]*exists[\s\S]*--overwrite/);
    expect(read(page)).toBe(before);
    await ok([...args, page, '--overwrite']);
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'mine');
    linkSync(reference, join(folder, 'linked.mp4'));
    mkdirSync(join(folder, 'sub'));
    for (const place of [
      notes,
      reference,
      distorted,
      join(folder, 'linked.mp4'),
      join(folder, 'sub'),
      join(folder, 'no', 'p.html'),
    ])
      expectRefusal(await sg([...args, place, '--overwrite']), 2);
    expect(read(notes)).toBe('mine');
    expect(readFileSync(reference).equals(readFileSync(clip({ sec: 2 })))).toBe(true);
  });

  test('what fails writes no page, and its place is found wrong together with a missing film', async () => {
    const { folder, reference } = films();
    const before = listing(folder);
    const run = await sg(['compare', reference, '/no/such.mp4', '--report', join(folder, 'no', 'p.html')]);
    expectRefusal(run, 2);
    expect(run.stderr).toMatch(/--report/);
    expect(run.stderr).toMatch(/no\/such\.mp4/);
    await sg(['compare', reference, '/no/such.mp4', '--report', join(folder, 'p.html')]);
    expect(listing(folder)).toEqual(before);
  });
});

describe('export --report', () => {
  test('the page of a delivery: against its source, its settings, its checks', async () => {
    const { folder, reference, page } = films();
    const output = join(folder, 'o.mp4');
    const flags = [
      '--resolution',
      '160x120',
      '--start',
      '0.4',
      '--speed',
      'ultrafast',
      '--crf',
      '30',
      '--verify',
      'full',
    ];
    const result = resultOf(await ok(['export', reference, '-o', output, ...flags, '--report', page, '--json']));
    const { verification } = result as {
      readonly verification: { readonly ssim: number; readonly checks: readonly { readonly name: string }[] };
    };
    const text = read(page);
    expectSelfContained(text);
    expect(text).toContain(`<dd>${verification.ssim.toFixed(4)}<small>`);
    for (const { name } of verification.checks) expect(text).toContain(`<th scope="row">${name}</th>`);
    expect(text).toMatch(/<th scope="row">crf<\/th><td>30<\/td><td>flag<\/td>/);
    expect(new Set(pictureSizes(text))).toEqual(new Set(['160x120']));
    expect(listing(folder)).toEqual(['delivery.mp4', 'master.mp4', 'o.mp4', 'page.html']);
  });

  test('a copy has nothing to compare: bitrate, settings and checks', async () => {
    const { folder, reference, page } = films();
    await ok(['export', reference, '-o', join(folder, 'o.mkv'), '--codec', 'copy', '--report', page]);
    const text = read(page);
    expectSelfContained(text);
    expect(text).toContain('the picture was copied');
    expect(text).toContain('Video bitrate of the output');
    expect(text).not.toContain('>SSIM');
  });

  test('a place that will not do is found before anything is encoded', async () => {
    const { folder, reference, page } = films();
    const args = ['export', reference, '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--report', page];
    await ok(args);
    expectRefusal(await sg(['export', reference, '-o', join(folder, 'p.mp4'), '--report', page]), 2);
    expectRefusal(await sg(['export', reference, '-o', join(folder, 'p.mp4'), '--report', join(folder, 'p.mp4')]), 2);
    expect((await sg(['validate', reference, '-o', join(folder, 'p.mp4'), '--report', page])).code).toBe(2);
    expect(listing(folder)).not.toContain('p.mp4');
    await ok([...args, '--overwrite']);
  });

  test('a run that fails leaves an earlier page as it was', async () => {
    const { folder, reference, page } = films();
    const args = ['export', reference, '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--report', page];
    await ok(args);
    const before = read(page);
    expect((await sg([...args, '--overwrite', '--timeout', '1ms'])).code).toBe(124);
    expect(read(page)).toBe(before);
    expect(listing(folder)).toEqual(['delivery.mp4', 'master.mp4', 'o.mp4', 'page.html']);
  });
});

describe('multi --report', () => {
  const specs = ['h264:source:low', 'h264:source:high', 'vp9:source:draft'].flatMap((spec) => ['--export', spec]);

  test('one page of all outputs: their sizes and qualities against each other, then each by itself', async () => {
    const { folder, reference, page } = films();
    const args = ['multi', reference, ...specs, '--speed', 'ultrafast', '--output-folder', join(folder, 'o')];
    const result = resultOf(await ok([...args, '--report', page, '--json']));
    const files = (result.exports as readonly { readonly output_files: readonly string[] }[]).map(
      ({ output_files: [file = ''] }) => file,
    );
    const text = read(page);
    expect(text).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(text).not.toMatch(/https?:|<script|<link|@import|url\(/);
    expect(text.replace(/;base64,[^"]*/g, '')).not.toMatch(/undefined|NaN|Infinity|\[object/);
    for (const [n, file] of files.entries()) {
      expect(text).toContain(`<a href="#output-${n + 1}">${file.split('/').at(-1)}</a>`);
      expect(text).toContain(`id="output-${n + 1}"`);
    }
    expect(text.match(/class="dot k-/g)).toHaveLength(3);
    for (const [, id] of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${id}"`);
    const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(pictureSizes(text).length).toBe(2 * 2 * 3);
    expectRefusal(await sg([...args, '--report', page, '--name', '{name}_x_{codec}_{quality}']), 2);
    expectRefusal(await sg([...args, '--report', reference, '--overwrite']), 2);
  });

  test('what failed is on the page, and a page is made again where it is gone', async () => {
    const { folder, reference, page } = films();
    const made = ['--export', 'h264:source:low', '--speed', 'ultrafast', '--output-folder', folder];
    const bad = script(folder, 'ffmpeg', `case "$*" in *libvpx*-f*webm*) exit 1;; esac\nexec '${REAL_FFMPEG}' "$@"`);
    const partial = ['multi', reference, ...made, '--export', 'vp9:source:draft', '--report', page, '--ffmpeg', bad];
    expect((await sg(partial)).code).toBe(8);
    expect(read(page)).toMatch(/class="bad">vp9:source:draft: /);
    rmSync(page);
    await ok(['multi', reference, ...made, '--report', page, '--skip-existing']);
    expect(read(page)).toContain('1 output of master.mp4');
  });
});

test('export makes a page again where it is gone, though its film is complete', async () => {
  const { folder, reference, page } = films();
  const args = ['export', reference, '-o', join(folder, 'o.mp4'), '--speed', 'ultrafast', '--report', page];
  await ok([...args, '--skip-existing']);
  rmSync(page);
  expect(resultOf(await ok([...args, '--skip-existing', '--json']))).toMatchObject({ skipped: true });
  expectSelfContained(read(page));
  const before = read(page);
  await ok([...args, '--skip-existing']);
  expect(read(page)).toBe(before);
});
