import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, countFrames } from '../support/clips.ts';
import { fakeEncoder, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg, shown } from '../support/run-cli.ts';

/** A folder with a source of its own, and what it must still be afterwards. */
function withSource(): { readonly folder: string; readonly source: string; readonly unharmed: () => void } {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  const content = readFileSync(source);
  const before = statSync(source);
  return {
    folder,
    source,
    unharmed: () => {
      const now = statSync(source);
      expect(readFileSync(source).equals(content), 'the source lost its content').toBe(true);
      expect([now.ino, now.mtimeMs, now.size]).toEqual([before.ino, before.mtimeMs, before.size]);
    },
  };
}

describe('the output is never the input', () => {
  const links: readonly (readonly [string, (source: string, folder: string) => string])[] = [
    ['by its path', (source) => source],
    ['by another spelling of its path', (_source, folder) => `${folder}/./x/../film.mp4`],
    [
      'by a symbolic link',
      (source, folder) => {
        symlinkSync(source, join(folder, 'soft.mp4'));
        return join(folder, 'soft.mp4');
      },
    ],
    [
      'by a link to a link',
      (_source, folder) => {
        symlinkSync('film.mp4', join(folder, 'one.mp4'));
        symlinkSync('one.mp4', join(folder, 'two.mp4'));
        return join(folder, 'two.mp4');
      },
    ],
    [
      'by a hard link',
      (source, folder) => {
        linkSync(source, join(folder, 'hard.mp4'));
        return join(folder, 'hard.mp4');
      },
    ],
    [
      'by a folder that is a link to its own',
      (_source, folder) => {
        symlinkSync(folder, join(folder, 'self'));
        return join(folder, 'self', 'film.mp4');
      },
    ],
  ];
  describe.each(oneOf(2, links))('%s', (_name, alias) => {
    test.each([[[]], [['--overwrite']], [['--skip-existing']]])('with %j', async (flags) => {
      const { folder, source, unharmed } = withSource();
      mkdirSync(join(folder, 'x'));
      const output = alias(source, folder);
      const before = listing(folder);
      expectRefusal(await sg(['export', source, '-o', output, ...flags]), 2);
      unharmed();
      expect(listing(folder)).toEqual(before);
    });
  });

  test('nor when the input is the link and the output the file', async () => {
    const { folder, source, unharmed } = withSource();
    symlinkSync(source, join(folder, 'soft.mp4'));
    expectRefusal(await sg(['export', join(folder, 'soft.mp4'), '-o', source, '--overwrite']), 2);
    unharmed();
  });

  test('nor by a naming pattern that gives the name of the source', async () => {
    const { folder, source, unharmed } = withSource();
    expectRefusal(await sg(['export', source, '--name', '{name}', '--overwrite']), 2);
    unharmed();
    expect(listing(folder)).toEqual(['film.mp4']);
  });
});

