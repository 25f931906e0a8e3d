import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NO_COLOUR } from '../../../src/ui/colour.ts';
import { loadListener } from '../../../src/ui/listener-for.ts';
import { plainListener } from '../../../src/ui/plain.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { failure, named, progress, result } from './samples.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const log = () => new FakeTerminal({ isTTY: false, columns: 10_000 });

test('one line every 30 seconds', () => {
  const output = log();
  const plain = plainListener(output, [{ export_id: 'a', label: 'six.mp4' }]);
  plain.event(progress());
  vi.advanceTimersByTime(29_900);
  expect(output.shown).toEqual([]);
  vi.advanceTimersByTime(200);
  plain.event(progress({ progress: 60, fps: null, speed: null, estimated_time: null }));
  vi.advanceTimersByTime(30_000);
  plain.close();
  vi.advanceTimersByTime(90_000);
  expect(output.shown).toEqual(['six.mp4 42% 31 fps 1.3x eta 0:41', 'six.mp4 60%']);
});

test('several exports share the line, and each says when it is over', () => {
  const output = log();
  const plain = plainListener(output, named(4));
  plain.done(result({ export_id: 'e0' }));
  plain.done(failure({ export_id: 'e1' }));
  plain.event(progress({ export_id: 'e2' }));
  plain.event(progress({ export_id: 'e3', status: 'queued', progress: 0 }));
  plain.event({ type: 'warning', export_id: 'e2', message: 'no sound' });
  vi.advanceTimersByTime(30_000);
  plain.close();
  expect(output.shown).toEqual([
    'done  film_0.mp4  12.3 MB  0:41',
    'failed  film_1.mp4',
    '  the disk is full',
    'warning: film_2.mp4: no sound',
    '2/4 done, 60%; film_2.mp4 42% eta 0:41',
  ]);
});

test('quiet leaves only what failed among several', () => {
  const output = log();
  const plain = plainListener(output, named(2), { quiet: true });
  plain.event(progress({ export_id: 'e0' }));
  plain.event({ type: 'warning', export_id: 'e0', message: 'no sound' });
  vi.advanceTimersByTime(90_000);
  plain.done(result({ export_id: 'e0' }));
  expect(output.shown).toEqual([]);
  plain.done(failure({ export_id: 'e1' }));
  plain.close();
  expect(output.shown).toEqual(['failed  film_1.mp4', '  the disk is full']);
});

test.each([
  { isTTY: true, quiet: false, env: { TERM: 'xterm' }, draws: true },
  { isTTY: true, quiet: true, env: { TERM: 'xterm' }, draws: false },
  { isTTY: true, quiet: false, env: { TERM: 'dumb' }, draws: false },
  { isTTY: false, quiet: false, env: {}, draws: false },
])('bars are drawn only on a terminal that can: $isTTY $quiet $env', async ({ isTTY, quiet, env, draws }) => {
  const stderr = new FakeTerminal({ isTTY });
  const listen = await loadListener({ stderr, quiet, colour: NO_COLOUR, env });
  const listener = listen(named(1));
  listener.event(progress({ export_id: 'e0' }));
  vi.advanceTimersByTime(1000);
  expect(stderr.written.includes('█')).toBe(draws);
  listener.close();
});
