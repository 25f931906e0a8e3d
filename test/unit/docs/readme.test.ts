import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { EXIT_CODES } from '../../../src/model/errors.ts';
import { readJob } from '../../../src/presets/job.ts';

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

it('has a job file that the program takes as it stands', async () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const values = await parseConfig('job.yaml', yaml);
  const { job, issues } = await readJob(values ?? {}, 'job.yaml', async () => 'job.yaml');
  expect(issues).toEqual([]);
  expect(job.exports).toHaveLength(4);
});

it.each(['Makefile', 'deliver.sh'])('shows the %s that the tests run', (name) => {
  const text = readFileSync(new URL(`../../farm/${name}`, import.meta.url), 'utf8');
  expect(readme).toContain(text);
});
