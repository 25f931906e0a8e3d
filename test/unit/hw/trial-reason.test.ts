import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../../src/hw/trial.ts';

const said = (...lines: readonly string[]): string =>
  reasonOf({ exitCode: 1, stdout: '', stderr: `${lines.join('\n')}\n`, outcome: 'exited' }, 'hevc_nvenc');

describe('why a trial failed', () => {
  it.each([
    [
      'the first error, not what follows from it',
      [
        '[hevc_nvenc @ 0x55] [error] Cannot load libcuda.so.1',
        '[error] Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0',
        '[fatal] Conversion failed!',
      ],
      'Cannot load libcuda.so.1',
    ],
    [
      "NVENC's warning, where its error only says that nothing is left",
      [
        '[hevc_nvenc @ 0x55] [warning] 10 bit encode not supported',
        '[hevc_nvenc @ 0x55] [fatal] No capable devices found',
        '[error] Error initializing output stream 0:0 -- Error while opening encoder',
      ],
      '10 bit encode not supported',
    ],
    [
      'no warning of anybody else',
      [
        '[swscaler @ 0x7f] [warning] deprecated pixel format used, make sure you did set range correctly',
        '[hevc_nvenc @ 0x55] [fatal] No capable devices found',
      ],
      'No capable devices found',
    ],
    [
      'no warning where there is an error',
      [
        '[hevc_nvenc @ 0x55] [warning] The selected preset is deprecated.',
        '[hevc_nvenc @ 0x55] [error] OpenEncodeSessionEx failed: unsupported device (2): (no details)',
        '[hevc_nvenc @ 0x55] [fatal] No capable devices found',
      ],
      'OpenEncodeSessionEx failed: unsupported device (2): (no details)',
    ],
    ['how it ended, where it said nothing', [], 'a trial failed (exit 1)'],
  ])('%s', (_what, lines, reason) => {
    expect(said(...lines)).toBe(reason);
  });
});
