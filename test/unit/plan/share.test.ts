import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan.ts';
import { otherNames, sharedArgs, shareKey } from '../../../src/plan/share.ts';

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
    ['more than its passes', plan({ steps: 2 })],
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

const PASS = ['-map', '0:0', '-c:v', 'libx264', '-pass', '1', '-passlogfile', 'pass', '-an', '-f', 'null', '-'];
const FILM = ['-map', '0:0', '-c:v', 'libx264', '-pass', '2', '-passlogfile', 'pass', '-map', '0:1', 'output.mp4'];

/** The same in two passes. */
function twoPasses(change: { readonly first?: readonly string[]; readonly observed?: boolean } = {}): Plan {
  const one = plan({ output: FILM });
  const [film] = one.steps;
  if (!film) throw new Error('a plan has a step');
  const first = { ...film, stage: 'first_pass' as const, args: [...INPUT, ...(change.first ?? PASS)] };
  return { ...one, steps: [first, change.observed ? { ...film, observed: { kbps: 1 } } : film] };
}

describe('two passes share both', () => {
  test('with others in two passes, and not with one', () => {
    expect(shareKey(twoPasses())).toBeDefined();
    expect(shareKey(twoPasses())).not.toBe(shareKey(plan({})));
  });

  test('but not where the film is weighed and made again, or something stands behind the output', () => {
    expect(shareKey(twoPasses({ observed: true }))).toBeUndefined();
    expect(shareKey(twoPasses({ first: [...PASS, '-t', '5'] }))).toBeUndefined();
  });

  test('each with its own log, whose name ffmpeg counts over all outputs', () => {
    const folders = ['/out/.one', '/out/.two', '/out/.three'];
    const passes = folders.map((folder) => ({ args: [...INPUT, ...PASS], folder }));
    const args = sharedArgs(passes);
    expect(args.filter((_, at) => args[at - 1] === '-passlogfile')).toEqual(folders.map((folder) => `${folder}/pass`));
    expect(args.filter((arg) => arg === '-')).toHaveLength(3);
    const names = (sharers: typeof passes) =>
      otherNames(sharers)
        .filter(({ own }) => own.endsWith('.log'))
        .map(({ own, shared }) => [own, shared]);
    expect(names(passes)).toEqual([
      ['/out/.two/pass-0.log', '/out/.two/pass-1.log'],
      ['/out/.three/pass-0.log', '/out/.three/pass-2.log'],
    ]);
    const films = folders.map((folder) => ({ args: [...INPUT, ...FILM], folder }));
    expect(names(films), 'sound counts too').toEqual([
      ['/out/.two/pass-0.log', '/out/.two/pass-2.log'],
      ['/out/.three/pass-0.log', '/out/.three/pass-4.log'],
    ]);
    expect(
      otherNames([
        { args: [...INPUT, ...OUTPUT], folder: '/a' },
        { args: [...INPUT, ...OUTPUT], folder: '/b' },
      ]),
    ).toEqual([]);
  });

  test('a path inside an encoder’s list of settings is escaped', () => {
    const x265 = ['-map', '0:0', '-c:v', 'libx265', '-x265-params', 'pass=1:stats=pass.log:crf=20', '-f', 'null', '-'];
    const args = sharedArgs([{ args: [...INPUT, ...x265], folder: "/o:u/it's" }]);
    expect(args).toContain("pass=1:stats=/o\\:u/it\\'s/pass.log:crf=20");
  });
});

const SOUND = ['-map', '0:1', '-filter:a:0', 'aresample=48000', '-c:a:0', 'aac', '-b:a:0', '128k'];
const WHOLE = ['-map_chapters', '-1', '-map_metadata', '0', '-metadata:s:v:0', 'encoder=', '-t', '5'];
const MP4 = ['-movflags', '+faststart', '-f', 'mp4', 'output.mp4'];
const film = (change: {
  readonly sound?: readonly string[];
  readonly whole?: readonly string[];
  readonly crf?: number;
}) => [
  ...[
    '-map',
    '0:0',
    '-filter:v:0',
    'null',
    '-fps_mode:v',
    'passthrough',
    '-c:v',
    'libx264',
    '-crf',
    `${change.crf ?? 20}`,
  ],
  ...(change.sound ?? SOUND),
  ...(change.whole ?? WHOLE),
  ...MP4,
];
const sharedBy = (...outputs: readonly (readonly string[])[]) =>
  sharedArgs(outputs.map((output, n) => ({ args: [...INPUT, ...output], folder: `/o|'/${n}` }))).slice(INPUT.length);

describe('the same sound is encoded once', () => {
  test('by tee, with the options of each picture and each file by themselves', () => {
    const picture = (n: number, crf: number) => [
      ...['-map', '0:0', `-filter:v:${n}`, 'null', `-fps_mode:v:${n}`, 'passthrough', `-c:v:${n}`, 'libx264'],
      ...[`-crf:v:${n}`, `${crf}`, `-metadata:s:v:${n}`, 'encoder=', `-flags:v:${n}`, '+global_header'],
    ];
    const file = (n: number) => `[movflags=+faststart:f=mp4:select=\\'v:${n},a\\']/o\\|\\'/${n}/output.mp4`;
    expect(sharedBy(film({ crf: 20 }), film({ crf: 30 }))).toEqual([
      ...picture(0, 20),
      ...picture(1, 30),
      ...SOUND,
      ...['-flags:a', '+global_header', '-disposition:v:0', '+0'],
      ...['-map_chapters', '-1', '-map_metadata', '0', '-t', '5'],
      ...['-avoid_negative_ts', 'disabled', '-f', 'tee', `${file(0)}|${file(1)}`],
    ]);
  });

  test.each([
    ['other sound', film({ sound: SOUND.with(-1, '64k') }), film({})],
    ['a copy, which costs nothing', film({ sound: ['-map', '0:1', '-c:a:0', 'copy'] })],
    ['no sound', film({ sound: [] })],
    ['subtitles', film({ sound: [...SOUND, '-map', '0:2', '-c:s:0', 'mov_text'] })],
    ['chapters', film({ whole: WHOLE.with(1, '0') })],
    ['a timecode', film({ whole: [...WHOLE, '-timecode', '01:00:00:00'] })],
    ['flags of encoders', film({ whole: [...WHOLE, '-flags:v', '+bitexact'] })],
  ])('but never with %s', (_name, one, other = one) => {
    const alone = (output: readonly string[], n: number) => [...output.slice(0, -1), `/o|'/${n}/output.mp4`];
    expect(sharedBy(one, other)).toEqual([...alone(one, 0), ...alone(other, 1)]);
  });

  test('and logs of first passes are counted as its streams are', () => {
    const sharers = [PASSED, film({ sound: [] }), PASSED].map((output, n) => ({
      args: [...INPUT, ...output],
      folder: `/${n}`,
    }));
    expect(otherNames(sharers).filter(({ own }) => own.endsWith('.log'))).toEqual([
      { own: '/2/pass-0.log', shared: '/2/pass-1.log' },
    ]);
    expect(sharedArgs(sharers).filter((arg) => arg.startsWith('-passlogfile'))).toEqual([
      '-passlogfile:v:0',
      '-passlogfile:v:1',
    ]);
  });
});

const PASSED = ['-map', '0:0', '-c:v', 'libx264', '-pass', '2', '-passlogfile', 'pass', ...SOUND, ...WHOLE, ...MP4];
