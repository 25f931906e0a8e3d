import { readFileSync, statSync } from 'node:fs';
import { renderNodes } from '../hw/render-nodes.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Session } from './call.ts';

/** What a real trial said of each encoder: why it cannot be used, or null where it works. */
export type Trials = Readonly<Record<string, string | null>>;

const KIND = 'trials';

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n')[0] ?? '';
  } catch {
    return '';
  }
}

/** Another ffmpeg, another driver or another device may do what this one cannot. */
function keyOf({ ffmpeg }: Toolchain): string {
  const info = statSync(ffmpeg.path, { bigint: true, throwIfNoEntry: false });
  const driver = read('/proc/driver/nvidia/version');
  return [ffmpeg.path, info?.size, info?.mtimeNs, driver, ...renderNodes()].join(':');
}

/** What earlier trials on this machine said; empty where there were none. */
export function cachedTrials(session: Session, toolchain: Toolchain): Trials {
  const value = session.history.getCached(KIND, keyOf(toolchain));
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string | null] => entry[1] === null || typeof entry[1] === 'string',
    ),
  );
}

export function keepTrials(session: Session, toolchain: Toolchain, trials: Trials): void {
  session.history.putCached(KIND, keyOf(toolchain), trials);
}
