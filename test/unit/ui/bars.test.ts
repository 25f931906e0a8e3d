import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { barsListener } from '../../../src/ui/bars.ts';
import { colourFor, NO_COLOUR } from '../../../src/ui/colour.ts';
import { columnsOf } from '../../../src/ui/columns.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { failure, named, progress, result } from './samples.ts';

const FRAME_MS = 300;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('one export shows its name, bar and figures, and is replaced by one line when it is done', () => {
  const terminal = new FakeTerminal({ columns: 100 });
  const bars = barsListener(terminal, [{ export_id: 'a', label: 'six.mp4' }], NO_COLOUR);
  bars.event(progress());
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown).toHaveLength(1);
  expect(terminal.shown[0]).toMatch(/^six\.mp4 +█+░+ 42% +31 fps +1\.3x +eta 0:41 +12\.3 MB$/);
  expect(terminal.cursorShown).toBe(false);
  bars.done(result());
  bars.close();
  expect(terminal.shown).toEqual(['done  six.mp4  12.3 MB  0:41']);
  expect(terminal.cursorShown).toBe(true);
  expect(terminal.wraps).toBe(true);
});

test('what was on the screen before stays, and the next line comes below', () => {
  const terminal = new FakeTerminal();
  terminal.write('$ sg-export multi\n');
  const bars = barsListener(terminal, named(3), NO_COLOUR);
  for (const id of ['e0', 'e1']) bars.event(progress({ export_id: id }));
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown).toHaveLength(4);
  expect(terminal.shown[3]).toMatch(/^0\/3 done .* 28% /);
  bars.done(failure({ export_id: 'e0' }));
  bars.event(progress({ export_id: 'e1', progress: 60 }));
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown.slice(0, 3)).toEqual(['$ sg-export multi', 'failed  film_0.mp4', '  the disk is full']);
  expect(terminal.shown[3]).toMatch(/^film_1\.mp4 .* 60%/);
  bars.close();
  terminal.write('/films/out.mp4\n');
  expect(terminal.shown).toEqual(['$ sg-export multi', 'failed  film_0.mp4', '  the disk is full', '/films/out.mp4']);
});

test.each([60, 61, 72, 80, 120, 200])('at %i columns no line is wider than the terminal', (columns) => {
  const terminal = new FakeTerminal({ columns });
  const labels = [
    'a.mp4',
    '日本語の映画 🎬 長い名前のファイル.mp4',
    `${'long_'.repeat(30)}.mov`,
    '👨‍👩‍👧‍👦'.repeat(30),
  ];
  const exports = labels.map((label, index) => ({ export_id: `e${index}`, label }));
  const bars = barsListener(terminal, exports, NO_COLOUR);
  for (const [index, { export_id }] of exports.entries()) {
    const figures = { fps: 1234.5, speed: 123.4, estimated_time: 36_000 * (index + 1), bytes: 123_456_789_012 };
    bars.event(progress({ export_id, progress: 33.3 * index, ...figures }));
  }
  bars.event({ type: 'warning', export_id: 'e2', message: 'something long is to be said '.repeat(8) });
  vi.advanceTimersByTime(FRAME_MS);
  const seen = terminal.shown;
  bars.done(failure({ export_id: 'e1', error_message: 'a reason that goes on and on '.repeat(10) }));
  bars.close();
  expect(seen.length).toBeGreaterThanOrEqual(5);
  for (const line of [...seen, ...terminal.shown]) expect(columnsOf(line)).toBeLessThan(columns);
  expect(terminal.shown.join('').split('a reason that goes on').length - 1).toBeGreaterThan(5);
});

test('thirty exports fit on twenty-four lines: those that run, how many more, and the whole', () => {
  const terminal = new FakeTerminal({ columns: 80, rows: 24 });
  const exports = named(30);
  const bars = barsListener(terminal, exports, NO_COLOUR);
  for (const { export_id } of exports) bars.event(progress({ export_id }));
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown).toHaveLength(23);
  expect(terminal.shown.at(-1)).toMatch(/^0\/30 done, 8 more/);
  for (const { export_id } of exports.slice(0, 28)) bars.done(result({ export_id }));
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown).toHaveLength(28 + 3);
  expect(terminal.shown.at(-1)).toMatch(/^28\/30 done /);
  expect(terminal.shown.filter((line) => line.startsWith('film_'))).toHaveLength(2);
  bars.close();
  expect(terminal.shown).toHaveLength(28);
});

