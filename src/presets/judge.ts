import type { Issue } from '../model/errors.ts';
import { closest } from '../model/suggest.ts';
import { type DeliveryFacts, videoCodecId } from './facts.ts';
import { FILE_RULES } from './file-rules.ts';
import { PICTURE_RULES } from './picture-rules.ts';
import type {
  Platform,
  PlatformRule,
  RuleConflict,
  RuleId,
  RuleOf,
  RuleSeverity,
  RuleSurface,
  RuleValues,
} from './platform.ts';
import { kbpsText, plain, type RuleKind } from './rule-kind.ts';
import { SOUND_RULES } from './sound-rules.ts';
import { VIDEO_RULES } from './video-rules.ts';

/** Every rule that a platform file may hold, and how it is judged. */
export const RULE_KINDS: { readonly [R in RuleId]: RuleKind<RuleValues[R]> } = {
  ...FILE_RULES,
  ...VIDEO_RULES,
  ...PICTURE_RULES,
  ...SOUND_RULES,
};
export const RULE_IDS: readonly string[] = Object.keys(RULE_KINDS);

/** What one rule of a platform says of one delivery. Goes into receipts and `--json` as it is. */
export interface RuleVerdict {
  readonly platform: string;
  readonly rule: RuleId;
  /** What a person calls it: `frame rate`. */
  readonly title: string;
  readonly severity: RuleSeverity;
  readonly surface: RuleSurface;
  readonly wanted: string;
  /** `not known` where the verdict is `unknown` for want of a fact. */
  readonly found: string;
  /** `allowed`: broken, but let pass by `--allow`. */
  readonly verdict: 'pass' | 'fail' | 'warn' | 'unknown' | 'allowed';
  /** A miss is a remark, not a warning. */
  readonly advice: boolean;
  readonly source: string;
  readonly checked_on: string;
  readonly conflicts: readonly RuleConflict[];
  readonly hint: string;
  /** The flag that changes it. */
  readonly flag: string;
}

/** False: not about this delivery; undefined: not known. */
function concerns<R extends RuleId>(
  rule: RuleOf<R>,
  kind: RuleKind<RuleValues[R]>,
  facts: DeliveryFacts,
): boolean | undefined {
  const { videoCodec } = facts;
  const byCodec =
    rule.applies_to === undefined ||
    (videoCodec === undefined ? undefined : rule.applies_to.includes(videoCodecId(videoCodec)));
  const byKind = kind.concerns(facts);
  return byCodec === false || byKind === false ? false : byCodec && byKind;
}

function verdictOf(rule: PlatformRule, holds: boolean | undefined, allow: readonly string[]): RuleVerdict['verdict'] {
  if (holds === undefined) return 'unknown';
  if (holds) return 'pass';
  if (allow.includes(rule.rule)) return 'allowed';
  return rule.severity === 'reject' ? 'fail' : 'warn';
}

function judgeRule<R extends RuleId>(
  platform: Platform,
  rule: RuleOf<R> & PlatformRule,
  facts: DeliveryFacts,
  allow: readonly string[],
): RuleVerdict | undefined {
  const kind: RuleKind<RuleValues[R]> = RULE_KINDS[rule.rule];
  const concerned = concerns(rule, kind, facts);
  if (concerned === false) return undefined;
  const { wanted, found, holds } = kind.find(rule.value, facts);
  return {
    platform: platform.name,
    rule: rule.rule,
    title: kind.title,
    severity: rule.severity,
    surface: rule.surface,
    wanted,
    found,
    verdict: verdictOf(rule, concerned ? holds : undefined, allow),
    advice: kind.advice && rule.severity === 'recommend',
    source: rule.source,
    checked_on: rule.checked_on,
    conflicts: rule.conflicts,
    hint: kind.hint(rule.value),
    flag: kind.flag,
  };
}

/**
 * Judges a delivery, planned or measured, by a platform's rules, in their order. Rules that mean nothing for
 * it (a rule about sound where there is none) are left out; what cannot be known is `unknown`. `allow` names
 * rules that may be broken.
 */
export function judge(platform: Platform, facts: DeliveryFacts, allow: readonly string[] = []): readonly RuleVerdict[] {
  return platform.rules.flatMap((rule) => judgeRule(platform, rule, facts, allow) ?? []);
}

function issueOf(verdict: RuleVerdict, path: string | undefined): Issue {
  const { platform, title, wanted, found, source, checked_on: date, surface } = verdict;
  const refused = verdict.verdict === 'fail';
  const passed = verdict.verdict === 'allowed' ? ', let pass by --allow' : '';
  return {
    severity: refused ? 'error' : verdict.advice || verdict.verdict === 'allowed' ? 'info' : 'warning',
    code: `platform_${verdict.rule}`,
    message: `${platform} (${surface}), ${title}: wants ${wanted}, found ${found}${passed} (${source}, ${date})`,
    path: path ?? verdict.flag,
    hint: refused ? `${verdict.hint}; --allow ${verdict.rule} lets it pass` : verdict.hint,
    exit: 'RULES',
  };
}

/** Broken rules as findings: errors where the platform rejects, warnings where it does not, remarks where it is only advice. `path`: the file judged; left out, the flag that would change it. */
export function verdictsToIssues(verdicts: readonly RuleVerdict[], path?: string): readonly Issue[] {
  return verdicts
    .filter((verdict) => verdict.verdict !== 'pass' && verdict.verdict !== 'unknown')
    .map((verdict) => issueOf(verdict, path));
}

/** `--allow` names rules: a name that is none is a usage error. */
export function checkAllowed(allow: readonly string[]): readonly Issue[] {
  return allow
    .filter((name) => !RULE_IDS.includes(name))
    .map((name): Issue => {
      const near = closest(name, RULE_IDS);
      return {
        severity: 'error',
        code: 'unknown_rule',
        message: `--allow: there is no rule '${name}'`,
        path: '--allow',
        hint: near ? `did you mean '${near}'?` : `rules: ${RULE_IDS.join(', ')}`,
        exit: 'USAGE',
      };
    });
}

function ratesText({ rows }: RuleValues['recommended_video_bitrate']): string {
  const rate = ({ min_kbps: min, max_kbps: max }: (typeof rows)[number]): string =>
    min === max ? kbpsText(min) : `${plain(min / 1000)}–${plain(max / 1000)} Mbps`;
  return rows
    .map((row) => `${row.short_side}p to ${row.max_frame_rate} fps${row.hdr ? ' HDR' : ''}: ${rate(row)}`)
    .join('\n');
}

function wantedBy<R extends RuleId>(rule: RuleOf<R> & PlatformRule): string {
  const kind: RuleKind<RuleValues[R]> = RULE_KINDS[rule.rule];
  return kind.find(rule.value, {}).wanted;
}

/** What a rule is about and what it wants, in a person's words, before there is a delivery to judge. */
export function describeRule(rule: PlatformRule): { readonly title: string; readonly wanted: string } {
  const about = rule.applies_to ? ` (${rule.applies_to.join(', ')})` : '';
  return {
    title: `${RULE_KINDS[rule.rule].title}${about}`,
    // A table has no one answer while the size of the picture is not known.
    wanted: rule.rule === 'recommended_video_bitrate' ? ratesText(rule.value) : wantedBy(rule),
  };
}
