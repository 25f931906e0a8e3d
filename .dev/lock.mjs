// A lock between set-ups of one checkout, such as `make -j` starts them.
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryTake(path) {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** The process that a lock names; 0 for a file that its writer never finished, NaN for one being written now. */
function ownerOf(path) {
  const text = readFileSync(path, 'utf8');
  if (text !== '') return Number(text);
  return Date.now() - statSync(path).mtimeMs > 10_000 ? 0 : Number.NaN;
}

/** Removes a lock whose owner is dead. By rename, so that of several that see this only one acts. */
function removeIfDead(path) {
  try {
    const owner = ownerOf(path);
    if (Number.isNaN(owner) || (owner > 0 && isAlive(owner))) return;
    const aside = `${path}.${process.pid}`;
    renameSync(path, aside);
    // Someone was quicker and this is already the next owner's lock: it goes back.
    if (ownerOf(aside) !== owner) linkSync(aside, path);
    rmSync(aside);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

/** Runs `work` while holding the lock; waits for the process that holds it, however long it works. */
export async function withLock(path, say, work) {
  for (let waited = 0; !tryTake(path); waited += 1) {
    if (waited === 5) say(`waiting for another set-up (${path})`);
    removeIfDead(path);
    await sleep(200);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}
