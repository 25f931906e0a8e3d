import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan.ts';
import { sharedArgs, shareKey } from '../../../src/plan/share.ts';

const INPUT = ['-protocol_whitelist', 'file', '-i', 'file:/films/a.mov'];
const OUTPUT = ['-map', '0:0', '-filter:v:0', 'scale=1280:720', '-c:v', 'libx264', '-f', 'mp4', 'output.mp4'];

/** As much of a plan as sharing looks at. */
function plan(change: {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly steps?: number;
  readonly codec?: string;
  readonly texts?: Plan['texts'];
  readonly mediaSec?: number;
}): Plan {
  const { input = INPUT, output = OUTPUT, steps = 1, codec = 'h264', texts = {}, mediaSec = 10 } = change;
  const step = {
    id: 'encode',
    stage: 'encoding',
    args: [...input, ...output],
    mediaSec,
    writes: [],
    readsSource: true,
  };
  return {
    steps: Array.from({ length: steps }, () => step),
    texts,
    settings: { video_codec: codec },
    product: 'output.mp4',
  } as unknown as Plan;
}

describe('encodes may share a process', () => {
  test('of the same source and part', () => {
    const other = plan({ output: ['-map', '0:0', '-c:v', 'libx265', 'output.mp4'], codec: 'h265' });
    expect(shareKey(plan({}))).toBeDefined();
    expect(shareKey(other)).toBe(shareKey(plan({})));
    const silence = [...INPUT, '-f', 'lavfi', '-i', 'anullsrc=duration=10'];
    expect(shareKey(plan({ input: silence }))).toBeDefined();
    expect(shareKey(plan({ input: silence }))).not.toBe(shareKey(plan({})));
  });

  test.each([
    ['another source', plan({ input: ['-i', 'file:/films/b.mov'] })],
    ['another part', plan({ input: ['-ss', '5', ...INPUT] })],
    ['another length', plan({ mediaSec: 5 })],
  ])('but not %s', (_name, other) => {
    expect(shareKey(other)).toBeDefined();
    expect(shareKey(other)).not.toBe(shareKey(plan({})));
  });

  test.each([
    ['two passes', plan({ steps: 2 })],
    ['a copy', plan({ codec: 'copy' })],
    ['files in the scratch folder', plan({ texts: { 'chapters.ffmeta': '' } })],
    ['an input in the scratch folder', plan({ input: [...INPUT, '-f', 'ffmetadata', '-i', 'chapters.ffmeta'] })],
    ['a graph of its own', plan({ output: ['-filter_complex', '[0:0]null[picture]', ...OUTPUT] })],
  ])('and never %s', (_name, one) => {
    expect(shareKey(one)).toBeUndefined();
  });
});

test('one command: the input once, and each output with its own options in its own folder', () => {
  const other = ['-map', '0:0', '-c:v', 'libvpx-vp9', '-f', 'webm', 'output.webm'];
  expect(
    sharedArgs([
      { args: [...INPUT, ...OUTPUT], folder: '/out/.one' },
      { args: [...INPUT, ...other], folder: '/out/.two' },
    ]),
  ).toEqual([...INPUT, ...OUTPUT.slice(0, -1), '/out/.one/output.mp4', ...other.slice(0, -1), '/out/.two/output.webm']);
});
