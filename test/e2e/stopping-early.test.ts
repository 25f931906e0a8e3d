import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clip } from '../support/clips.ts';
import { fakeEncoder, script } from '../support/fake-tools.ts';
import { fresh, listing, startSg, until } from '../support/run-cli.ts';
import { noProc, processesAt, programOf } from '../support/running-export.ts';

/** An ffprobe that answers who it is, and hangs over every file. */
const hangingProbe = (folder: string): string =>
  script(folder, 'ffprobe', `case "$1" in -version) echo "ffprobe version 5.1 Copyright";; *) exec sleep 600;; esac`);
/** An ffmpeg that hangs over every trial encode. */
const hangingTrials = (folder: string): string => {
  const real = fakeEncoder(fresh(), ':');
  return script(folder, 'ffmpeg', `case "$*" in *lavfi*) exec sleep 600;; esac\nexec '${real}' "$@"`);
};

/** What is stopped while it only looks at something, by the folder of its source. */
const COMMANDS: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  'an export that looks at its source': (folder) => [
    'export',
    'film.mp4',
    '-o',
    'o.mp4',
    '--ffprobe',
    hangingProbe(folder),
  ],
  'a dry run': (folder) => ['export', 'film.mp4', '-o', 'o.mp4', '--dry-run', '--ffprobe', hangingProbe(folder)],
  'a validation of a request': (folder) => ['validate', 'film.mp4', '-o', 'o.mp4', '--ffprobe', hangingProbe(folder)],
  'a validation of a file': (folder) => [
    ...['validate', '--file', 'film.mp4', '--platform', 'web', '--ffprobe', hangingProbe(folder)],
  ],
  'doctor --refresh': (folder) => ['doctor', '--refresh', '--ffmpeg', hangingTrials(folder)],
};

describe.skipIf(noProc)('stopped while it looks at something, nothing is left of', () => {
  describe.each(Object.entries(COMMANDS))('%s', (_name, args) => {
    test.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGKILL', null],
    ] as const)('by %s', async (signal, code) => {
      const folder = fresh();
      const tools = join(folder, 'tools');
      mkdirSync(tools);
      copyFileSync(clip(), join(folder, 'film.mp4'));
      const run = startSg([...args(tools), '--db', join(fresh(), 'h.db')], { cwd: folder });
      const hangs = () => processesAt(folder).some((pid) => programOf(pid) === 'sleep');
      expect(await until(hangs, 30_000), 'something hangs').toBe(true);
      run.child.kill(signal);
      const ended = await run.ended;
      expect(ended.code, `${ended.stdout} ${ended.stderr}`).toBe(code);
      expect(await until(() => processesAt(folder).length === 0, 2000), 'nobody is left').toBe(true);
      expect(listing(folder).filter((name) => !name.startsWith('tools'))).toEqual(['film.mp4']);
    });
  });
});
