// npm run check:layers: the import rules of .dependency-cruiser.cjs, each violation with what to do instead.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tree.mjs';

const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'bin'];
const run = spawnSync(process.execPath, [cruiser, ...args], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
if (!run.stdout) {
  process.stderr.write(run.stderr);
  process.exit(1);
}
const { modules, summary } = JSON.parse(run.stdout);

// A cruiser that cannot read TypeScript finds no file and no violation: count for ourselves.
const cruised = new Set(modules.map((module) => module.source));
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts'));
const missed = sources.filter((name) => !cruised.has(name));
if (sources.length === 0 || missed.length > 0) {
  process.stderr.write(`check:layers looked at ${sources.length - missed.length} of ${sources.length} files. `);
  process.stderr.write('dependency-cruiser does not know this version of TypeScript: pin both as they were.\n');
  process.exit(1);
}

const comments = new Map(summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
for (const { from, to, rule, cycle } of summary.violations) {
  const path = cycle ? cycle.map((step) => step.name ?? step).join(' → ') : to;
  process.stderr.write(`${from}${path === from ? '' : ` → ${path}`}\n  ${rule.name}: ${comments.get(rule.name)}\n`);
}
if (summary.violations.length > 0) process.exit(1);
process.stdout.write(
  `check:layers: ${sources.length} files, ${summary.totalDependenciesCruised} imports, all allowed\n`,
);
