import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FullResult } from './full-result.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
// Long sweeps over codecs and sizes: too slow for every change.
const full = process.env.SG_EXPORT_FULL === '1';

export default defineConfig({
  root,
  define: { __VERSION__: JSON.stringify(version) },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/full/**'],
    globalSetup: 'test/built.ts',
    ...(full
      ? { reporters: ['default', new FullResult(fileURLToPath(new URL('full/RESULT.md', import.meta.url)))] }
      : {}),
    pool: 'forks',
    // One more than the cores that this is made for: programs that are tried wait a fifth of their time.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
