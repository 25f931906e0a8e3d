import type { DeliveryFacts } from './facts.ts';
import type { RuleId, RuleValues } from './platform.ts';

/** What one rule finds in one delivery. */
export interface Finding {
  readonly wanted: string;
  readonly found: string;
  /** Undefined: not known. */
  readonly holds: boolean | undefined;
}

/** How a kind of rule is judged: one row for each rule id. */
export interface RuleKind<V> {
  /** What a person calls it: `frame rate`. */
  readonly title: string;
  /** The flag that changes it. */
  readonly flag: string;
  /** What would work. */
  readonly hint: (value: V) => string;
  /** Where it is only recommended, a miss is a remark and not a warning: another way of doing it right. Limits are never that. */
  readonly advice: boolean;
  /** False where the rule means nothing for this delivery; undefined where that is not known. */
  readonly concerns: (facts: DeliveryFacts) => boolean | undefined;
  readonly find: (value: V, facts: DeliveryFacts) => Finding;
}

export type RuleKinds<R extends RuleId> = { readonly [K in R]: RuleKind<RuleValues[K]> };

interface Measured<V, F> {
  readonly title: string;
  readonly flag: string;
  readonly hint: string | ((value: V) => string);
  readonly advice?: true;
  readonly concerns?: (facts: DeliveryFacts) => boolean | undefined;
  /** The one fact that it is about; undefined: not known. */
  readonly fact: (facts: DeliveryFacts) => F | undefined;
  readonly wanted: (value: V, facts: DeliveryFacts) => string;
  readonly show: (fact: F) => string;
  readonly holds: (value: V, fact: F, facts: DeliveryFacts) => boolean;
}

/** A rule about one fact: not known where the fact is not. */
export function ruleAbout<V, F>(row: Measured<V, F>): RuleKind<V> {
  const { hint, fact, wanted, show, holds } = row;
  return {
    title: row.title,
    flag: row.flag,
    hint: typeof hint === 'string' ? () => hint : hint,
    advice: row.advice ?? false,
    concerns: row.concerns ?? (() => true),
    find(value, facts) {
      const found = fact(facts);
      return {
        wanted: wanted(value, facts),
        found: found === undefined ? 'not known' : show(found),
        holds: found === undefined ? undefined : holds(value, found, facts),
      };
    },
  };
}

/** `a, b or c`. */
export function anyOf(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Up to two decimals, none of them idle. */
export const plain = (value: number): string => String(Math.round(value * 100) / 100);
export const kbpsText = (kbps: number): string => (kbps < 1000 ? `${plain(kbps)} kbps` : `${plain(kbps / 1000)} Mbps`);
