import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('the reference page is what the code says (else: node .dev/reference.mjs)', () => {
  const run = spawnSync(process.execPath, ['.dev/reference.mjs', '--check'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});
