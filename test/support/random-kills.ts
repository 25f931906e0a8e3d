import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { streamDigest } from './clips.ts';
import { type CliRun, listing, shown } from './run-cli.ts';
import { expectNobodyAt, jobsOf, type Place, startExport } from './running-export.ts';

const PRECIOUS = 'precious, and not a film\n';
const STOPPED_BY = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A place whose export was once run to its end: what its film is, and how long that takes. */
export interface Measured {
  readonly place: Place;
  readonly flags: readonly string[];
  readonly digest: string;
  readonly tookMs: number;
}

/** Runs an export whole, twice (the first is slower, and the film must be the same), and takes the film away again. */
export async function measured(place: Place, flags: readonly string[]): Promise<Measured> {
  const whole = async () => {
    const run = await startExport(place, [...flags, '--overwrite']).ended;
    expect(run.code, shown(run)).toBe(0);
    return { tookMs: run.tookMs, digest: streamDigest(place.output) };
  };
  const [first, second] = [await whole(), await whole()];
  expect(second.digest, 'the same request makes the same film').toBe(first.digest);
  rmSync(place.output);
  return { place, flags, digest: first.digest, tookMs: Math.min(first.tookMs, second.tookMs) };
}

/** What a scratch folder or lock that one process left behind is called, or holds. */
function leftBy(folder: string, pid: number): readonly string[] {
  return readdirSync(folder).filter((name) => {
    if (!name.startsWith('.sg-export-')) return false;
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) return name.includes(`-${pid}-`);
    return readFileSync(path, 'utf8').includes(`"pid":${pid},`);
  });
}

/** How far the run had come: to its scratch folder, to a film at its destination, or neither. */
export type Landed = 'before its scratch folder' | 'in its scratch folder' | 'after its film';

function expectWholeOrAsBefore({ place, digest }: Measured, taken: boolean, run: CliRun): boolean {
  const asBefore = taken
    ? existsSync(place.output) && readFileSync(place.output, 'latin1') === PRECIOUS
    : !existsSync(place.output);
  if (!asBefore) expect(streamDigest(place.output), `not the right film after ${shown(run)}`).toBe(digest);
  if (run.code === 0) expect(asBefore, 'it said that it was done').toBe(false);
  return !asBefore;
}

/** Starts the export once more and ends it with a signal when this share of its usual time has gone. */
export async function killAt(
  one: Measured,
  share: number,
  signal: NodeJS.Signals,
  destination: 'free' | 'taken',
): Promise<Landed> {
  const { place, flags, tookMs } = one;
  const folder = dirname(place.output);
  rmSync(place.output, { force: true });
  if (destination === 'taken') writeFileSync(place.output, PRECIOUS);
  const run = startExport(place, [...flags, ...(destination === 'taken' ? ['--overwrite'] : [])]);
  const pid = run.child.pid ?? 0;
  await new Promise((wake) => setTimeout(wake, share * tookMs));
  const began = leftBy(folder, pid).length > 0;
  run.child.kill(signal);
  const ended = await run.ended;
  await expectNobodyAt(place);
  const delivered = expectWholeOrAsBefore(one, destination === 'taken', ended);
  const strange = listing(place.folder).filter((name) => !/^(out|out\/(out\.\w+|\.sg-export-.*)|[^/]+)$/.test(name));
  expect(strange, shown(ended)).toEqual([]);
  if (signal !== 'SIGKILL') {
    expect(leftBy(folder, pid), `left behind by ${shown(ended)}`).toEqual([]);
    if (ended.code !== null) expect([0, STOPPED_BY[signal as keyof typeof STOPPED_BY]]).toContain(ended.code);
  }
  return delivered ? 'after its film' : began ? 'in its scratch folder' : 'before its scratch folder';
}

/** Runs the export to its end and expects its film, and nothing else of all the runs before it. */
export async function expectSwept(one: Measured): Promise<void> {
  const { place, flags, digest } = one;
  const run = await startExport(place, [...flags, '--overwrite']).ended;
  expect(run.code, shown(run)).toBe(0);
  expect(streamDigest(place.output)).toBe(digest);
  expect(readdirSync(dirname(place.output))).toEqual([place.output.slice(dirname(place.output).length + 1)]);
  await expectNobodyAt(place);
  const running = (await jobsOf(place)).filter(({ completed_at }) => completed_at === null);
  expect(running, 'the history knows that all are over').toEqual([]);
}

/** How many landed where, in words. */
export function tally(landed: readonly Landed[]): string {
  const kinds = [...new Set(landed)].sort();
  return kinds.map((kind) => `${landed.filter((one) => one === kind).length} ${kind}`).join(', ');
}
