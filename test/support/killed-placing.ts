import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fresh, sg, shown } from './run-cli.ts';

/** Preloaded: the process kills itself where one file goes into its place, right before or right after. */
const HOOK = `
const fs = require('node:fs/promises');
const { SG_TEST_KILL_AT: path, SG_TEST_KILL_WHEN: when } = process.env;
const die = () => process.kill(process.pid, 'SIGKILL');
for (const name of ['link', 'rename']) {
  const real = fs[name];
  fs[name] = async (from, to) => {
    if (to === path && when === 'before') die();
    await real(from, to);
    if (to === path && when === 'after') die();
  };
}
require('node:module').syncBuiltinESMExports();
`;

/** Runs sg-export, which is killed as by `kill -9` right before or after a file is put at its path. */
export async function killedPlacing(
  args: readonly string[],
  path: string,
  when: 'before' | 'after',
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const hook = join(fresh(), 'kill.cjs');
  writeFileSync(hook, HOOK);
  const kill = { NODE_OPTIONS: `--require ${hook}`, SG_TEST_KILL_AT: path, SG_TEST_KILL_WHEN: when };
  const run = await sg(args, { env: { ...env, ...kill }, timeoutMs: 110_000 });
  expect(run.signal, shown(run)).toBe('SIGKILL');
}
