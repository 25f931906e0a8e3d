import * as z from 'zod';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import type { OptionRow } from '../model/option-row.ts';
import { keyOf, OPTIONS } from '../model/options.ts';
import type { RuleId, RuleValues } from './platform.ts';

const words = z.array(z.string().min(1)).min(1).readonly();
const positive = z.number().positive();
const ratio = z.string().regex(/^\d+(\.\d+)?:\d+(\.\d+)?$/);
const source = z.union([z.url({ protocol: /^https$/ }), z.literal('product requirements')]);
const date = z.iso.date();

const RULE_VALUES: { readonly [R in RuleId]: z.ZodType<RuleValues[R]> } = {
  container: words,
  max_file_size: positive.meta({ description: 'MB of 1,000,000 bytes' }),
  min_file_size: positive.meta({ description: 'MB of 1,000,000 bytes' }),
  max_duration: positive.meta({ description: 'seconds' }),
  min_duration: positive.meta({ description: 'seconds' }),
  moov_at_front: z.literal(true),
  no_edit_list: z.literal(true),
  fragmented: z.literal(false),
  video_codec: words,
  h264_profile: words,
  cabac: z.literal(true),
  b_frames: z.int().nonnegative().meta({ description: 'B-frames in a row, at most' }),
  closed_gop: z.literal(true),
  max_keyframe_interval: positive.meta({ description: 'seconds' }),
  hevc_tag: words,
  max_video_bitrate: positive.meta({ description: 'kbps' }),
  min_video_bitrate: positive.meta({ description: 'kbps' }),
  recommended_video_bitrate: z.strictObject({
    too_little: positive.max(1).meta({ description: 'the part of the advice below which a remark is made' }),
    rows: z
      .array(
        z.strictObject({
          short_side: positive,
          max_frame_rate: positive,
          hdr: z.boolean(),
          min_kbps: positive,
          max_kbps: positive,
        }),
      )
      .min(1)
      .readonly(),
  }),
  max_width: positive,
  max_height: positive,
  min_width: positive,
  min_height: positive,
  max_long_side: positive,
  max_short_side: positive,
  min_long_side: positive,
  min_short_side: positive,
  aspect_ratio: z.strictObject({ min: ratio, max: ratio }),
  recommended_aspect: z.array(ratio).min(1).readonly(),
  max_frame_rate: positive,
  min_frame_rate: positive,
  constant_frame_rate: z.literal(true),
  progressive: z.literal(true),
  pixel_format: z
    .array(z.enum(['4:2:0', '4:2:2', '4:4:4', 'RGB']))
    .min(1)
    .readonly(),
  bit_depth: z.int().positive(),
  sample_aspect: z.literal('1:1'),
  colour_space: z.literal('bt709').meta({ description: 'of SDR: primaries, transfer and matrix' }),
  hdr: z.strictObject({ allowed: z.boolean(), min_short_side: positive.optional() }),
  rotation_matrix: z.literal(false),
  audio_required: z.literal(true),
  audio_codec: words,
  audio_profile: words,
  audio_channels: z.array(z.int().positive()).min(1).readonly(),
  audio_sample_rate: z.strictObject({
    max: positive.optional(),
    one_of: z.array(positive).min(1).readonly().optional(),
  }),
  max_audio_bitrate: positive.meta({ description: 'kbps' }),
  min_audio_bitrate: positive.meta({ description: 'kbps' }),
  recommended_audio_bitrate: z
    .array(z.strictObject({ channels: z.int().positive(), kbps: positive }))
    .min(1)
    .readonly(),
  loudness: z.strictObject({ lufs: z.number(), tolerance: positive }),
};

function ruleSchema<R extends string>(rule: R, value: z.ZodType) {
  return z.strictObject({
    rule: z.literal(rule),
    value,
    severity: z.enum(['reject', 'transcoded', 'recommend']),
    surface: z.enum(['app', 'web', 'api', 'ads']),
    source: source.meta({ description: "the page that says so; 'product requirements': sg-export's own" }),
    checked_on: date.meta({ description: 'the day on which the page was read' }),
    conflicts: z.array(z.strictObject({ value: z.json(), source, note: z.string().optional() })).meta({
      description: 'what other pages say of the same thing',
    }),
    applies_to: words.optional().meta({ description: 'video codecs that the rule is about; all where left out' }),
  });
}

const [firstRule, ...otherRules] = Object.entries(RULE_VALUES).map(([rule, value]) => ruleSchema(rule, value));
if (!firstRule) throw new Error('no rules');

