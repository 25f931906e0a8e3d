import { describe, expect, it } from 'vitest';
import { listPlatforms } from '../../../src/presets/catalogue.ts';
import { describeRule } from '../../../src/presets/judge.ts';

describe('rules in words', () => {
  it.each(
    listPlatforms().flatMap((platform) => platform.rules.map((rule) => [platform.name, rule.rule, rule] as const)),
  )('%s, %s', (_, __, rule) => {
    const { title, wanted } = describeRule(rule);
    expect(title).not.toBe('');
    expect(wanted).not.toBe('');
    expect(wanted).not.toMatch(/undefined|\[object|NaN/);
  });

  it("a table of rates says each row, as far as a platform's page goes", () => {
    const rule = listPlatforms()
      .find((platform) => platform.platform_id === 'youtube')
      ?.rules.find((one) => one.rule === 'recommended_video_bitrate');
    expect(rule && describeRule(rule).wanted).toMatch(/^1080p to 30 fps: \S+ Mbps$/m);
  });
});
