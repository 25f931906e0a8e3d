import { readdirSync } from 'node:fs';

/** Devices under /dev/dri that VA-API and Quick Sync open; none where the system has none. */
export function renderNodes(): readonly string[] {
  try {
    const names = readdirSync('/dev/dri').filter((name) => name.startsWith('renderD'));
    return names.sort().map((name) => `/dev/dri/${name}`);
  } catch {
    return [];
  }
}
