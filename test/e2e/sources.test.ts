import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { type ClipWish, clip, complaints, countFrames, ffmpeg, streamValue } from '../support/clips.ts';
import { fakeEncoder } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, resultOf, sg, shown } from '../support/run-cli.ts';

describe('what is no film is exit 3', () => {
  const cases: Readonly<Record<string, (path: string) => void>> = {
    'a missing file': () => undefined,
    'a folder': (path) => mkdirSync(path),
    'an empty file': (path) => writeFileSync(path, ''),
    'a text': (path) => writeFileSync(path, 'hello world\n'.repeat(100)),
    noise: (path) => writeFileSync(path, Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251))),
    zeros: (path) => writeFileSync(path, Buffer.alloc(50_000)),
    'sound without pictures': (path) => ffmpeg(['-f', 'lavfi', '-i', 'sine=d=1', '-f', 'mp4', path]),
    'sound with a cover': (path) => {
      const cover = ['-f', 'lavfi', '-i', 'color=s=64x64:d=0.1', '-frames:v', '1', '-disposition:v:0', 'attached_pic'];
      ffmpeg(['-f', 'lavfi', '-i', 'sine=d=1', ...cover, '-map', '0', '-map', '1', '-c:v', 'mjpeg', '-f', 'mp4', path]);
    },
    'a still picture': (path) => ffmpeg(['-f', 'lavfi', '-i', 'color=s=64x64', '-frames:v', '1', '-f', 'image2', path]),
    'a dangling link': (path) => symlinkSync('nowhere', path),
    'a link to itself': (path) => symlinkSync('in.mp4', path),
    'a link to a device': (path) => symlinkSync('/dev/zero', path),
    'a named pipe': (path) => {
      execFileSync('mkfifo', [path]);
    },
  };
  test.each(Object.entries(cases))('%s', async (_name, make) => {
    const folder = fresh();
    const source = join(folder, 'in.mp4');
    make(source);
    const before = listing(folder);
    const run = await sg(['export', source, '-o', join(folder, 'o.mp4')], { timeoutMs: 20_000 });
    expectRefusal(run, 3);
    expect(run.stderr, shown(run)).toContain(source);
    expect(listing(folder)).toEqual(before);
    expect(run.tookMs).toBeLessThan(15_000);
  });

  test('a socket', async () => {
    const folder = fresh();
    const server = createServer().listen(join(folder, 'in.mp4'));
    await new Promise((ready) => server.once('listening', ready));
    try {
      expectRefusal(await sg(['export', join(folder, 'in.mp4'), '-o', join(folder, 'o.mp4')]), 3);
    } finally {
      server.close();
    }
  });

  test.each([
    ['a name too long for any disk', `${'x'.repeat(300)}.mp4`],
    ['a name below a file', `${clip()}/x.mp4`],
    ['an empty name', ''],
    ['a device', '/dev/null'],
  ])('%s', async (_name, input) => {
    const folder = fresh();
    expectRefusal(await sg(['export', input, '-o', join(folder, 'o.mp4')]), 3);
    expect(listing(folder)).toEqual([]);
  });

  test('a film without frames', async () => {
    const folder = fresh();
    const source = join(folder, 'in.mkv');
    ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=64x64:d=1', '-frames:v', '0', '-c:v', 'libx264', source]);
    const run = await sg(['export', source, '-o', join(folder, 'o.mp4')]);
    expectRefusal(run, run.code === 6 ? 6 : 3);
    expect(listing(folder)).toEqual(['in.mkv']);
  });
});

/** Kinds of sources, each broken in its own way. */
const KINDS: Readonly<Record<string, ClipWish>> = {
  'MP4 with its index in front': { name: 'front.mp4', sec: 2, extra: ['-movflags', '+faststart'] },
  'MP4 with its index behind': { name: 'behind.mp4', sec: 2 },
  'fragmented MP4': { name: 'frag.mp4', sec: 2, extra: ['-movflags', '+frag_keyframe+empty_moov'] },
  MOV: { name: 'film.mov', sec: 2, audio: ['-c:a', 'pcm_s16le'] },
  Matroska: { name: 'film.mkv', sec: 2 },
  WebM: {
    name: 'film.webm',
    sec: 2,
    video: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1M', '-g', '25'],
    audio: ['-c:a', 'libopus'],
  },
  AVI: { name: 'film.avi', sec: 2, video: ['-c:v', 'mpeg4', '-q:v', '4', '-g', '25'], audio: ['-c:a', 'mp3'] },
  'MPEG-TS': { name: 'film.ts', sec: 2 },
};

function broken(wish: ClipWish, how: (path: string, bytes: number) => void) {
  const folder = fresh();
  const source = join(folder, wish.name ?? 'in.mp4');
  copyFileSync(clip(wish), source);
  how(source, statSync(source).size);
  return { folder, source, output: join(folder, 'o.mkv') };
}

