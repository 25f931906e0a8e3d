import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fakeFfmpeg, lives, until } from './fake-ffmpeg.ts';

let folder: string;
let parentScript: string;
let parent: ChildProcess | undefined;

/** A parent process of its own that runs a fake ffmpeg through `runFfmpeg`, and can be killed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-orphan-'));
  parentScript = join(folder, 'parent.mjs');
  const spawnPath = JSON.stringify(resolve('src/ffmpeg/spawn.ts'));
  buildSync({
    stdin: {
      contents: `import { runFfmpeg } from ${spawnPath};
        const [program, guard, cwd] = process.argv.slice(2);
        const signal = new AbortController().signal;
        process.on('SIGTERM', () => process.exit(1));
        await runFfmpeg({ program, args: [], cwd, signal, stallSec: 0 }, { guard });`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: parentScript,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});
afterEach(() => {
  parent?.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BODIES = {
  'that sleeps': 'setInterval(() => {}, 1000);',
  'that ignores SIGTERM': "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);",
  'that floods its pipes': "setInterval(() => { try { fs.writeSync(2, 'x'.repeat(1000)); } catch {} }, 1);",
};

const guards = process.platform === 'linux' ? (['setpriv', 'guardian'] as const) : (['guardian'] as const);

describe.each(guards)('guarded by %s', (guard) => {
  describe.each(Object.entries(BODIES))('an ffmpeg %s', (_, body) => {
    test.each(['SIGKILL', 'SIGTERM'] as const)(
      'is gone within 2 s of %s to its parent',
      async (signal) => {
        const pidFile = join(folder, 'pid');
        rmSync(pidFile, { force: true });
        const program = fakeFfmpeg(
          folder,
          `fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); ${body}`,
        );
        parent = spawn(process.execPath, [parentScript, program, guard, folder], { stdio: 'ignore' });
        const started = () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '';
        expect(await until(started, 10_000)).toBe(true);
        const pid = Number(readFileSync(pidFile, 'utf8'));
        expect(lives(pid)).toBe(true);
        parent.kill(signal);
        expect(await until(() => !lives(pid), 2000)).toBe(true);
      },
      20_000,
    );
  });
});
