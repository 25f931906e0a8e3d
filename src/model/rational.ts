/** An exact fraction, in lowest terms: frame rates, aspect ratios, time bases. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

export function rational(num: number, den = 1): Rational {
  const divisor = gcd(num, den) || 1;
  const sign = den < 0 ? -1 : 1;
  return { num: (sign * num) / divisor, den: (sign * den) / divisor };
}

export const valueOf = (r: Rational): number => r.num / r.den;
export const sameRational = (a: Rational, b: Rational): boolean => a.num * b.den === b.num * a.den;
/** `30000/1001`, or `25` when whole. */
export const formatRational = (r: Rational): string => (r.den === 1 ? `${r.num}` : `${r.num}/${r.den}`);

/** Reads `30000/1001` or `4:3`; undefined for `0/0`, `N/A` and anything else. */
export function parseRational(text: string | undefined): Rational | undefined {
  const match = /^(\d+)[/:](\d+)$/.exec(text ?? '');
  if (!match) return undefined;
  const [num, den] = [Number(match[1]), Number(match[2])];
  return num > 0 && den > 0 ? rational(num, den) : undefined;
}

/** The broadcast and film rates, exact. */
export const STANDARD_RATES: readonly Rational[] = [
  rational(24000, 1001),
  rational(24),
  rational(25),
  rational(30000, 1001),
  rational(30),
  rational(48000, 1001),
  rational(48),
  rational(50),
  rational(60000, 1001),
  rational(60),
  rational(100),
  rational(120000, 1001),
  rational(120),
];

/** The standard rate within a relative distance, or undefined. */
export function nearestStandardRate(fps: number, within = 0.0006): Rational | undefined {
  let best: Rational | undefined;
  for (const rate of STANDARD_RATES) {
    const off = Math.abs(valueOf(rate) - fps) / fps;
    if (off <= within && (!best || off < Math.abs(valueOf(best) - fps) / fps)) best = rate;
  }
  return best;
}
