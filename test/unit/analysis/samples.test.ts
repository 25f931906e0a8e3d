import { describe, expect, test } from 'vitest';
import { encodeSamples, parsePackets } from '../../../src/analysis/samples.ts';
import { SgError } from '../../../src/model/errors.ts';
import { framesOf } from '../../../src/plan/estimate.ts';
import { arithmeticForecast, sampledForecast } from '../../../src/plan/forecast.ts';
import { sampleParts } from '../../../src/plan/sample-parts.ts';
import { SAMPLE_PACKETS, SOUND_PACKETS, sampleCommands, soundSampleCommand } from '../../../src/plan/samples.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';
import { mediaOf, readSource } from '../../golden/source-file.ts';

const golden = readCase('h264-default');
const { resolved } = planCase(golden);
if (!resolved) throw new Error('the golden case is refused');
const source = mediaOf(readSource(golden.source));
/** Heard to its end. */
const media = { ...source, audio: source.audio.map((stream) => ({ ...stream, durationSec: undefined })) };
const long = { ...resolved, timeline: { ...resolved.timeline, durationSec: 600 } };

test('reads the lines of framecrc', () => {
  const text =
    '#software: Lavf\n#tb 0: 1/50\n#media_type 0: video\n0,          0,          2,        1,     5431, 0x1\n';
  expect(parsePackets(text)).toEqual([{ atSec: 0.04, bytes: 5431 }]);
});

test('packets belong to the part in whose time they are shown', async () => {
  const parts = sampleParts(long, []);
  const frames = parts.flatMap((part, n) => Array.from({ length: 50 }, () => [n, part.durationSec] as const));
  const lines = frames.map(([n], at) => `0, ${at}, ${at}, 1, ${(n + 1) * 100}, 0x0`);
  const finding = await encodeSamples(
    long,
    media,
    parts,
    {},
    {
      run: async () => ({ elapsedSec: 10, processorSec: 16, first: { atSec: 1, frames: 100 } }),
      readText: async (name) => (name === SAMPLE_PACKETS ? `#tb 0: 1/25\n${lines.join('\n')}\n` : ''),
    },
  );
  expect(finding.parts.map((part) => part.bytes)).toEqual(parts.map((_, n) => (n + 1) * 5000));
  expect(finding.secPerFrame).toBeCloseTo(9 / (frames.length - 100), 6);
});

const [track] = resolved.audio;
if (!track) throw new Error('the golden case has no sound');
const short = { ...resolved, timeline: { ...resolved.timeline, durationSec: 12 } };

/** A bench whose pictures are 300 packets of 100 bytes behind a header of 2400, and whose sound is 50 of 20, which by itself takes 2 s. */
const bench = {
  run: async (args: readonly string[]) => ({
    elapsedSec: args.includes(SAMPLE_PACKETS) ? 10 : 2,
    processorSec: 8,
    first: undefined,
  }),
  readText: async (name: string) =>
    [
      `#extradata 0: ${name === SOUND_PACKETS ? '       5' : '    2400'}, 0x00000000`,
      ...Array.from({ length: name === SOUND_PACKETS ? 50 : 300 }, (_, at) =>
        [0, at, at, 1, name === SOUND_PACKETS ? 20 : 100, '0x0'].join(', '),
      ),
    ].join('\n'),
};

