import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RESOLUTIONS, type ResolutionRow } from '../../src/codecs/resolutions.ts';
import type { Fit } from '../../src/model/option-values.ts';
import { planCase } from '../golden/golden-case.ts';
import { mediaOf, readSource } from '../golden/source-file.ts';
import { clip, streamValue } from '../support/clips.ts';
import { fresh, ok } from '../support/run-cli.ts';

// Every name and fit from three shapes of source: the frame that the contract promises, from the plan alone; three are encoded.
const SOURCES = {
  landscape: { width: 1920, height: 1080 },
  portrait: { width: 1080, height: 1920 },
  square: { width: 1080, height: 1080 },
} as const;
const FITS: readonly (Fit | undefined)[] = [undefined, 'contain', 'cover', 'stretch', 'pad'];

interface Size {
  readonly width: number;
  readonly height: number;
}

function plannedFrame(source: Size, resolution: string, fit: Fit | undefined, upscale: boolean): Size {
  const media = mediaOf(readSource('hd-720p2997-stereo'));
  const described = { ...media, video: media.video.map((stream) => ({ ...stream, ...source })) };
  const flags = { resolution, codec: 'h264', ...(fit ? { fit } : {}), ...(upscale ? { upscale } : {}) };
  const golden = { about: resolution, source: 'hd-720p2997-stereo', output: 'out.mp4', flags };
  const { plan, issues } = planCase(golden, '/out', described);
  if (!plan) throw new Error(issues.map(({ message }) => message).join('; '));
  return plan.expectation.video;
}

const even = (value: number): number => 2 * Math.round(value / 2);

/** What the contract says, worked out apart from the program: names bound the short side, exact frames are made as asked. */
function promised(source: Size, row: ResolutionRow, fit: Fit, upscale: boolean): Size {
  const short = Math.min(source.width, source.height);
  const side = Math.min(row.width, row.height);
  if (fit === 'contain') {
    const factor = row.exact ? Math.min(row.width / source.width, row.height / source.height) : side / short;
    const kept = factor > 1 && !upscale ? 1 : factor;
    return { width: even(source.width * kept), height: even(source.height * kept) };
  }
  if (row.exact) return { width: row.width, height: row.height };
  // A name with another fit is a frame of its own shape: upright for upright sources.
  const upright = source.height > source.width;
  const frame = upright ? { width: row.height, height: row.width } : { width: row.width, height: row.height };
  const factors = [frame.width / source.width, frame.height / source.height];
  const factor = fit === 'pad' ? Math.min(...factors) : Math.max(...factors);
  const enlarged = fit === 'stretch' ? Math.min(...factors) > 1 : factor > 1;
  return enlarged && !upscale ? { width: source.width, height: source.height } : frame;
}

describe.each(Object.entries(SOURCES))('from a %s source', (_, source) => {
  test.each(RESOLUTIONS.map((row) => ({ id: row.id, row })))('$id in every fit', ({ row }) => {
    const wrong: string[] = [];
    for (const fit of FITS)
      for (const upscale of [false, true]) {
        const wanted = promised(source, row, fit ?? (row.exact ? 'pad' : 'contain'), upscale);
        const found = plannedFrame(source, row.id, fit, upscale);
        const near = (a: number, b: number) => Math.abs(a - b) <= 2 && a % 2 === 0;
        if (!(near(found.width, wanted.width) && near(found.height, wanted.height)))
          wrong.push(
            `${fit} ${upscale ? 'upscale' : ''}: ${found.width}x${found.height}, not ${wanted.width}x${wanted.height}`,
          );
      }
    expect(wrong).toEqual([]);
  });
});

test.each([
  { size: '640x360', resolution: '480p_v', fit: 'pad', wanted: '480x854' },
  { size: '360x640', resolution: '360p', fit: 'contain', wanted: '360x640' },
  { size: '720x720', resolution: '360p', fit: 'cover', wanted: '640x360' },
])('$size to $resolution, $fit: encoded', { timeout: 120_000 }, async ({ size, resolution, fit, wanted }) => {
  const input = clip({ name: `${size}.mp4`, size, sound: false, sec: 1 });
  const out = join(fresh(), 'out.mp4');
  await ok(['export', input, '-o', out, '--resolution', resolution, '--fit', fit, '--speed', 'ultrafast', '-q']);
  const found = `${streamValue(out, 'video', 'width')}x${streamValue(out, 'video', 'height')}`;
  expect(found).toBe(wanted);
  expect(streamValue(out, 'video', 'sample_aspect_ratio')).toBe('1:1');
});
