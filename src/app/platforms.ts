import { errorOfIssues, SgError } from '../model/errors.ts';
import { SIZE_CAPS, type SizeCapRow, sizeCapRow } from '../model/size-caps.ts';
import { findPlatform, listPlatforms } from '../presets/catalogue.ts';
import { describeRule } from '../presets/judge.ts';
import { type PlatformRow, platformRow } from '../presets/rows.ts';

export const listPlatformRows = (): readonly PlatformRow[] => listPlatforms().map(platformRow);

/** The sizes that `--max-size` and `--target-size` know by a name. */
export const listSizeCaps = (): readonly SizeCapRow[] => SIZE_CAPS.map(sizeCapRow);

/** A platform by its id or another name of it, its rules also in words. Throws SgError USAGE for an unknown one. */
export function showPlatform(id: string) {
  const { found, issues } = findPlatform(id);
  if (!found) throw errorOfIssues(issues) ?? new SgError('USAGE', `there is no platform '${id}'`);
  return { row: platformRow(found), rules: found.rules.map((rule) => ({ ...rule, ...describeRule(rule) })) };
}
