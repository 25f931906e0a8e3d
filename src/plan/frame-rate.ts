import type { Issue } from '../model/errors.ts';
import { formatRational, type Rational, rational, valueOf } from '../model/rational.ts';
import type { Layered } from '../presets/layers.ts';
import { warn, wrong } from './finding.ts';
import type { Limits } from './resolved.ts';

/** One frame in more than a second leaves short sources without any. */
const LEAST = 1;
const MOST = 240;
/** 23.976 is 24 to a platform that takes 24. */
const SLACK = 0.03;

function changed(from: Rational, to: Rational, bound: string): Issue {
  return warn(
    'platform_frame_rate',
    '--fps',
    `delivered at ${formatRational(to)} frames a second instead of ${formatRational(from)}: the platform takes ${bound}`,
    '--fps chooses',
  );
}

/** The source's own rate, brought within what the platform takes by whole factors: the cadence stays even. */
function fitted(natural: Rational, { minFrameRate, maxFrameRate }: Limits, issues: Issue[]): Rational {
  const fps = valueOf(natural);
  if (maxFrameRate !== undefined && fps > maxFrameRate + SLACK) {
    // 120 becomes 60, not 60 with uneven steps.
    const divided = rational(natural.num, natural.den * Math.ceil((fps - SLACK) / maxFrameRate));
    issues.push(changed(natural, divided, `at most ${maxFrameRate}`));
    return divided;
  }
  if (minFrameRate !== undefined && fps < minFrameRate - SLACK) {
    // 15 becomes 30: every picture is shown twice, and nothing else changes.
    const raised = rational(natural.num * Math.ceil((minFrameRate - SLACK) / fps), natural.den);
    issues.push(changed(natural, raised, `at least ${minFrameRate}`));
    return raised;
  }
  return natural;
}

/** The delivered frame rate: what was asked, else the `natural` one, within what the platform takes. */
export function deliveredRate(
  natural: Rational,
  { values, from }: Layered,
  limits: Limits,
): { readonly rate: Rational; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const asked = values.fps;
  if (asked && asked !== 'source') {
    if (valueOf(asked) < LEAST || valueOf(asked) > MOST)
      issues.push(
        wrong(
          'frame_rate_range',
          '--fps',
          `--fps ${formatRational(asked)} is out of range`,
          `from ${LEAST} to ${MOST}`,
        ),
      );
    return { rate: asked, issues };
  }
  return { rate: from.fps === 'flag' ? natural : fitted(natural, limits, issues), issues };
}
