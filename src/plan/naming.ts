import type { Issue } from '../model/errors.ts';
import { closest } from '../model/suggest.ts';
import { wrong } from './finding.ts';

/** A moment in local time, passed in: the planning core has no clock. */
export interface Moment {
  /** `2026-11-21` */
  readonly date: string;
  /** `20261121T143005` */
  readonly timestamp: string;
}

export interface NameParts {
  readonly name: string;
  readonly resolution: string;
  readonly codec: string;
  readonly quality: string;
  readonly preset: string;
  readonly platform: string;
  readonly width: string;
  readonly height: string;
  readonly fps: string;
  readonly now: Moment;
}

export const DEFAULT_NAME = '{name}_{resolution}_{codec}_{quality}';

/** Fills a naming pattern. Unknown fields, and patterns that would leave the folder, are usage findings. */
export function nameOutput(
  pattern: string,
  parts: NameParts,
): { readonly name: string; readonly issues: readonly Issue[] } {
  const { now, ...fields } = parts;
  const known: Readonly<Record<string, string>> = { ...fields, date: now.date, timestamp: now.timestamp };
  const issues: Issue[] = [];
  const name = pattern.replace(/\{([^{}]*)\}/g, (whole, key: string) => {
    const value = known[key];
    if (value !== undefined) return value;
    const near = closest(key, Object.keys(known));
    issues.push(
      wrong(
        'unknown_name_field',
        '--name',
        `--name: there is no field ${whole}`,
        near
          ? `did you mean {${near}}?`
          : `fields: ${Object.keys(known)
              .map((k) => `{${k}}`)
              .join(' ')}`,
        'USAGE',
      ),
    );
    return whole;
  });
  if (/[\\/\0]/.test(pattern) || name === '' || name === '.' || name === '..') {
    issues.push(
      wrong(
        'bad_name',
        '--name',
        `--name '${pattern}' does not make a plain file name`,
        '-o chooses the folder',
        'USAGE',
      ),
    );
  }
  return { name, issues };
}
