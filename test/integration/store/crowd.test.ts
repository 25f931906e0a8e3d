import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { openHistory } from '../../../src/store/history.ts';
import { scratchFolder } from './sample-records.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** What each process of the crowd does, all from the same moment on. */
const MEMBER = `
import { openHistory } from ${JSON.stringify(join(ROOT, 'src/store/history.ts'))};
const [path, name, startAt, rounds] = process.argv.slice(2);
await import('better-sqlite3');
while (Date.now() < Number(startAt)) {}
for (let round = 0; round < Number(rounds); round += 1) {
  const history = await openHistory({ path, catalogue: { hash: '1', codecs: [], platforms: [] } });
  const id = name + '-' + round;
  const created_at = new Date().toISOString();
  history.insertJob({
    export_id: id, status: 'encoding', progress: 0, current_stage: 'encoding', source: '/a', export_config: {},
    output_files: [], file_sizes: {}, error_message: null, created_at, started_at: null, completed_at: null,
    host: 'h', pid: process.pid,
  });
  for (let progress = 1; progress <= 20; progress += 1) {
    history.updateJob(id, { progress });
    history.isCancelRequested(id);
  }
  history.putCached('kind', name, { round });
  history.updateJob(id, { status: 'completed', progress: 100 });
  if (history.problem !== undefined) console.error(history.problem);
  history.close();
  if (history.problem !== undefined) console.error(history.problem);
}
`;

function buildMember(folder: string): string {
  const source = join(folder, 'member.ts');
  const built = join(folder, 'member.mjs');
  writeFileSync(source, MEMBER);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  buildSync({
    entryPoints: [source],
    outfile: built,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3'],
  });
  return built;
}

function ended(child: ChildProcess): Promise<string> {
  let words = '';
  child.stderr?.on('data', (chunk) => {
    words += chunk;
  });
  return new Promise((done) => child.on('close', (code) => done(code === 0 ? words : `${words} exit ${code}`)));
}

it('twenty processes make, fill and leave one database at the same time', { timeout: 60_000 }, async () => {
  const folder = scratchFolder();
  const member = buildMember(folder);
  const path = join(folder, 'state', 'history.db');
  const [crowd, rounds] = [20, 3];
  mkdirSync(join(folder, 'cwd'));
  const startAt = Date.now() + 2500;
  const words = await Promise.all(
    Array.from({ length: crowd }, (_, i) =>
      ended(
        spawn(process.execPath, [member, path, `p${i}`, `${startAt}`, `${rounds}`], {
          cwd: join(folder, 'cwd'),
          stdio: ['ignore', 'ignore', 'pipe'],
        }),
      ),
    ),
  );
  expect(words.filter((text) => text !== '')).toEqual([]);
  const history = await openHistory({ path });
  const jobs = history.listJobs();
  expect(jobs).toHaveLength(crowd * rounds);
  expect(jobs.filter((job) => job.status !== 'completed' || job.progress !== 100)).toEqual([]);
  expect(history.getCached('kind', 'p19')).toEqual({ round: rounds - 1 });
  expect(history.problem).toBeUndefined();
  history.close();
});