/** A right file holds what the source still holds, and nothing else. */
function expectRightOrRefused(
  run: Awaited<ReturnType<typeof sg>>,
  made: { readonly folder: string; readonly source: string; readonly output: string },
): void {
  const name = made.source.slice(made.folder.length + 1);
  if (run.code !== 0) {
    expect([3, 6, 7], shown(run)).toContain(run.code);
    expectRefusal(run, run.code ?? -1);
    expect(listing(made.folder)).toEqual([name]);
    return;
  }
  expect(complaints(made.output), shown(run)).toBe('');
  expect(countFrames(made.output), shown(run)).toBe(countFrames(made.source));
  expect(complaints(made.source), `a source with errors was delivered: ${shown(run)}`).toBe('');
}

const FAST = ['--speed', 'ultrafast'];

describe.each(Object.entries(KINDS))('%s', (_kind, wish) => {
  test.each(oneOf(2, [0.2, 0.5, 0.9, 0.995]))('cut to a share of %d: an error or a right file', async (share) => {
    const made = broken(wish, (path, bytes) => truncateSync(path, Math.floor(bytes * share)));
    expectRightOrRefused(await sg(['export', made.source, '-o', made.output, ...FAST]), made);
  });

  test('with a corrupt middle: an error, or tolerated with a warning', async () => {
    const made = broken(wish, (path, bytes) => {
      const content = readFileSync(path);
      const from = Math.floor(bytes * 0.5);
      for (let i = from; i < from + 6000 && i < bytes; i += 1) content[i] = (content[i] ?? 0) ^ (0x5a + (i % 7));
      writeFileSync(path, content);
    });
    const strict = await sg(['export', made.source, '-o', made.output, ...FAST]);
    expectRefusal(strict, strict.code === 3 ? 3 : 6);
    expect(listing(made.folder)).toEqual([made.source.slice(made.folder.length + 1)]);
    const lax = await sg(['export', made.source, '-o', made.output, ...FAST, '--tolerate-errors', '--json']);
    if (lax.code !== 0) {
      expect([3, 6, 7], shown(lax)).toContain(lax.code);
      expect(listing(made.folder)).toEqual([made.source.slice(made.folder.length + 1)]);
      return;
    }
    expect(resultOf(lax).warnings, shown(lax)).not.toEqual([]);
    expect(complaints(made.output)).toBe('');
  });
});

test.each([1, 5, 16, 32, 40])('a recording that lost %i transport packets is refused', async (lost) => {
  const made = broken({ name: 'film.ts', sec: 2 }, (path) => {
    const content = readFileSync(path);
    const at = 188 * Math.floor(content.length / 188 / 2);
    writeFileSync(path, Buffer.concat([content.subarray(0, at), content.subarray(at + 188 * lost)]));
  });
  expectRefusal(await sg(['export', made.source, '-o', made.output, ...FAST]), 6);
  expect(listing(made.folder)).toEqual(['film.ts']);
});

test('decode errors are told with their times', async () => {
  const made = broken({ name: 'long.mkv', sec: 3 }, (path, bytes) => {
    const content = readFileSync(path);
    content.fill(0x55, Math.floor(bytes * 0.6), Math.floor(bytes * 0.6) + 20_000);
    writeFileSync(path, content);
  });
  const run = await sg(['export', made.source, '-o', made.output, ...FAST]);
  expectRefusal(run, 6);
  expect(run.stderr, shown(run)).toMatch(/\d(\.\d+)? ?s\b|\d:\d\d/);
});

test('a capture without any keyframe is no film', async () => {
  const folder = fresh();
  const source = join(folder, 'late.ts');
  const whole = readFileSync(clip({ name: 'film.ts', sec: 3 }));
  const packets = Math.floor(whole.length / 188);
  writeFileSync(source, whole.subarray(188 * Math.floor(packets * 0.08), 188 * Math.floor(packets * 0.25)));
  const run = await sg(['export', source, '-o', join(folder, 'o.mp4'), ...FAST]);
  expectRefusal(run, 3);
  expect(listing(folder)).toEqual(['late.ts']);
});

test('a capture that starts in the middle of a GOP is delivered from its first keyframe, with a warning', async () => {
  const folder = fresh();
  const source = join(folder, 'late.ts');
  const whole = readFileSync(clip({ name: 'film.ts', sec: 3 }));
  writeFileSync(source, whole.subarray(188 * Math.floor((whole.length * 0.1) / 188)));
  const run = await sg(['export', source, '-o', join(folder, 'o.mp4'), ...FAST, '--json']);
  expect(run.code, shown(run)).toBe(0);
  expect(String(resultOf(run).warnings)).toMatch(/keyframe/);
  expect(complaints(join(folder, 'o.mp4'))).toBe('');
  expect(countFrames(join(folder, 'o.mp4'))).toBe(50);
});

