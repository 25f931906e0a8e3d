import type { Issue } from '../model/errors.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { SizeLimit } from '../model/plan.ts';
import { formatBytes } from '../model/units.ts';
import { type Platform, rulesOf } from '../presets/platform.ts';

/** What a platform says of sizes, for a file whose size is not known before it is made; without what `--allow` lets pass. */
export function sizeLimitsOf(platform: Platform | undefined, allow: readonly string[]): readonly SizeLimit[] {
  if (!platform || allow.includes('max_file_size')) return [];
  return rulesOf(platform, 'max_file_size').map(({ value, severity, surface, source, checked_on: date }) => {
    const refuses = severity === 'reject';
    const what = 'a lower --quality or --resolution, a --bitrate, or a shorter part';
    return {
      bytes: value * 1e6,
      refuses,
      reason: `${platform.name} (${surface}) ${refuses ? 'takes' : 'wants'} at most ${formatBytes(value * 1e6)} (${source}, ${date})`,
      hint: refuses ? `${what}; --allow max_file_size lets it pass` : what,
    };
  });
}

/** The size that was asked for as a limit: whatever decided the rate, a larger file is never delivered. */
export function askedLimits({ maxSize, sizeCap }: OptionValues): readonly SizeLimit[] {
  if (maxSize === undefined) return [];
  const reason = `--max-size ${sizeCap === undefined ? '' : `${sizeCap} `}is ${formatBytes(maxSize)}`;
  const hint = 'a larger size, another --codec, a lower --resolution or --audio-bitrate, or a shorter part';
  return [{ bytes: maxSize, refuses: true, reason, hint }];
}

/** A warning where the estimate, an upper guess, is beyond what the platform takes. */
export function expectedSizeIssues(limits: readonly SizeLimit[], estimatedBytes: number): readonly Issue[] {
  return limits
    .filter(({ refuses, bytes }) => refuses && estimatedBytes > bytes)
    .map(({ reason, hint }) => ({
      severity: 'warning',
      code: 'size_may_exceed',
      message: `up to ${formatBytes(estimatedBytes)} may come out, and ${reason}: a larger file is not delivered`,
      path: '--platform',
      hint,
      exit: 'TARGET',
    }));
}
