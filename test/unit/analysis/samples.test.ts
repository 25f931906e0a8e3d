import { expect, test } from 'vitest';
import { encodeSamples, parsePackets } from '../../../src/analysis/samples.ts';
import { SAMPLE_PACKETS, sampleParts } from '../../../src/plan/samples.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';
import { mediaOf, readSource } from '../../golden/source-file.ts';

const golden = readCase('h264-default');
const { resolved } = planCase(golden);
if (!resolved) throw new Error('the golden case is refused');
const media = mediaOf(readSource(golden.source));
const long = { ...resolved, timeline: { ...resolved.timeline, durationSec: 600 } };

test('reads the lines of framecrc', () => {
  const text =
    '#software: Lavf\n#tb 0: 1/50\n#media_type 0: video\n0,          0,          2,        1,     5431, 0x1\n';
  expect(parsePackets(text)).toEqual([{ atSec: 0.04, bytes: 5431 }]);
});

test('a short film is its own sample; a long one gives evenly spread GOPs of at most 36 s in all', () => {
  const short = { ...resolved, timeline: { ...resolved.timeline, durationSec: 12 } };
  expect(sampleParts(short)).toEqual([{ fromSec: 0, durationSec: 12 }]);
  const parts = sampleParts(long);
  expect(parts.reduce((sum, part) => sum + part.durationSec, 0)).toBeLessThanOrEqual(37);
  const steps = parts.slice(1).map((part, n) => part.fromSec - (parts[n]?.fromSec ?? 0));
  expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.1);
  expect(parts.at(-1)?.fromSec).toBeLessThan(600 - 2);
});

test('packets belong to the part in whose time they are shown', async () => {
  const parts = sampleParts(long);
  const frames = parts.flatMap((part, n) => Array.from({ length: 50 }, () => [n, part.durationSec] as const));
  const lines = frames.map(([n], at) => `0, ${at}, ${at}, 1, ${(n + 1) * 100}, 0x0`);
  const finding = await encodeSamples(
    long,
    media,
    {},
    {
      run: async () => ({ elapsedSec: 10, first: { atSec: 1, frames: 100 } }),
      readText: async (name) => (name === SAMPLE_PACKETS ? `#tb 0: 1/25\n${lines.join('\n')}\n` : ''),
    },
  );
  expect(finding.parts.map((part) => part.bytes)).toEqual(parts.map((_, n) => (n + 1) * 5000));
  expect(finding.secPerFrame).toBeCloseTo(9 / (frames.length - 100), 6);
});
