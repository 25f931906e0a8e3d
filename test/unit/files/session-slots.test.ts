import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thisProcess } from '../../../src/files/owner.ts';
import { takeSlot } from '../../../src/files/session-slots.ts';

const POOL = { name: 'nvenc 0', most: 2 };
const before = process.env.TMPDIR;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slots-'));
  process.env.TMPDIR = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
});

const take = (waitSec?: number, signal = new AbortController().signal, onWait?: () => void) =>
  takeSlot(POOL, {
    exportId: 'e',
    signal,
    ...(waitSec === undefined ? {} : { waitSec }),
    ...(onWait ? { onWait } : {}),
  });
const held = (): readonly string[] => readdirSync(join(folder, readdirSync(folder)[0] ?? '')).sort();

describe('places on a device', () => {
  it('are as many as it runs at once, and free again when they are released', async () => {
    const one = await take(0);
    const two = await take(0);
    expect(held()).toEqual(['nvenc-0-0', 'nvenc-0-1']);
    expect(await take(0)).toBeUndefined();
    await one?.release();
    const three = await take(0);
    expect(three).toBeDefined();
    await two?.release();
    await three?.release();
    expect(held()).toEqual([]);
  });

  it('are waited for, and the wait is told of once', async () => {
    const one = await take();
    await take();
    let waits = 0;
    const waiting = take(undefined, undefined, () => {
      waits += 1;
      setTimeout(() => void one?.release(), 500);
    });
    expect(await waiting).toBeDefined();
    expect(waits).toBe(1);
  });

  it('of a process that died are free', async () => {
    const one = await take();
    // No process has such a number.
    const dead = { host: thisProcess().host, pid: 2 ** 22 + 1, startTicks: '1', exportId: 'dead' };
    writeFileSync(one?.path ?? '', JSON.stringify(dead));
    expect((await take(0))?.path).toBe(one?.path);
  });

  it('are not waited for after the end', async () => {
    await take();
    await take();
    const over = new AbortController();
    const waiting = take(undefined, over.signal, () => over.abort(new Error('cancelled')));
    await expect(waiting).rejects.toThrow('cancelled');
  });

  it('cannot be kept where the folder is no folder', async () => {
    await (await take())?.release();
    const [name = ''] = readdirSync(folder);
    rmSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name), '');
    expect(await take()).toBeUndefined();
  });
});
