import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ndjsonListener } from '../../../src/ui/ndjson.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { progress, result } from './samples.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const open = () => {
  const output = new FakeTerminal({ isTTY: false });
  return { output, listener: ndjsonListener(output) };
};
const linesOf = (output: FakeTerminal) =>
  output.written
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('every line is an object with a type, whole in one write, and the result is last', () => {
  const { output, listener } = open();
  listener.event(progress({ fps: null, speed: null, estimated_time: null }));
  listener.event({ type: 'warning', export_id: 'a', message: 'odd\nsource' });
  listener.done(result());
  listener.result(result());
  listener.event(progress({ progress: 99 }));
  listener.close();
  const lines = linesOf(output);
  expect(lines.map((line) => line.type)).toEqual(['progress', 'warning', 'result']);
  expect(lines[0]).toMatchObject({ export_id: 'a', status: 'encoding', current_stage: 'encoding', fps: null });
  expect(lines[2].progress).toBe(100);
  expect(output.writes.every((text) => text.endsWith('}\n'))).toBe(true);
});

test('at most ten progress lines a second for each export, and the last of a burst arrives', () => {
  const { output, listener } = open();
  for (let step = 0; step < 500; step += 1) {
    for (const export_id of ['a', 'b']) listener.event(progress({ export_id, progress: step / 10 }));
    vi.advanceTimersByTime(4);
  }
  vi.advanceTimersByTime(1000);
  const seen = linesOf(output).filter((line) => line.export_id === 'a');
  expect(seen.length).toBeLessThanOrEqual(21);
  expect(seen.length).toBeGreaterThan(15);
  expect(seen.at(-1).progress).toBe(49.9);
  listener.close();
});

test('progress never falls and stays below 100', () => {
  const { output, listener } = open();
  for (const value of [5, 60, 20, Number.NaN, 100, 250]) {
    listener.event(progress({ progress: value }));
    vi.advanceTimersByTime(200);
  }
  listener.close();
  expect(linesOf(output).map((line) => line.progress)).toEqual([5, 60, 60, 60, 99.9, 99.9]);
});

test('a burst that is cut off by the result is written before it', () => {
  const { output, listener } = open();
  listener.event(progress({ progress: 10 }));
  listener.event(progress({ progress: 20, status: 'finalizing' }));
  listener.result(result());
  expect(linesOf(output).map((line) => line.status)).toEqual(['encoding', 'finalizing', 'completed']);
});

test('a reader that goes away is no error, and nothing more is written', () => {
  const { output, listener } = open();
  listener.event(progress());
  output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  const before = output.written;
  listener.result(result());
  listener.close();
  expect(output.written).toBe(before);
});

test('a full disk behind the stream is an error', () => {
  const { output } = open();
  expect(() => output.emit('error', Object.assign(new Error('no space'), { code: 'ENOSPC' }))).toThrow('no space');
});
