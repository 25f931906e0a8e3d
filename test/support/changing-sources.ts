import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { expect } from 'vitest';
import { streamDigest } from './clips.ts';
import { fresh, listing, ok, shown, startSg } from './run-cli.ts';
import type { Random } from './seeded-random.ts';

/** What somebody may do to a file that is being read. */
export type Harm = 'cut' | 'replaced' | 'written over' | 'removed' | 'continued';
export const HARMS: readonly Harm[] = ['cut', 'replaced', 'written over', 'removed', 'continued'];

/** Writes other content into the very same file, as `cat other > film` does in several steps. */
function writeOver(path: string, content: Buffer): void {
  const file = openSync(path, 'r+');
  for (let at = 0; at < content.length; at += 65_536)
    writeSync(file, content, at, Math.min(65_536, content.length - at), at);
  ftruncateSync(file, content.length);
  closeSync(file);
}

const DO: Readonly<Record<Harm, (source: string, other: string, random: Random) => void>> = {
  cut: (source, _other, random) => truncateSync(source, Math.floor(statSync(source).size * (0.05 + 0.9 * random()))),
  replaced: (source, other) => {
    copyFileSync(other, `${source}.new`);
    renameSync(`${source}.new`, source);
  },
  'written over': (source, other) => writeOver(source, readFileSync(other)),
  removed: (source) => rmSync(source),
  continued: (source) => appendFileSync(source, Buffer.alloc(100_000, 0x5a)),
};

/** A film, what it becomes, and what a request makes of either, as `digest of content → digest of streams`. */
export interface Changing {
  readonly film: string;
  readonly other: string;
  readonly flags: readonly string[];
  readonly output: string;
  readonly right: ReadonlyMap<string, string>;
  readonly tookMs: number;
}

const sha256 = (path: string): string => `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;

/** Exports both films undisturbed. */
export async function changing(
  film: string,
  other: string,
  flags: readonly string[],
  output: string,
): Promise<Changing> {
  const right = new Map<string, string>();
  const took: number[] = [];
  for (const path of [other, film]) {
    const made = join(fresh(), output);
    took.push((await ok(['export', path, '-o', made, ...flags])).tookMs);
    right.set(sha256(path), streamDigest(made));
  }
  expect(new Set(right.values()).size, 'two different films').toBe(2);
  // What follows its last byte changes nothing in a film.
  const longer = join(fresh(), 'longer');
  copyFileSync(film, longer);
  DO.continued(longer, other, () => 0);
  right.set(sha256(longer), right.get(sha256(film)) ?? '');
  return { film, other, flags, output, right, tookMs: Math.min(...took) };
}

interface Receipt {
  readonly source: { readonly sha256: string };
}

/**
 * Exports the film and harms it when this share of the usual time has gone. Expects exit 6, or 3 where it was seen
 * before the start, and nothing left; or the right film, and a receipt that names the content that it was made of.
 */
export async function harmAt(one: Changing, share: number, harm: Harm, random: Random): Promise<number> {
  const folder = fresh();
  const source = join(folder, `film${extname(one.film)}`);
  const output = join(folder, 'out', one.output);
  mkdirSync(dirname(output));
  copyFileSync(one.film, source);
  const receipt = join(folder, 'out', 'receipt.json');
  const run = startSg(['export', source, '-o', output, ...one.flags, '--receipt', receipt]);
  await new Promise((wake) => setTimeout(wake, share * one.tookMs));
  DO[harm](source, one.other, random);
  const ended = await run.ended;
  const told = `${harm} at ${share.toFixed(2)}: ${shown(ended)}`;
  if (ended.code !== 0) {
    expect([3, 6], told).toContain(ended.code);
    expect(ended.stderr.match(/^error:/gm), told).toHaveLength(1);
    expect(listing(dirname(output)), told).toEqual([]);
    return ended.code ?? -1;
  }
  expect(listing(dirname(output)), told).toEqual([basename(output), 'receipt.json'].sort());
  const { source: read }: Receipt = JSON.parse(readFileSync(receipt, 'utf8'));
  const film = one.right.get(read.sha256);
  expect(film, `the receipt's source is none of the films: ${told}`).toBeDefined();
  expect(streamDigest(output), `a wrong film: ${told}`).toBe(film);
  return 0;
}