describe('a receipt, depfile or report never lands on anything else', () => {
  describe.each(['--receipt', '--depfile', '--report'])('%s', (flag) => {
    test.each([
      ['the source', (_folder: string, source: string) => source],
      [
        'a hard link to the source',
        (folder: string, source: string) => {
          linkSync(source, join(folder, 'hard'));
          return join(folder, 'hard');
        },
      ],
      [
        'a symbolic link to the source',
        (folder: string, source: string) => {
          symlinkSync(source, join(folder, 'soft'));
          return join(folder, 'soft');
        },
      ],
      ['the output', (folder: string) => join(folder, 'out.mp4')],
      ['a folder', (folder: string) => folder],
      ['a missing folder', (folder: string) => join(folder, 'no', 'such', 'file')],
      [
        "somebody's film",
        (folder: string) => {
          copyFileSync(clip(), join(folder, 'other.mp4'));
          return join(folder, 'other.mp4');
        },
      ],
    ])('%s', async (_name, place) => {
      const { folder, source, unharmed } = withSource();
      const target = place(folder, source);
      const before = listing(folder);
      const run = await sg(['export', source, '-o', join(folder, 'out.mp4'), '--overwrite', flag, target]);
      expectRefusal(run, 2);
      expect(run.stderr, shown(run)).toContain(flag);
      unharmed();
      expect(listing(folder)).toEqual(before);
      if (existsSync(join(folder, 'other.mp4')))
        expect(readFileSync(join(folder, 'other.mp4')).equals(readFileSync(clip()))).toBe(true);
    });
  });

  test('nor are they one file', async () => {
    const { folder, source } = withSource();
    const both = join(folder, 'side');
    expectRefusal(await sg(['export', source, '-o', join(folder, 'o.mp4'), '--receipt', both, '--depfile', both]), 2);
    expect(listing(folder)).toEqual(['film.mp4']);
  });

  test('nor is the configuration lost to one', async () => {
    const { folder, source } = withSource();
    const config = join(folder, '.sg-exportrc.json');
    writeFileSync(config, '{"crf": 30}');
    const args = ['export', source, '-o', join(folder, 'o.mp4'), '--receipt', config];
    expectRefusal(await sg(args, { cwd: folder }), 2);
    expect(readFileSync(config, 'utf8')).toBe('{"crf": 30}');
  });

  test('a name that make cannot read is found before anything is encoded', async () => {
    const { folder } = withSource();
    const odd = join(folder, 'new\nline.mp4');
    copyFileSync(clip(), odd);
    const run = await sg(['export', odd, '-o', join(folder, 'out.mp4'), '--depfile', join(folder, 'o.d')]);
    expectRefusal(run, 2);
    expect(listing(folder)).toEqual(['film.mp4', 'new\nline.mp4']);
  });
});

test('a database flag that names a film harms neither', async () => {
  const { folder, source, unharmed } = withSource();
  const run = await ok(['export', source, '-o', join(folder, 'out.mp4'), '--db', source]);
  expect(run.stderr).toMatch(/history|database/i);
  unharmed();
  expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
});

describe('an existing destination', () => {
  const precious = 'precious, and not a film\n';
  function withDestination() {
    const { folder, source, unharmed } = withSource();
    const output = join(folder, 'out.mp4');
    writeFileSync(output, precious);
    const before = lstatSync(output);
    const untouched = () => {
      expect(readFileSync(output, 'utf8')).toBe(precious);
      const now = lstatSync(output);
      expect([now.ino, now.mtimeMs, now.mode]).toEqual([before.ino, before.mtimeMs, before.mode]);
      unharmed();
    };
    return { folder, source, output, untouched };
  }

  test.each([[[]], [['--skip-existing']], [['--json']]])('is left alone with %j', async (flags) => {
    const { folder, source, output, untouched } = withDestination();
    const run = await sg(['export', source, '-o', output, ...flags]);
    expect(run.code, shown(run)).toBe(2);
    if (flags.includes('--json')) expect(resultOf(run)).toMatchObject({ error_code: 'USAGE', output_files: [] });
    untouched();
    expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
  });

  test.each([
    ['fails', 'exit 1', 6],
    ['writes nothing and says that all is well', 'exit 0', 6],
    ['makes something else', `"$real" -v error -y -f lavfi -i color=d=1:s=320x180 "$last"`, 7],
    ['kills itself', 'kill -9 $$', 6],
  ])('survives --overwrite when ffmpeg %s', async (_name, body, code) => {
    const { folder, source, output, untouched } = withDestination();
    const fake = fakeEncoder(fresh(), body);
    expectRefusal(await sg(['export', source, '-o', output, '--overwrite', '--ffmpeg', fake]), code);
    untouched();
    expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
  });

  test('is replaced as a whole with --overwrite', async () => {
    const { source, output } = withDestination();
    await ok(['export', source, '-o', output, '--overwrite']);
    expect(countFrames(output)).toBe(25);
  });

  test('that is a symbolic link is replaced itself, and its target kept', async () => {
    const { folder, source, untouched } = withDestination();
    symlinkSync('out.mp4', join(folder, 'link.mp4'));
    await ok(['export', source, '-o', join(folder, 'link.mp4'), '--overwrite']);
    expect(lstatSync(join(folder, 'link.mp4')).isFile()).toBe(true);
    untouched();
  });

  test('that is a dangling link exists', async () => {
    const { folder, source } = withSource();
    symlinkSync('nowhere', join(folder, 'out.mp4'));
    expectRefusal(await sg(['export', source, '-o', join(folder, 'out.mp4')]), 2);
    expect(readlinkSync(join(folder, 'out.mp4'))).toBe('nowhere');
  });

  test('that is a folder with the name of a film holds the output', async () => {
    const { folder, source, unharmed } = withSource();
    mkdirSync(join(folder, 'out.mp4'));
    const run = await ok(['export', source, '-o', join(folder, 'out.mp4')]);
    expect(run.stdout.trim().startsWith(join(folder, 'out.mp4', 'film_'))).toBe(true);
    unharmed();
  });
});