describe('a source that changes between the first look at it and the last frame', () => {
  const after = '"$real" "$@" || exit $?';
  const cases: readonly (readonly [string, (source: string, other: string) => string])[] = [
    ['is cut while it is read', (source) => `${after}\ntruncate -s -1000 '${source}'`],
    ['is cut before it is read', (source) => `truncate -s -9000 '${source}'\n"$real" "$@"`],
    ['grows', (source) => `${after}\nprintf more >> '${source}'`],
    [
      'is replaced by another film of the same name',
      (source, other) => `cp '${other}' '${source}.new'\nmv '${source}.new' '${source}'\n"$real" "$@"`,
    ],
    ['is written over by another film', (source, other) => `cat '${other}' > '${source}'\n"$real" "$@"`],
    ['is removed after it was read', (source) => `${after}\nrm '${source}'`],
    ['is removed before it is read', (source) => `rm '${source}'\n"$real" "$@"`],
    ['becomes a folder', (source) => `rm '${source}'; mkdir '${source}'\n"$real" "$@"`],
    [
      'becomes a list of other files',
      (source, other) =>
        `printf '#EXTM3U\\n#EXT-X-TARGETDURATION:9\\n#EXTINF:1,\\n%s\\n#EXT-X-ENDLIST\\n' '${other}' > '${source}'\n"$real" "$@"`,
    ],
  ];
  test.each(cases)('%s: exit 6', async (_name, body) => {
    const folder = fresh();
    const source = join(folder, 'film.mp4');
    copyFileSync(clip(), source);
    const fake = fakeEncoder(fresh(), body(source, clip({ size: '160x90' })));
    const run = await sg(['export', source, '-o', join(folder, 'o.mp4'), ...FAST, '--ffmpeg', fake]);
    expectRefusal(run, 6);
    expect(listing(folder).filter((name) => name !== 'film.mp4')).toEqual([]);
  });
});

test('what a source says of itself is only text', async () => {
  const folder = fresh();
  const source = join(folder, 'film.mkv');
  const evil = '$(touch pwned) `touch pwned` ; touch pwned # \' " \\ %d {name} [x]:y,z=\u001b]0;title\u0007';
  ffmpeg(['-i', clip(), '-c', 'copy', '-metadata', `title=${evil}`, '-metadata:s:a:0', `title=${evil}`, source]);
  for (const extra of [[], ['--dry-run'], ['--two-pass', '--bitrate', '300k'], ['--receipt', 'r.json']]) {
    const run = await sg(['export', source, '-o', join(folder, 'o.mp4'), ...FAST, '--overwrite', ...extra], {
      cwd: folder,
    });
    expect(run.code, shown(run)).toBe(0);
    expect(run.stderr).not.toContain('\u001b]');
  }
  expect(listing(folder)).toEqual(['film.mkv', 'o.mp4', 'r.json']);
  expect(streamValue(join(folder, 'o.mp4'), 'video', 'width')).toBe('320');
});

test.each([
  ['all of it', []],
  ['a part', ['--start', '6', '--duration', '9']],
])('decode errors are named by their time in the source, of %s', async (_, flags) => {
  const made = broken({ name: 'film.mkv', sec: 20, size: '160x90', sound: false }, (path, bytes) => {
    const content = readFileSync(path);
    const from = Math.floor(bytes * 0.6);
    for (let i = from; i < from + 2000; i += 1) content[i] = (content[i] ?? 0) ^ 0x5a;
    writeFileSync(path, content);
  });
  const run = await sg(['export', made.source, '-o', made.output, ...FAST, ...flags]);
  expectRefusal(run, 6);
  const [, named] = /near ([\d.]+) s/.exec(run.stderr) ?? [];
  expect(Math.abs(Number(named) - 12), shown(run)).toBeLessThan(1.5);
});

test('a film that was cut by copying, between its B-frames, is delivered to its last picture', async () => {
  const folder = fresh();
  const whole = clip({ name: 'b-frames.mp4', sec: 6, video: ['-c:v', 'libx264', '-bf', '3', '-g', '75'] });
  const ends = ['2.96', '3', '3.04', '3.08'].map((sec) => {
    const path = join(folder, `cut-${sec}.mp4`);
    ffmpeg(['-i', whole, '-c', 'copy', '-t', sec, path]);
    return path;
  });
  for (const path of ends) {
    const run = await sg(['export', path, '-o', path.replace('cut', 'out'), ...FAST]);
    expect(run.code, shown(run)).toBe(0);
  }
});
