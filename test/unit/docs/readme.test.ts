import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../../../src/model/errors.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

it('shows the exit codes as the table in the code has them', () => {
  const shown = /<!-- exit codes -->\n([\s\S]*?)\n<!-- \/exit codes -->/.exec(readme)?.[1];
  const rows = EXIT_CODES.map(({ code, name, when }) => `| ${code} | ${name} | ${when} |`);
  expect(shown).toBe(['| code | name | when |', '| --- | --- | --- |', ...rows].join('\n'));
});

it('names the two commands, and leaves no placeholder', () => {
  expect(readme).toContain('npm run demo');
  expect(readme).toContain('npm test');
  expect(readme).not.toMatch(/DEMO_OUTPUT|EXIT_TABLE|TODO/);
});
