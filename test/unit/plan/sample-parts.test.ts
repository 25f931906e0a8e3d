import { describe, expect, test } from 'vitest';
import type { PacketSize } from '../../../src/model/quality.ts';
import { sampledForecast } from '../../../src/plan/forecast.ts';
import { type Part, sampleParts } from '../../../src/plan/sample-parts.ts';
import { sourceOfParts } from '../../../src/plan/sample-source.ts';
import { sampleCommands, soundSampleCommand } from '../../../src/plan/samples.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';
import { mediaOf, readSource } from '../../golden/source-file.ts';

const golden = readCase('h264-default');
const { resolved } = planCase(golden);
if (!resolved) throw new Error('the golden case is refused');
const media = mediaOf(readSource(golden.source));
const lasting = (durationSec: number) => ({ ...resolved, timeline: { ...resolved.timeline, durationSec } });
const long = lasting(600);
const GOP_SEC = 2;

/** Packets of 25 pictures a second for ten minutes, of 100 bytes, keyframes of 1000. */
const packets = (isKey: (picture: number) => boolean): readonly PacketSize[] =>
  Array.from({ length: 600 * 25 }, (_, n) => ({ sec: n / 25, bytes: isKey(n) ? 1000 : 100, key: isKey(n) }));
const inAll = (parts: readonly Part[]): number => parts.reduce((sum, { durationSec }) => sum + durationSec, 0);
const valuesOf = (args: readonly string[], flag: string): readonly string[] =>
  args.flatMap((arg, n) => (arg === flag ? (args[n + 1] ?? []) : []));

test('a short film is its own sample', () => {
  expect(sampleParts(lasting(12), [])).toEqual([{ fromSec: 0, durationSec: 12 }]);
});

describe('the parts of a long film', () => {
  test.each([
    ['whose keyframes are not known', []],
    ['all of keyframes', packets(() => true)],
  ])('%s are spread evenly', (_name, known) => {
    const parts = sampleParts(long, known);
    expect(inAll(parts)).toBeCloseTo(32, 0);
    const steps = parts.slice(1).map((part, n) => part.fromSec - (parts[n]?.fromSec ?? 0));
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.1);
    expect(parts.at(-1)?.fromSec).toBeLessThan(600 - GOP_SEC);
  });

  test('lie behind keyframes, one in each share of the film', () => {
    const parts = sampleParts(
      long,
      packets((n) => n % 250 === 0),
    );
    const everySec = 600 / parts.length;
    for (const [n, { fromSec, keySec }] of parts.entries()) {
      expect(fromSec - (keySec ?? 0)).toBeCloseTo(0.2, 1);
      expect((keySec ?? 1) % 10).toBe(0);
      expect(Math.floor(fromSec / everySec)).toBe(n);
    }
  });

  test('hold as many cuts as is their share of the film', () => {
    // Cuts every 3.2 s, and a GOP that no cut ends: 187 cuts, 5.3 of 100 s.
    const known = packets((n) => (n < 14_000 ? n % 80 === 0 : n % 250 === 0));
    const parts = sampleParts(long, known);
    const held = parts.filter(({ fromSec }) => Math.floor((fromSec + GOP_SEC) / 3.2) > Math.floor(fromSec / 3.2));
    const share = (560 / 3.2) * (inAll(parts) / 600);
    expect(Math.abs(held.length - share)).toBeLessThanOrEqual(1);
  });

  test('without a keyframe but the first are read in one go', () => {
    const known = packets((n) => n === 0);
    const parts = sampleParts(long, known);
    expect(new Set(parts.map(({ keySec }) => keySec))).toEqual(new Set([0]));
    const [args = []] = sampleCommands(long, media, parts);
    expect(valuesOf(args, '-i')).toHaveLength(1);
    const [graph] = valuesOf(args, '-filter_complex');
    expect(graph).toContain(`split=${parts.length}[`);
    expect(graph).toContain(`concat=n=${parts.length}`);
    expect(valuesOf(soundSampleCommand(long, media, parts)?.args ?? [], '-i')).toHaveLength(1);
    const last = parts.at(-1);
    const inVainSec = (last?.fromSec ?? 0) - inAll(parts.slice(0, -1));
    expect(sourceOfParts(known, parts, long.timeline).inVainSec).toBeCloseTo(inVainSec, 6);
  });

  test('of a bare stream, whose packets have no times, are read from its beginning', () => {
    const bare = { ...media, format: 'h264' };
    const [args = []] = sampleCommands(long, bare, sampleParts(long, []));
    expect(valuesOf(args, '-i')).toHaveLength(1);
    expect(valuesOf(args, '-ss')).toEqual([]);
  });

  test('are sought at their keyframe where there is no index, and at themselves where there is one', () => {
    const parts = sampleParts(
      long,
      packets((n) => n % 250 === 0),
    );
    const zeroSec = long.timeline.seekSec + long.timeline.originSec;
    const seeks = (format: string) =>
      valuesOf(sampleCommands(long, { ...media, format }, parts)[0] ?? [], '-ss').map((sec) => Number(sec) - zeroSec);
    expect(seeks('matroska,webm')).toEqual(parts.map(({ fromSec }) => expect.closeTo(fromSec, 4)));
    expect(seeks('mpegts')).toEqual(parts.map(({ keySec = 0 }) => expect.closeTo(keySec + 0.005, 4)));
  });
});

describe('what the source has in a part', () => {
  const part = { fromSec: 10.2, durationSec: GOP_SEC, keySec: 10 };

  test('is counted in its predicted pictures, and in all where few are', () => {
    const quiet = sourceOfParts(
      packets((n) => n % 250 === 0),
      [part],
      long.timeline,
    );
    expect(quiet).toEqual({
      film: expect.closeTo(5000 ** 0.7, -1),
      parts: [5000 ** 0.7],
      inVainSec: expect.closeTo(0.2, 6),
    });
    const keys = sourceOfParts(
      packets(() => true),
      [part],
      long.timeline,
    );
    expect(keys.film).toBeCloseTo(50_000 ** 0.7, 3);
    expect(keys.parts[0]).toBeCloseTo(50_000 ** 0.7, 3);
  });

  test('asks for more where the rest of the film has more, and less than in proportion', async () => {
    const known = packets((n) => n % 250 === 0).map((one) => ({ ...one, bytes: one.sec < 300 ? 100 : 400 }));
    const source = sourceOfParts(known, [part], long.timeline);
    const finding = {
      ...{ whole: false, headerBytes: 0, secPerFrame: 0.01, startSec: 0.1, spentSec: 1, source },
      parts: [{ ...part, bytes: 5000, frames: 50 }],
    };
    const of = (film: number): number =>
      sampledForecast({ ...long, audio: [] }, media, { ...finding, source: { ...source, film } }).videoKbps;
    const more = of(source.film) / of(0);
    expect(more, 'the film has two and a half times as much').toBeGreaterThan(1.3);
    expect(more).toBeLessThan(2);
  });
});
