import type { Moment } from '../plan/naming.ts';

/** Now, in local time, as names use it. */
export function momentNow(now = new Date()): Moment {
  const pad = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  return {
    date,
    timestamp: `${date.replaceAll('-', '')}T${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`,
  };
}