/** One option's value as a file may write it: what `readOptions` takes, as far as a schema can say it. */
function settingSchema(row: OptionRow): z.ZodType {
  const text = z.string();
  const one = (): z.ZodType => {
    switch (row.kind) {
      case 'flag':
        return z.boolean();
      case 'enum': {
        const names = [...(row.values ?? []), ...Object.keys(row.synonyms ?? {})];
        return names.every((name) => /^\d+$/.test(name))
          ? z.union([z.enum(names), z.literal(names.map(Number))])
          : z.enum(names);
      }
      case 'int':
      case 'number':
        return row.above !== undefined ? z.number().gt(row.above) : z.number().gte(row.atLeast ?? 0);
      case 'size':
      case 'bitrate':
      case 'rate':
      case 'time':
        return z.union([z.number().positive(), text]);
      case 'frame-sizes':
        return z.union([text, z.array(text)]);
      default:
        return text;
    }
  };
  const pairs = row.kind === 'assignment' ? [z.record(text, z.union([text, z.number()]))] : [];
  const value = row.repeatable ? z.union([one(), z.array(one()), ...pairs]) : one();
  return value.meta({ description: row.help });
}

/** The settings that a kind of file may hold, under the flags' names and the data model's: presets and jobs what shapes a delivery, the config all but what is local to one command. */
export function settingShape(
  scopes: readonly OptionRow['scope'][] = ['delivery'],
): Readonly<Record<string, z.ZodType>> {
  return Object.fromEntries(
    OPTIONS.filter((row) => scopes.includes(row.scope)).flatMap((row) =>
      [keyOf(row.name), ...(row.keys ?? [])].map((key) => [key, settingSchema(row).optional()]),
    ),
  );
}

/** What concerns several exports at once. */
const multiShape = (wanted: (row: OptionRow) => boolean): Readonly<Record<string, z.ZodType>> =>
  Object.fromEntries(MULTI_OPTIONS.filter(wanted).map((row) => [keyOf(row.name), settingSchema(row).optional()]));

/** What stands in a preset file beside its settings. */
export const PresetHeader = z.looseObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  preset_id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  extends: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'the preset whose settings stand where this one is silent' }),
});

const { preset: _, ...presetSettings } = settingShape();

/** A whole preset file, which builds on another by `extends`. Values are checked in full by `readOptions`; this is what editors see. */
export const PresetFileSchema = z
  .strictObject({ ...PresetHeader.shape, ...presetSettings })
  .meta({ title: 'sg-export preset' });

/** A whole platform file. */
export const PlatformFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1),
    platform_id: z.string().regex(/^[a-z0-9_]+$/),
    name: z.string().min(1),
    aliases: words.optional(),
    publishes: z.boolean().meta({ description: 'strangers see it: location and device tags are dropped' }),
    recommended_settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).meta({
      description: 'option keys with their values: the defaults of --platform',
    }),
    compatibility_notes: z.array(z.string()),
    rules: z.array(z.discriminatedUnion('rule', [firstRule, ...otherRules])).min(1),
  })
  .meta({ title: 'sg-export platform' });

/** A configuration file: settings, and what is about the program itself. */
export const ConfigFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    ffmpeg: z.string().optional().meta({ description: 'the ffmpeg to use, relative to this file' }),
    ffprobe: z.string().optional().meta({ description: 'the ffprobe to use, relative to this file' }),
    db: z.string().optional().meta({ description: 'the history database' }),
    presets: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'preset files or a folder of them, relative to this file' }),
    ...settingShape(['delivery', 'run']),
    ...multiShape((row) => row.scope === 'run'),
  })
  .meta({ title: 'sg-export configuration' });

const jobSettings = settingShape(['delivery', 'run']);
const paths = z.array(z.string().min(1)).min(1);

/** A job file of `multi`. Values are checked in full by `readJob`; this is what editors see. */
const JobFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    source: z.string().min(1).optional().meta({ description: 'a file, folder or pattern, relative to this file' }),
    sources: paths.optional().meta({ description: 'files, folders or patterns, relative to this file' }),
    exports: z
      .array(
        z.union([
          z.string().meta({ description: 'codec:resolution:quality' }),
          z.strictObject({
            filename_suffix: z.string().optional().meta({ description: 'stands behind the name: _web' }),
            output_folder: z.string().min(1).optional().meta({ description: 'for this export, relative to this file' }),
            ...jobSettings,
          }),
        ]),
      )
      .min(1)
      .optional()
      .meta({ description: 'what is made of each source' }),
    ...multiShape(() => true),
    ...jobSettings,
  })
  .meta({ title: 'sg-export job' });

/** The JSON Schemas that are shipped in presets/schema, for editors. */
export const presetJsonSchema = (): object => z.toJSONSchema(PresetFileSchema);
export const platformJsonSchema = (): object => z.toJSONSchema(PlatformFileSchema);
export const configJsonSchema = (): object => z.toJSONSchema(ConfigFileSchema);
export const jobJsonSchema = (): object => z.toJSONSchema(JobFileSchema);
