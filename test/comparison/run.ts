// What ffmpeg, HandBrakeCLI and sg-export each get right when nothing is asked of them.   npm run bench:defaults [-- CLIP…]
// With names of clips, or beginnings of names, it measures those and only prints.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { MEDIA, noMedia } from '../support/clips.ts';
import { factsOf, type ManifestClip, manifest } from '../support/manifest.ts';
import { type Film, filmOf } from './film.ts';
import { matchPictures } from './matching.ts';
import { make, PROGRAMS } from './programs.ts';
import { judgeExit, PROPERTIES, type Source, type Verdict } from './properties.ts';
import { type Row, report } from './report.ts';

/**
 * Seconds that are enough of a clip, up to the next keyframe, cut off without encoding and in nothing incomplete; the others
 * are small, or have chapters and subtitles.
 */
const PARTS: readonly (readonly [RegExp, number])[] = [
  [/^bbb_(1080|720)|^(screenrec|webcam|nail|butterfly|juggle|elf)_/, 3],
  [/^bbb_576i50|^monster_/, 5],
  // Its rate changes after 11 s.
  [/^traffic_/, 16],
];
/** Two minutes of the other clips' scenes. */
const LEFT_OUT = /^film_/;
const RESULT = 'test/comparison/RESULT.md';

function sourceFile({ file }: ManifestClip, folder: string): string {
  const path = join(MEDIA, file);
  const sec = PARTS.find(([pattern]) => pattern.test(file))?.[1];
  if (sec === undefined) return path;
  const input = ['-v', 'error', '-nostdin', '-y', '-i', `file:${path}`, '-map', '0', '-c', 'copy'];
  execFileSync('ffmpeg', [
    ...input,
    '-f',
    'segment',
    '-segment_time',
    `${sec}`,
    join(folder, `part%d${extname(file)}`),
  ]);
  return join(folder, `part0${extname(file)}`);
}

/** A file that a program left behind; undefined where it cannot be opened. */
function filmLeft(path: string): Film | undefined {
  try {
    return filmOf(path);
  } catch {
    return undefined;
  }
}

/** The verdicts of one program on one source, by the names of the properties. */
function verdictsOf(source: Source, made: ReturnType<typeof make>): ReadonlyMap<string, Verdict> {
  const film = made.path === undefined ? undefined : filmLeft(made.path);
  const exit = ['exit status', judgeExit(made, film, source)] as const;
  if (!film || film.shownSec.length === 0 || source.facts.cutShort) return new Map([exit]);
  const delivery = { film, said: made.said, matched: matchPictures(source.film, film) };
  const others = PROPERTIES.filter(({ applies }) => applies(source)).flatMap(({ name, judge }) => {
    const verdict = judge(delivery, source);
    return verdict ? [[name, verdict] as const] : [];
  });
  return new Map([exit, ...others]);
}

function rowsOf(clip: ManifestClip, folder: string): readonly Row[] {
  const path = sourceFile(clip, folder);
  const source: Source = { clip, facts: factsOf(clip), film: filmOf(path) };
  const found = PROGRAMS.map((program, n) => {
    const verdicts = verdictsOf(source, make(program, path, join(folder, `out${n}.mp4`), folder));
    rmSync(join(folder, `out${n}.mp4`), { force: true });
    return verdicts;
  });
  const names = ['exit status', ...PROPERTIES.map(({ name }) => name)];
  return names
    .filter((name) => found.some((verdicts) => verdicts.has(name)))
    .map((name) => ({ clip: clip.file, property: name, verdicts: found.map((verdicts) => verdicts.get(name)) }));
}

function main(): void {
  const only = process.argv.slice(2);
  const versions = PROGRAMS.map((program) => program.version());
  const absent = PROGRAMS.filter((_, n) => versions[n] === '').map(({ name }) => name);
  if (noMedia || absent.length > 0) {
    process.stderr.write(`bench:defaults: not measured: ${noMedia ?? `${absent.join(' and ')} not installed`}\n`);
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sg-export-defaults-'));
  const startedMs = Date.now();
  try {
    const clips = manifest().filter(({ file }) =>
      only.length === 0 ? !LEFT_OUT.test(file) : only.some((name) => file.startsWith(name)),
    );
    const rows = clips.flatMap((clip) => {
      const some = rowsOf(clip, folder);
      process.stderr.write(`${clip.file}\n`);
      return some;
    });
    const text = report(rows, { versions, tookSec: (Date.now() - startedMs) / 1000 });
    if (only.length === 0) writeFileSync(RESULT, text);
    process.stdout.write(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