describe('sound', () => {
  test('of a short film is encoded with its picture, and weighed as it is', async () => {
    expect(sampleCommands(short, media, sampleParts(short, []))[0]).toContain(SOUND_PACKETS);
    expect(soundSampleCommand(short, media, sampleParts(short, []))).toBeUndefined();
    const finding = await encodeSamples(short, media, sampleParts(short, []), {}, bench);
    expect(finding.sound).toEqual({ bytes: 1000, packets: 50, sec: 12, spentSec: 0 });
    const { bytes, lowBytes, audioKbps } = sampledForecast(short, media, finding);
    const container = 2000 + 2400 + 300 * 14 + 50 * 12;
    expect(bytes).toBeCloseTo(30_000 + 1000 + container, 0);
    expect(audioKbps).toBeCloseTo((1000 * 8) / 12 / 1000, 6);
    expect(lowBytes).toBeLessThan(bytes * 0.99);
  });

  test('of a longer one is encoded by itself, of six of the parts in which all tracks are heard', async () => {
    const everyPicture = Array.from({ length: 600 * 25 }, (_, n) => ({ sec: n / 25, bytes: 100, key: true }));
    const parts = sampleParts(long, everyPicture);
    expect(sampleCommands(long, media, parts)[0]).not.toContain(SOUND_PACKETS);
    const lasting = (durationSec: number) => ({
      ...media,
      audio: media.audio.map((stream) => ({ ...stream, startSec: media.startSec, durationSec })),
    });
    const seeks = (heard: ReturnType<typeof soundSampleCommand>) =>
      (heard?.args ?? []).flatMap((arg, n, args) => (arg === '-ss' ? Number(args[n + 1]) : []));
    const all = seeks(soundSampleCommand(long, lasting(600), parts));
    expect(all, 'spread over the film').toHaveLength(6);
    expect([all[0], all[5]].map((sec) => Math.round((sec ?? 0) / 100))).toEqual([1, 5]);
    const half = lasting(300);
    const heard = soundSampleCommand(long, half, parts);
    expect(heard?.sec).toBeCloseTo(12, 0);
    expect(Math.max(...seeks(heard))).toBeLessThan(300);
    const finding = await encodeSamples(long, half, parts, {}, bench);
    const forecast = sampledForecast(long, half, finding);
    const without = sampledForecast(long, half, { ...finding, sound: undefined as never });
    expect(forecast.audioKbps).toBeCloseTo((1000 * 300 * 8) / 12 / 600 / 1000, 6);
    expect((forecast.workSec ?? 0) - (without.workSec ?? 0), 'a quarter of what it takes by itself').toBeCloseTo(
      (2 * 300) / 12 / 4,
      6,
    );
  });

  test('whose parts cannot be encoded together is left to arithmetic, and nothing else that goes wrong', async () => {
    const failing = (error: Error) => ({
      ...bench,
      run: (args: readonly string[]) => (args.includes(SAMPLE_PACKETS) ? bench.run(args) : Promise.reject(error)),
    });
    const parted = encodeSamples(long, media, sampleParts(long, []), {}, failing(new SgError('ENCODE', 'no')));
    expect((await parted).sound).toBeUndefined();
    await expect(
      encodeSamples(long, media, sampleParts(long, []), {}, failing(new Error('cancelled'))),
    ).rejects.toThrow('cancelled');
  });

  test.each([
    ['copied', { ...track, encoder: 'copy' }],
    ['made up', { ...track, silent: true as const }],
  ])('that is %s is left to arithmetic', (_name, one) => {
    const other = { ...long, audio: [one] };
    expect(soundSampleCommand(other, media, sampleParts(other, []))).toBeUndefined();
  });
});

test('samples without a picture leave the film to arithmetic', async () => {
  const none = { ...bench, readText: async () => '' };
  const finding = await encodeSamples(long, media, sampleParts(long, []), {}, none);
  expect(sampledForecast(long, media, finding)).toEqual(arithmeticForecast(long, media));
});

test('what is decoded for the parts alone is no part of the film’s time', async () => {
  const finding = await encodeSamples(long, media, sampleParts(long, []), {}, bench);
  const workSec = (decodingSec?: number) => sampledForecast(long, media, finding, decodingSec).workSec ?? 0;
  const all = finding.secPerFrame * framesOf(long);
  expect(workSec() - workSec(4), 'half of the processor’s time').toBeCloseTo(all / 2, 3);
  expect(workSec() - workSec(100), 'never all of it').toBeCloseTo(all * 0.8, 3);
});
