import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLockName, lockDestination } from '../../../src/files/lock.ts';
import { isAlive, thisProcess } from '../../../src/files/owner.ts';
import { placeFile } from '../../../src/files/place.ts';
import { sweepLeftovers } from '../../../src/files/sweep.ts';
import { createWorkspace, workspaceOwner } from '../../../src/files/workspace.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-scratch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const self = thisProcess();
/** A pid that was a process's until a moment ago. */
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;
const leftover = (host: string, pid: number, ticks: string) => `.sg-export-${host}-${pid}-${ticks}-abc123`;

function makeFolder(name: string): string {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'partial.mp4'), 'x');
  return name;
}

describe('owner', () => {
  test('this process lives; a dead pid, or one used again, does not', () => {
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, pid: deadPid() })).toBe(false);
    if (self.startTicks !== '0') expect(isAlive({ ...self, startTicks: '1' })).toBe(false);
  });
  test("nothing is said against another host's", () => {
    expect(isAlive({ host: 'elsewhere_000000', pid: deadPid(), startTicks: '1' })).toBe(true);
  });
});

describe('workspace', () => {
  test('is a hidden folder of its own that names its owner and closes to others', async () => {
    const one = await createWorkspace(folder, 'f00d-1234-5678');
    const two = await createWorkspace(folder, 'f00d-1234-5678');
    expect(one.path).not.toBe(two.path);
    expect(readdirSync(folder)).toHaveLength(2);
    for (const name of readdirSync(folder)) expect(workspaceOwner(name)).toEqual(self);
    expect(statSync(one.path).mode & 0o777).toBe(0o700);
    await one.remove();
    await one.remove();
    two.removeSync();
    two.removeSync();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('files in it get the umask of the user', async () => {
    const before = process.umask(0o027);
    try {
      const workspace = await createWorkspace(folder, 'a');
      writeFileSync(workspace.file('out.mp4'), 'film');
      await placeFile(workspace.file('out.mp4'), join(folder, 'out.mp4'), { replace: false });
      await workspace.remove();
      expect(statSync(join(folder, 'out.mp4')).mode & 0o777).toBe(0o640);
    } finally {
      process.umask(before);
    }
  });

  test('links a source under a plain name, and removing leaves the source', async () => {
    const source = join(folder, "odd ' name:%d.srt");
    writeFileSync(source, 'text');
    const workspace = await createWorkspace(folder, 'a');
    await workspace.link(source, 'subtitles.srt');
    expect(readFileSync(workspace.file('subtitles.srt'), 'utf8')).toBe('text');
    await workspace.remove();
    expect(readFileSync(source, 'utf8')).toBe('text');
  });

  test('only plain names', async () => {
    const workspace = await createWorkspace(folder, 'a');
    for (const name of ['../up', 'a/b', '', '.', '..']) expect(() => workspace.file(name)).toThrow(/plain/);
  });

  test('a folder that is missing is USAGE', async () => {
    await expect(createWorkspace(join(folder, 'none'), 'a')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('sweep', () => {
  test('takes only what is of this host and dead', async () => {
    const dead = makeFolder(leftover(self.host, deadPid(), '5'));
    const reused = makeFolder(leftover(self.host, self.pid, '1'));
    const kept = [
      makeFolder(leftover(self.host, self.pid, self.startTicks)),
      makeFolder(leftover('elsewhere_000000', deadPid(), '5')),
      makeFolder('.sg-export-notes'),
      makeFolder('films'),
    ];
    writeFileSync(join(folder, `${leftover(self.host, deadPid(), '5')}.txt`), 'no folder of ours');
    const swept = await sweepLeftovers(folder);
    const expected = self.startTicks === '0' ? [dead] : [dead, reused];
    expect([...swept].sort()).toEqual(expected.sort());
    for (const name of kept) expect(existsSync(join(folder, name, 'partial.mp4'))).toBe(true);
  });

  test('follows no link, neither a link in place of the folder nor one inside it', async () => {
    const precious = join(folder, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'film.mov'), 'film');
    symlinkSync(precious, join(folder, leftover(self.host, deadPid(), '7')));
    const dead = makeFolder(leftover(self.host, deadPid(), '8'));
    symlinkSync(precious, join(folder, dead, 'link'));
    symlinkSync(join(precious, 'film.mov'), join(folder, dead, 'source.mov'));
    expect(await sweepLeftovers(folder)).toEqual([dead]);
    expect(readFileSync(join(precious, 'film.mov'), 'utf8')).toBe('film');
  });

  test('several at once do no harm, nor does a folder that is not there', async () => {
    for (let i = 0; i < 5; i++) makeFolder(leftover(self.host, deadPid(), String(10 + i)));
    await Promise.all(Array.from({ length: 4 }, () => sweepLeftovers(folder)));
    expect(readdirSync(folder)).toEqual([]);
    expect(await sweepLeftovers(join(folder, 'none'))).toEqual([]);
  });

  test('takes a dead lock, and leaves a living one', async () => {
    const living = await lockDestination(join(folder, 'a.mp4'), { exportId: 'a' });
    const other = await lockDestination(join(folder, 'b.mp4'), { exportId: 'b' });
    writeFileSync(other.path, JSON.stringify({ ...self, pid: deadPid() }));
    expect(await sweepLeftovers(folder)).toHaveLength(1);
    expect(existsSync(living.path)).toBe(true);
    expect(existsSync(other.path)).toBe(false);
    await living.release();
  });
});

describe('lockDestination', () => {
  const destination = () => join(folder, 'out.mp4');

  test('the second run is refused with the pid of the first, and nothing is left behind', async () => {
    const lock = await lockDestination(destination(), { exportId: 'one' });
    const error = await lockDestination(destination(), { exportId: 'two' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(`process ${process.pid}`) });
    const elsewhere = await lockDestination(join(folder, 'other.mp4'), { exportId: 'three' });
    await elsewhere.release();
    await lock.release();
    await lock.release();
    const again = await lockDestination(destination(), { exportId: 'four' });
    again.releaseSync();
    again.releaseSync();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('waits for the first to end', async () => {
    const lock = await lockDestination(destination(), { exportId: 'one' });
    setTimeout(() => void lock.release(), 300);
    const second = await lockDestination(destination(), { exportId: 'two', waitSec: 5 });
    await second.release();
  });

  test("releasing a lock that was let go leaves the next holder's", async () => {
    const first = await lockDestination(destination(), { exportId: 'one' });
    await first.release();
    const second = await lockDestination(destination(), { exportId: 'two' });
    await first.release();
    expect(existsSync(second.path)).toBe(true);
    await second.release();
  });

  test("a dead run's lock is taken over by exactly one of many", async () => {
    const lock = await lockDestination(destination(), { exportId: 'one' });
    writeFileSync(lock.path, JSON.stringify({ ...self, pid: deadPid() }));
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => lockDestination(destination(), { exportId: String(i), waitSec: 0.5 })),
    );
    const held = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(held).toHaveLength(1);
    for (const one of held) await one.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('one whose run was killed before it could sign is taken over, once that is sure', async () => {
    const held = await lockDestination(destination(), { exportId: 'one' });
    writeFileSync(held.path, '');
    const almost = new Date(Date.now() - 4500);
    utimesSync(held.path, almost, almost);
    const lock = await lockDestination(destination(), { exportId: 'two' });
    expect(Date.now() - almost.getTime()).toBeGreaterThan(5000);
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("another machine's lock stays, and the message says which file to remove", async () => {
    const lock = await lockDestination(destination(), { exportId: 'one' });
    writeFileSync(lock.path, JSON.stringify({ host: 'farm7_000000', pid: 1, startTicks: '1' }));
    const error = await lockDestination(destination(), { exportId: 'two' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining(lock.path) });
    expect(error).toMatchObject({ message: expect.stringContaining('farm7') });
  });

  test('a folder that is missing is USAGE', async () => {
    const missing = join(folder, 'none', 'out.mp4');
    await expect(lockDestination(missing, { exportId: 'a' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('placeFile', () => {
  const from = () => join(folder, 'partial');
  const to = () => join(folder, 'out.mp4');
  const noLinks = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  beforeEach(() => writeFileSync(from(), 'new'));

  test('puts it there and leaves nothing else', async () => {
    await placeFile(from(), to(), { replace: false });
    expect(readFileSync(to(), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['out.mp4']);
    expect(statSync(to()).nlink).toBe(1);
  });

  test.each(['a file', 'a dangling link', 'a folder'])('without replace %s that came meanwhile stays', async (what) => {
    if (what === 'a file') writeFileSync(to(), 'old');
    if (what === 'a dangling link') symlinkSync('nowhere', to());
    if (what === 'a folder') mkdirSync(to());
    const before = lstatSync(to()).ino;
    await expect(placeFile(from(), to(), { replace: false })).rejects.toMatchObject({ code: 'USAGE' });
    const without = placeFile(from(), to(), { replace: false, makeLink: noLinks('EPERM') });
    await expect(without).rejects.toMatchObject({ code: 'USAGE' });
    expect(lstatSync(to()).ino).toBe(before);
    expect(readFileSync(from(), 'utf8')).toBe('new');
    expect(readdirSync(folder).filter(isLockName)).toEqual([]);
  });

  test('replace replaces, and other names of the old file keep it', async () => {
    writeFileSync(to(), 'old');
    linkSync(to(), join(folder, 'other-name'));
    await placeFile(from(), to(), { replace: true });
    expect(readFileSync(to(), 'utf8')).toBe('new');
    expect(readFileSync(join(folder, 'other-name'), 'utf8')).toBe('old');
  });

  test.each(['EPERM', 'ENOTSUP', 'EXDEV'])('works where hard links fail with %s', async (code) => {
    await placeFile(from(), to(), { replace: false, makeLink: noLinks(code) });
    expect(readdirSync(folder)).toEqual(['out.mp4']);
  });

  test('of many at once without hard links exactly one wins', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => {
        const mine = join(folder, `partial${i}`);
        writeFileSync(mine, String(i));
        return placeFile(mine, to(), { replace: false, makeLink: noLinks('EPERM') });
      }),
    );
    expect(tries.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  test('a folder in the way of a replacement is a clear error', async () => {
    mkdirSync(to());
    await expect(placeFile(from(), to(), { replace: true })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a missing product is an error, not an empty destination', async () => {
    rmSync(from());
    await expect(placeFile(from(), to(), { replace: false })).rejects.toThrow(/out\.mp4/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
