import { describe, expect, test } from 'vitest';
import { parsePacket } from '../../../src/ffmpeg/scan.ts';
import { stepMeter, timelineJoiner } from '../../../src/ffmpeg/timeline.ts';

describe('joined recordings', () => {
  const place = (jumps: boolean, packets: readonly (readonly [number, number])[], durationSec = 0.04) => {
    const offsetAt = timelineJoiner(jumps);
    return packets.map(([stream, dts]) => Math.round((dts + offsetAt(stream, dts, durationSec)) * 1000) / 1000);
  };
  test('a step back follows what came before', () => {
    const part = [1.4, 1.44, 1.48, 1.52].map((dts) => [0, dts] as const);
    expect(place(true, [...part, ...part])).toEqual([1.4, 1.44, 1.48, 1.52, 1.56, 1.6, 1.64, 1.68]);
  });
  test('a tenth of a second back is disorder, not a new recording', () => {
    const packets = [1, 1.2, 1.1].map((dts) => [0, dts] as const);
    expect(place(true, packets)).toEqual([1, 1.2, 1.1]);
  });
  test('all streams move together', () => {
    expect(
      place(true, [
        [0, 1],
        [1, 1],
        [0, 2],
        [1, 2],
        [0, 1],
        [1, 1],
      ]),
    ).toEqual([1, 1, 2, 2, 2.04, 2.04]);
  });
  test('ten seconds ahead close up, nine are a gap', () => {
    expect(
      place(true, [
        [0, 0],
        [0, 11],
      ]),
    ).toEqual([0, 0.04]);
    expect(
      place(true, [
        [0, 0],
        [0, 9],
      ]),
    ).toEqual([0, 9]);
  });
  test('where a format does not jump nothing moves', () => {
    expect(
      place(false, [
        [0, 5],
        [0, 1],
        [0, 100],
      ]),
    ).toEqual([5, 1, 100]);
  });
});

describe('steps', () => {
  const measure = (times: readonly number[]) => {
    const meter = stepMeter();
    for (const time of times) meter.add(time);
    return meter.end();
  };
  test('are measured in presentation order', () => {
    expect(measure([0, 3, 1, 2, 6, 4, 5])).toEqual({ minSec: 1, maxSec: 1, lastSec: 1 });
  });
  test('a gap shows, however long the film', () => {
    const times = Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? i : i + 2));
    expect(measure(times)).toEqual({ minSec: 1, maxSec: 3, lastSec: 1 });
  });
  test('one picture or none has no steps', () => {
    expect(measure([7])).toEqual({ minSec: 0, maxSec: 0, lastSec: 0 });
    expect(measure([])).toEqual({ minSec: 0, maxSec: 0, lastSec: 0 });
  });
});

describe('packet lines', () => {
  test('are read by name, side data and all', () => {
    const line =
      'codec_type=video|stream_index=0|pts_time=1.480000|dts_time=N/A|duration_time=0.040000|flags=KDC|side_datum/x=1|pts_time=9';
    expect(parsePacket(line)).toEqual({
      ...{ stream: 0, type: 'video', ptsSec: 1.48, dtsSec: undefined, durationSec: 0.04 },
      ...{ key: true, discard: true, corrupt: true },
    });
  });
  test('anything else is none', () => {
    expect(parsePacket('')).toBeUndefined();
    expect(parsePacket('hello|world')).toBeUndefined();
  });
});
