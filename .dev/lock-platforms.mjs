// npm run lock: writes package-lock.json, whole for every platform.
// Where a registry mirror does not serve the optional packages of other platforms, npm leaves them out of the lock
// file, and `npm ci` then refuses the file that npm itself wrote (https://github.com/npm/cli/issues/9342).
// They are added here by name and version; npm fetches them only on the platform that they are for.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson } from './tree.mjs';

const LOCK = join(ROOT, 'package-lock.json');
const PLATFORM =
  /-(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-([a-z0-9]+?)(?:-(musl|gnu)\w*|-msvc|-eabi|eabihf)?$/;
const CPU = { riscv64gc: 'riscv64', x86: 'ia32' };

/** What npm would have recorded, less the digest, which only the registry knows. */
function entryFor(name, version, parent) {
  const wasm = /-wasm32-/.test(name);
  const [, os, cpu, libc] = PLATFORM.exec(name) ?? [];
  if (!os && !wasm) throw new Error(`${name} is missing from the lock file and its name tells no platform`);
  return {
    version,
    cpu: [wasm ? 'wasm32' : (CPU[cpu] ?? cpu)],
    ...(parent.dev ? { dev: true } : {}),
    ...(libc ? { libc: [libc === 'gnu' ? 'glibc' : libc] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  };
}

const run = spawnSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
  cwd: ROOT,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (run.status !== 0) process.exit(1);

const lock = readJson(LOCK);
const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries((path && entry.optionalDependencies) || {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((place) => lock.packages[place]) || !/^\d/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = entryFor(name, version, entry);
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`lock: ${sorted.length} packages, ${added.length} of other platforms added by name\n`);
