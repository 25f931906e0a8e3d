/** One encode on the curve of size over quality. */
export interface QualityPoint {
  readonly bytes: number;
  readonly ssim: number;
}

/** SSIM in decibels, in which steps near 1 count as much as steps below. */
export const decibels = (ssim: number): number => -10 * Math.log10(1 - ssim);

/** Bytes that a curve has at an SSIM: log(size) over SSIM in dB, straight between neighbours and beyond the ends. */
export function bytesAt(curve: readonly QualityPoint[], ssim: number): number {
  const points = [...curve].sort((a, b) => a.ssim - b.ssim);
  const above = points.findIndex((point) => point.ssim >= ssim);
  const upper = Math.max(1, above === -1 ? points.length - 1 : above);
  const [low, high] = [points[upper - 1], points[upper]];
  if (!low || !high) throw new Error('a curve needs two points');
  const share = (decibels(ssim) - decibels(low.ssim)) / (decibels(high.ssim) - decibels(low.ssim));
  return low.bytes * (high.bytes / low.bytes) ** share;
}

/** The ends of what both curves cover. */
export function commonSsim(
  a: readonly QualityPoint[],
  b: readonly QualityPoint[],
): readonly [low: number, high: number] {
  const of = (curve: readonly QualityPoint[]) => curve.map(({ ssim }) => ssim);
  return [Math.max(Math.min(...of(a)), Math.min(...of(b))), Math.min(Math.max(...of(a)), Math.max(...of(b)))];
}

/** Bytes of `curve` relative to `reference` at equal SSIM: the median over the part that both cover. */
export function relativeBytes(curve: readonly QualityPoint[], reference: readonly QualityPoint[]): number {
  const [low, high] = commonSsim(curve, reference);
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const db = decibels(low) + share * (decibels(high) - decibels(low));
    const ssim = 1 - 10 ** (-db / 10);
    return bytesAt(curve, ssim) / bytesAt(reference, ssim);
  });
  return median(steps);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error('no values');
  return (low + high) / 2;
}
