import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../src/model/read-options.ts';
import { SIZE_CAPS } from '../../../src/model/size-caps.ts';
import { listPlatforms, listPresets } from '../../../src/presets/catalogue.ts';
import { RULE_IDS } from '../../../src/presets/judge.ts';
import {
  configJsonSchema,
  jobJsonSchema,
  PlatformFileSchema,
  PresetFileSchema,
  platformJsonSchema,
  presetJsonSchema,
} from '../../../src/presets/schema.ts';
import { SizeCapsFileSchema, sizeCapsJsonSchema } from '../../../src/presets/size-caps-schema.ts';

const folder = fileURLToPath(new URL('../../../presets/', import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(`${folder}${path}`, 'utf8'));
const jsonIn = (path: string) => readdirSync(`${folder}${path}`).filter((name) => name.endsWith('.json'));

describe('shipped preset files', () => {
  it.each(jsonIn('.'))('%s is what the schema and the options say', (name) => {
    const raw = readJson(name);
    expect(PresetFileSchema.safeParse(raw).error?.issues ?? []).toEqual([]);
    expect(raw.$schema).toBe('./schema/preset.schema.json');
    expect(raw.preset_id).toBe(basename(name, '.json'));
    const preset = listPresets().find((one) => one.preset_id === raw.preset_id);
    expect(preset, `${name} is missing in src/presets/builtin.ts`).toBeDefined();
    expect(readOptions(preset?.settings ?? {}, { kind: 'preset', file: name }).issues).toEqual([]);
  });
});

describe('shipped platform files', () => {
  it.each(jsonIn('platforms'))('%s is what the schema says', (name) => {
    const raw = readJson(`platforms/${name}`);
    expect(PlatformFileSchema.safeParse(raw).error?.issues ?? []).toEqual([]);
    expect(raw.platform_id).toBe(basename(name, '.json'));
    expect(listPlatforms().map((one) => one.platform_id)).toContain(raw.platform_id);
    const { issues } = readOptions(raw.recommended_settings, { kind: 'preset', file: name });
    expect(issues, 'recommended_settings are options').toEqual([]);
  });

  it('only rules that can be judged, each with its page and date, none twice', () => {
    for (const platform of listPlatforms()) {
      const seen = new Set<string>();
      for (const rule of platform.rules) {
        const at = `${platform.platform_id}: ${rule.rule}`;
        expect(RULE_IDS, at).toContain(rule.rule);
        expect(rule.source, at).toMatch(/^(https:\/\/\S+|product requirements)$/);
        expect(rule.checked_on, at).toMatch(/^\d{4}-\d{2}-\d{2}$/);
        const key = `${rule.rule} ${rule.severity} ${rule.surface}`;
        expect(seen.has(key), `${at} stands twice`).toBe(false);
        seen.add(key);
        for (const conflict of rule.conflicts) {
          expect(conflict.value, `${at}: a page that agrees is no conflict`).not.toEqual(rule.value);
        }
      }
    }
  });

  it('a rule that is not known, or without a source, is refused', () => {
    const raw = readJson('platforms/web.json');
    const [first] = raw.rules;
    const wrong = [
      { ...first, rule: 'max_fun' },
      { ...first, source: undefined },
      { ...first, checked_on: 'today' },
    ];
    for (const rule of wrong) expect(PlatformFileSchema.safeParse({ ...raw, rules: [rule] }).success).toBe(false);
  });
});

describe('sizes with a name', () => {
  const raw = readJson('sizes/caps.json');

  it('are what the schema says, each name once', () => {
    expect(SizeCapsFileSchema.safeParse(raw).error?.issues ?? []).toEqual([]);
    const ids = SIZE_CAPS.map(({ cap_id: id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { cap_id: id, limit_mb: mb, conflicts } of SIZE_CAPS)
      for (const { value_mb: other } of conflicts)
        expect(other, `${id}: a page that agrees is no conflict`).not.toBe(mb);
  });

  it('one without a source is refused', () => {
    const [first] = raw.caps;
    for (const cap of [
      { ...first, source: 'somebody said so' },
      { ...first, checked_on: undefined },
    ])
      expect(SizeCapsFileSchema.safeParse({ ...raw, caps: [cap] }).success).toBe(false);
  });
});

describe('JSON Schemas for editors', () => {
  const again = 'UPDATE_SCHEMAS=1 npx vitest run test/unit/presets/schema.test.ts && npx biome format --write presets';
  it.each([
    ['schema/preset.schema.json', presetJsonSchema],
    ['schema/platform.schema.json', platformJsonSchema],
    ['schema/config.schema.json', configJsonSchema],
    ['schema/job.schema.json', jobJsonSchema],
    ['schema/size-caps.schema.json', sizeCapsJsonSchema],
  ] as const)('%s is the one that the code makes', (path, make) => {
    const made = JSON.parse(JSON.stringify(make()));
    if (process.env.UPDATE_SCHEMAS) writeFileSync(`${folder}${path}`, `${JSON.stringify(made, null, 2)}\n`);
    expect(readJson(path), `stale: make it again with ${again}`).toEqual(made);
  });
});
