import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPlatforms } from '../../src/presets/catalogue.ts';
import { RULE_KINDS, type RuleVerdict } from '../../src/presets/judge.ts';
import type { Platform, PlatformRule, RuleId, RuleOf } from '../../src/presets/platform.ts';
import { ALONG_WITH, BREAKERS } from '../support/broken-deliveries.ts';
import { ffmpeg, MEDIA, noMedia } from '../support/clips.ts';
import { deliver, MASTER, type Recipe, SOCIAL } from '../support/deliveries.ts';
import { fresh, ok, ROOT, sg, shown } from '../support/run-cli.ts';

/** Four real sources: a phone's upright film, broadcast fields, surround sound, HDR. */
const SOURCES = [
  'nail_vertical_phone_1916x1080_rot.mp4',
  'bbb_576i50_mpeg2_tff_sar64-45.ts',
  'bbb_720p25_ac3_51.mkv',
  'phone_hdr10_pq_1080p_hevc10.mp4',
];

/** The HDR clip lasts a second, and platforms want three at least: it is shown four times. */
function lasting(name: string): string {
  if (!name.startsWith('phone_hdr10')) return join(MEDIA, name);
  const longer = join(ROOT, name);
  if (!existsSync(longer)) ffmpeg(['-stream_loop', '3', '-i', join(MEDIA, name), '-c', 'copy', longer]);
  return longer;
}

async function rulesOf(file: string, platform: Platform): Promise<readonly RuleVerdict[]> {
  const run = await sg(['validate', '--file', file, '--platform', platform.platform_id, '--json']);
  return JSON.parse(run.stdout || '{}').rules ?? expect.fail(shown(run));
}

const broken = (rules: readonly RuleVerdict[]): readonly RuleVerdict[] =>
  rules.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');

describe.each(listPlatforms())('$name', (platform) => {
  const good: Recipe = platform.platform_id === 'professional' ? MASTER : SOCIAL;
  const goodFile = () => deliver(good, join(ROOT, `${platform.platform_id}.${good.extension}`));

  test.skipIf(noMedia).each(SOURCES)('takes its own export of %s', { timeout: 300_000 }, async (name) => {
    const args = ['--platform', platform.platform_id, '--speed', 'ultrafast', '--duration', '4', '-o', fresh(), '-q'];
    const { stdout } = await ok(['export', lasting(name), ...args], { timeoutMs: 280_000 });
    const rules = await rulesOf(stdout.trim(), platform);
    expect(rules.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(rules.length).toBeGreaterThanOrEqual(4);
  });

  test('takes a good file of another tool', async () => {
    const rules = await rulesOf(goodFile(), platform);
    expect(broken(rules).filter(({ rule }) => rule !== 'recommended_aspect')).toEqual([]);
    expect(rules.filter(({ verdict }) => verdict === 'unknown')).toEqual([]);
  });

  test.each(platform.rules.map((rule, index) => ({ index, id: rule.rule, severity: rule.severity, rule })))(
    '$index catches a file that breaks $id ($severity)',
    { timeout: 300_000 },
    async ({ index, rule }) => {
      const bad = brokenBy(good, rule);
      const file = deliver(bad, join(ROOT, `${platform.platform_id}-${index}.${bad.extension}`));
      const [before, after] = [await rulesOf(goodFile(), platform), await rulesOf(file, platform)];
      const hits = broken(after).filter((verdict) => verdict.rule === rule.rule);
      expect(hits, JSON.stringify(after.filter((one) => one.rule === rule.rule))).not.toEqual([]);
      expect(hits.map(({ source }) => source)).toContain(rule.source);
      expect(hits.some(({ verdict }) => verdict === 'fail')).toBe(
        platform.rules.some((one) => one.rule === rule.rule && one.severity === 'reject') && rejects(hits),
      );
      const known = broken(before).map((one) => one.rule);
      const also = [rule.rule, ...known, ...(ALONG_WITH[rule.rule] ?? [])];
      expect(
        broken(after)
          .map((one) => one.rule)
          .filter((one) => !also.includes(one)),
      ).toEqual([]);
    },
  );
});

/** A softer rule of the same kind may be broken where the rejecting one holds: 100 MB against 72 and 287. */
const rejects = (hits: readonly RuleVerdict[]): boolean => hits.some(({ severity }) => severity === 'reject');

function brokenBy<R extends RuleId>(good: Recipe, rule: RuleOf<R> & PlatformRule): Recipe {
  const breaker = BREAKERS[rule.rule];
  if (!breaker) throw new Error(`no file breaks ${rule.rule}: add one to broken-deliveries.ts`);
  return (breaker as (good: Recipe, value: unknown) => Recipe)(codecFor(good, rule), rule.value);
}

/** Rules about one codec are broken by a file in it. */
function codecFor(good: Recipe, { applies_to: codecs }: PlatformRule): Recipe {
  return !codecs || codecs.includes('h264') || good === MASTER ? good : expect.fail(`no recipe for ${codecs}`);
}

test('every kind of rule that a platform has can be broken, and each breaker is used', () => {
  const used = new Set(listPlatforms().flatMap(({ rules }) => rules.map(({ rule }) => rule)));
  expect([...used].filter((rule) => !(rule in BREAKERS))).toEqual([]);
  expect(Object.keys(BREAKERS).filter((rule) => !(rule in RULE_KINDS))).toEqual([]);
});
