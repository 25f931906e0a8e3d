import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Prepared } from '../../../src/app/call.ts';
import { machineParts, withPart } from '../../../src/app/multi-machine.ts';
import { requestHash } from '../../../src/app/request-hash.ts';
import { planAttempts } from '../../../src/plan/attempts.ts';
import type { ResolvedExport } from '../../../src/plan/resolved.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';
import { mediaOf, readSource } from '../../golden/source-file.ts';

const golden = readCase('h264-default');
const { resolved } = planCase(golden);
if (!resolved) throw new Error('the golden case is refused');
const media = mediaOf(readSource(golden.source));
const cores = availableParallelism();

/** As much of a prepared export as its part of the machine depends on. */
function prepared(change: Partial<ResolvedExport['video']> = {}): Prepared {
  const one = { ...resolved, video: { ...resolved?.video, ...change } } as ResolvedExport;
  const attempts = [{ resolved: one, issues: [] }];
  return { resolved: one, media, attempts, plan: planAttempts(attempts, media) } as unknown as Prepared;
}

const rung = prepared({ gop: { ...resolved.video.gop, exact: true } });
const encodeOf = ({ plan }: Prepared): string => plan?.steps.at(-1)?.args.join(' ') ?? '';

describe('rungs of a package look ahead with few pictures', () => {
  test('where so many share a process that all cores are busy', () => {
    const [part] = machineParts([rung, rung], 2, () => cores);
    expect(part?.leanLookahead).toBe(true);
    expect(encodeOf(withPart(rung, part))).toContain('-x264-params sync-lookahead=1');
    expect(encodeOf(rung)).not.toContain('sync-lookahead');
  });

  test('but not where cores are left, nor other films', () => {
    expect(machineParts([rung, rung], 2, () => cores - 1)[0]?.leanLookahead).toBe(false);
    const [part] = machineParts([prepared(), prepared()], 2, () => cores);
    expect(part?.leanLookahead).toBe(false);
    expect(encodeOf(withPart(prepared(), part))).not.toContain('sync-lookahead');
  });
});

test('its part of the machine makes no other request of it: what is there is found again', () => {
  const own = { threads: 1, leanLookahead: true };
  const { resolved: parted } = withPart(rung, own);
  expect(parted?.video).toMatchObject(own);
  expect(parted && requestHash(parted)).toBe(rung.resolved && requestHash(rung.resolved));
});

test('a lone film has the whole machine', () => {
  const one = prepared();
  const [part] = machineParts([one], 1, () => 1);
  expect(part).toEqual({ threads: undefined, leanLookahead: false });
  expect(withPart(one, part)).toBe(one);
});