test('progress never falls and never shows 100', () => {
  const terminal = new FakeTerminal();
  const bars = barsListener(terminal, [{ export_id: 'a', label: 'a' }], NO_COLOUR);
  const shown: number[] = [];
  for (const value of [10, 50, 30, Number.NaN, 99.67, 120, 0]) {
    bars.event(progress({ progress: value }));
    vi.advanceTimersByTime(FRAME_MS);
    shown.push(Number(/(\d+)%/.exec(terminal.shown[0] ?? '')?.[1]));
  }
  bars.close();
  expect(shown).toEqual([10, 50, 50, 50, 99, 99, 99]);
});

test('a resize leaves no line of the old size behind', () => {
  const terminal = new FakeTerminal({ columns: 120 });
  terminal.write('before\n');
  const bars = barsListener(terminal, named(2), NO_COLOUR);
  for (const id of ['e0', 'e1']) bars.event(progress({ export_id: id }));
  vi.advanceTimersByTime(FRAME_MS);
  terminal.columns = 200;
  terminal.emit('resize');
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown).toHaveLength(4);
  terminal.rows = 3;
  terminal.emit('resize');
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.shown.slice(-2)[0]).toMatch(/^film_0/);
  expect(terminal.shown.at(-1)).toMatch(/^0\/2 done, 1 more/);
  bars.close();
  expect(terminal.shown[0]).toBe('before');
});

test('a terminal that became narrower has broken the lines: all their rows go', () => {
  const terminal = new FakeTerminal({ columns: 100 });
  const bars = barsListener(terminal, [{ export_id: 'a', label: 'a' }], NO_COLOUR);
  bars.event(progress());
  vi.advanceTimersByTime(FRAME_MS);
  const width = columnsOf(terminal.shown[0] ?? '');
  terminal.writes.length = 0;
  terminal.columns = 30;
  terminal.emit('resize');
  vi.advanceTimersByTime(FRAME_MS);
  bars.close();
  expect(terminal.writes.join('')).toContain(`\u001b[${Math.ceil(width / 30) - 1}A\r\u001b[J`);
});

test('each frame is one write, so that none is seen half drawn', () => {
  const terminal = new FakeTerminal();
  const bars = barsListener(terminal, named(3), NO_COLOUR);
  for (const { export_id } of named(3)) bars.event(progress({ export_id }));
  terminal.writes.length = 0;
  vi.advanceTimersByTime(1000);
  bars.close();
  expect(terminal.writes.length).toBeGreaterThan(4);
  expect(terminal.writes.length).toBeLessThan(12);
});

test('control characters in a name cannot reach the terminal', () => {
  const terminal = new FakeTerminal();
  const bars = barsListener(terminal, [{ export_id: 'a', label: 'x\u001b[2J\nrm.mp4' }], NO_COLOUR);
  bars.event(progress());
  vi.advanceTimersByTime(FRAME_MS);
  bars.close();
  expect(terminal.written).not.toContain('\u001b[2J');
  expect(terminal.written).toContain('x�[2J�rm.mp4');
});

test('colours are used on a terminal only', () => {
  const terminal = new FakeTerminal();
  const bars = barsListener(terminal, [{ export_id: 'a', label: 'a' }], colourFor(terminal));
  bars.event(progress());
  vi.advanceTimersByTime(FRAME_MS);
  bars.close();
  expect(terminal.written).toContain('\u001b[36m');
});

test('closing twice, or without an event, writes nothing and leaves no listener behind', () => {
  const before = process.listenerCount('exit');
  const terminal = new FakeTerminal();
  const bars = barsListener(terminal, named(2), NO_COLOUR);
  bars.close();
  bars.close();
  bars.event(progress());
  vi.advanceTimersByTime(FRAME_MS);
  expect(terminal.written).toBe('');
  expect(process.listenerCount('exit')).toBe(before);
  expect(terminal.listenerCount('resize')).toBe(0);
});

test('the end of the process brings the cursor back', () => {
  const terminal = new FakeTerminal();
  const before = process.listeners('exit');
  const bars = barsListener(terminal, named(1), NO_COLOUR);
  bars.event(progress({ export_id: 'e0' }));
  vi.advanceTimersByTime(FRAME_MS);
  const [added] = process.listeners('exit').filter((listener) => !before.includes(listener));
  expect(terminal.cursorShown).toBe(false);
  added?.(1);
  expect(terminal.cursorShown).toBe(true);
  expect(terminal.shown).toEqual([]);
});
