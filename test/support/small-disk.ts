import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fresh } from './run-cli.ts';

/** A file system of its own, in memory. */
export interface SmallDisk {
  readonly path: string;
  remove(): void;
}

/** Mounts a disk of so many bytes, with mount options; throws where that is not allowed. */
export function smallDisk(bytes: number, ...options: readonly string[]): SmallDisk {
  const path = join(fresh(), 'disk');
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', [`size=${bytes}`, ...options].join(','), 'tmpfs', path], {
    stdio: 'pipe',
  });
  return {
    path,
    remove: () => {
      spawnSync('umount', ['-l', path]);
    },
  };
}

/** Fills a disk but for so many bytes (whole pages). */
export function fill(path: string, leaveBytes: number): void {
  const { bavail, bsize } = statfsSync(path);
  const bytes = bavail * bsize - leaveBytes;
  if (bytes > 0) writeFileSync(join(path, 'filler'), Buffer.alloc(bytes));
}

function tryMount(): string | undefined {
  if (process.platform !== 'linux') return 'mounting a small disk needs Linux';
  try {
    smallDisk(1 << 20).remove();
    return undefined;
  } catch {
    return 'mounting a small disk needs root';
  }
}

/** Why no small disk can be mounted here. */
export const noMount: string | undefined = tryMount();
if (noMount) console.warn(`tests on small disks: skipped, ${noMount}`);
