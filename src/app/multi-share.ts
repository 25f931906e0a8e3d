import { shareKey } from '../plan/share.ts';
import type { Ready } from './export.ts';
import type { MultiRequest, RequestedExport } from './multi-request.ts';

/**
 * Cores that one ffmpeg can keep busy: 5.1 filters all its outputs in one thread. Scaling to 720p took 3.4 ms of it for
 * a million pixels, x264 at medium 51 ms for as many (5.1.9, 200 frames of a 1080p film): at 8 it is half busy.
 */
const CORES_OF_ONE = 8;

/** How many exports may share a process. */
export function mostTogether(
  { share, parallel, together = parallel }: MultiRequest,
  count: number,
  cores: number,
): number {
  const most = Math.min(together, count);
  if (share !== undefined) return share ? most : 1;
  return Math.max(1, Math.min(most, Math.floor((CORES_OF_ONE * most) / cores)));
}

/** Exports that share must have all their time together, and something to make. */
export function shareKeyOf(
  { prepared, existing }: Ready,
  { timeoutSec }: Pick<RequestedExport, 'timeoutSec'>,
): string | undefined {
  const { plan, toolchain } = prepared;
  if (!plan || existing.kind === 'complete' || timeoutSec !== undefined) return undefined;
  const key = shareKey(plan);
  return key && `${toolchain.ffmpeg.path}\n${key}`;
}
