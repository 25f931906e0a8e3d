import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFolderPlace, placeFolder, restoreFolder } from '../../../src/files/place-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'sg-place-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** A finished folder, and where it goes; where `old` is given, one stands there. */
function places(old?: string) {
  count += 1;
  const at = join(root, String(count));
  const [from, to] = [join(at, '.made', 'package'), join(at, 'film_hls')];
  mkdirSync(from, { recursive: true });
  writeFileSync(join(from, 'master.m3u8'), 'new');
  if (old !== undefined) {
    mkdirSync(to);
    writeFileSync(join(to, 'master.m3u8'), old);
  }
  return { at, from, to, read: () => readFileSync(join(to, 'master.m3u8'), 'utf8') };
}

const RULES = { overwrite: true, knownBy: ['master.m3u8', 'manifest.mpd'] };

describe('putting a folder into place', () => {
  it('moves it, and leaves what came there alone', async () => {
    const free = places();
    await placeFolder(free.from, free.to, false);
    expect(free.read()).toBe('new');
    const taken = places('old');
    await expect(placeFolder(taken.from, taken.to, false)).rejects.toMatchObject({ code: 'USAGE' });
    expect(taken.read()).toBe('old');
    expect(existsSync(taken.from)).toBe(true);
  });

  it('replaces the old one as a whole', async () => {
    const { at, from, to, read } = places('old');
    writeFileSync(join(to, 'segment.m4s'), 'old');
    await placeFolder(from, to, true);
    expect(read()).toBe('new');
    expect(readdirSync(to)).toEqual(['master.m3u8']);
    expect(readdirSync(at).sort()).toEqual(['.made', 'film_hls']);
  });

  it('gives the old one back where the new one cannot be put there', async () => {
    const { at, from, to, read } = places('old');
    rmSync(from, { recursive: true });
    await expect(placeFolder(from, to, true)).rejects.toMatchObject({ code: 'USAGE' });
    expect(read()).toBe('old');
    expect(readdirSync(at).sort()).toEqual(['.made', 'film_hls']);
  });

  it('gives back what a killed run had put aside, and nothing where a folder stands', async () => {
    const { at, to, read } = places('old');
    const aside = join(at, '.film_hls.sg-export-old');
    renameSync(to, aside);
    await restoreFolder(to);
    expect(read()).toBe('old');
    mkdirSync(aside);
    await restoreFolder(to);
    expect(read()).toBe('old');
    expect(existsSync(aside)).toBe(true);
  });
});

describe('what stands at the place of a folder', () => {
  const codes = async (to: string, sources: readonly string[], overwrite: boolean) =>
    (await checkFolderPlace(to, sources, { ...RULES, overwrite })).map(({ code }) => code);

  it('is refused unless it is a package that may be replaced', async () => {
    expect(await codes(places().to, [], false)).toEqual([]);
    const { to } = places('old');
    expect(await codes(to, [], false)).toEqual(['output_exists']);
    expect(await codes(to, [], true)).toEqual([]);
    rmSync(join(to, 'master.m3u8'));
    writeFileSync(join(to, 'photo.jpg'), 'mine');
    expect(await codes(to, [], true)).toEqual(['output_not_a_package']);
  });

  it('is not replaced where the source lies in it, nor where it is a file', async () => {
    const { to, at } = places('old');
    expect(await codes(to, [join(to, 'in.mov')], true)).toEqual(['output_holds_input']);
    const file = join(at, 'other_hls');
    writeFileSync(file, 'a file');
    expect(await codes(file, [], true)).toEqual(['output_not_a_package']);
  });
});