/** What other processes may put at the destination while ffmpeg works. */
const ARRIVALS: readonly (readonly [string, string, (path: string) => boolean])[] = [
  ['a file', 'echo theirs >', (path) => readFileSync(path, 'utf8') === 'theirs\n'],
  ['an empty file', ': >', (path) => statSync(path).size === 0],
  ['a symbolic link', 'ln -s /dev/null', (path) => readlinkSync(path) === '/dev/null'],
  ['a dangling link', 'ln -s nowhere', (path) => readlinkSync(path) === 'nowhere'],
  ['a folder', 'mkdir', (path) => listing(path).length === 0],
];

describe.each(ARRIVALS)('%s that comes while ffmpeg works is never replaced', (_name, command, isTheirs) => {
  test.each(oneOf(2, [[[]], [['--skip-existing']]]))('with %j', async (flags) => {
    const { folder, source, unharmed } = withSource();
    const output = join(folder, 'out.mp4');
    const fake = fakeEncoder(fresh(), `"$real" "$@" && ${command} '${output}'`);
    const run = await sg(['export', source, '-o', output, '--ffmpeg', fake, ...flags]);
    expectRefusal(run, 2);
    expect(isTheirs(output)).toBe(true);
    expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
    unharmed();
  });
});

test('an own output that somebody replaces while it is made again is not replaced back', async () => {
  const { folder, source } = withSource();
  const output = join(folder, 'out.mp4');
  await ok(['export', source, '-o', output]);
  const fake = fakeEncoder(fresh(), `"$real" "$@" && rm '${output}' && echo theirs > '${output}'`);
  const again = ['export', source, '-o', output, '--skip-existing', '--crf', '40', '--ffmpeg', fake];
  expectRefusal(await sg(again), 2);
  expect(readFileSync(output, 'utf8')).toBe('theirs\n');
  expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
});

test('two runs on one destination at once: one delivers, the other is refused', async () => {
  const { folder, source, unharmed } = withSource();
  const output = join(folder, 'out.mp4');
  const slow = fakeEncoder(fresh(), '"$real" "$@" && sleep 1');
  const args = ['export', source, '-o', output, '--ffmpeg', slow];
  const runs = await Promise.all([sg(args), sg(args), sg([...args, '--overwrite']), sg([...args, '--skip-existing'])]);
  const codes = runs.map((run) => run.code);
  expect(codes.filter((code) => code === 0).length, runs.map(shown).join('\n')).toBeGreaterThanOrEqual(1);
  for (const run of runs.filter((one) => one.code !== 0)) expectRefusal(run, 2);
  expect(countFrames(output)).toBe(25);
  expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
  unharmed();
});

test('a destination that a dead run had reserved is free again', async () => {
  const { folder, source } = withSource();
  const output = join(folder, 'out.mp4');
  const killer = script(fresh(), 'ffmpeg', 'kill -9 $(ps -o ppid= -p $$)');
  await sg(['export', source, '-o', output, '--ffmpeg', killer]);
  await ok(['export', source, '-o', output]);
  expect(listing(folder)).toEqual(['film.mp4', 'out.mp4']);
});
