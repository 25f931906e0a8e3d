import type { EncoderRow, SettingRule } from '../codecs/encoder-row.ts';
import type { Issue } from '../model/errors.ts';
import { closest } from '../model/suggest.ts';
import { wrong } from './finding.ts';

function outOfRule(rule: SettingRule, value: string): string | undefined {
  if (rule.type === 'enum') return rule.values.includes(value) ? undefined : rule.values.join(', ');
  const number = Number(value);
  const good =
    value.trim() !== '' &&
    number >= rule.min &&
    number <= rule.max &&
    (rule.type === 'number' || Number.isInteger(number));
  return good ? undefined : `${rule.type === 'int' ? 'a whole number' : 'a number'} from ${rule.min} to ${rule.max}`;
}

/** Every key that `--set` takes for an encoder: its own, and the pixel format. */
export function settingsOf(row: EncoderRow): Readonly<Record<string, SettingRule>> {
  return {
    ...row.settings,
    pixel_format: {
      type: 'enum',
      values: row.formats.map((f) => f.name),
      help: 'pixel format (default: by the source and what players read)',
    },
  };
}

/** Checks `--set key=value` against the encoder's own table. Unknown keys and values out of range are RULES findings. */
export function readCustom(
  row: EncoderRow,
  assignments: readonly string[],
): { readonly custom: Readonly<Record<string, string>>; readonly issues: readonly Issue[] } {
  const known = settingsOf(row);
  const custom: Record<string, string> = {};
  const issues: Issue[] = [];
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    const [key, value] = [assignment.slice(0, at), assignment.slice(at + 1)];
    const rule = known[key];
    if (!rule) {
      const near = closest(key, Object.keys(known));
      issues.push(
        wrong(
          'unknown_setting',
          '--set',
          `--set ${key}: ${row.encoder} has no such setting`,
          near ? `did you mean ${near}?` : `it has ${Object.keys(known).join(', ')}`,
        ),
      );
      continue;
    }
    const want = outOfRule(rule, value);
    if (want) issues.push(wrong('bad_setting', '--set', `--set ${key}=${value}: not ${want}`, rule.help));
    else custom[key] = value;
  }
  return { custom, issues };
}
