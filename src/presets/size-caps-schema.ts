import * as z from 'zod';

const source = z.url({ protocol: /^https$/ });
const megabytes = z.number().positive().meta({ description: 'MB of 1,000,000 bytes' });

/** The file of sizes that people know by a name. */
export const SizeCapsFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1),
    caps: z
      .array(
        z.strictObject({
          cap_id: z.string().regex(/^[a-z][a-z0-9_]*$/),
          name: z.string().min(1),
          about: z.string().min(1).meta({ description: 'the way in and the kind of account that it holds for' }),
          limit_mb: megabytes,
          encoding: z
            .enum(['none', 'base64'])
            .meta({ description: 'base64: the limit is the message’s, in which a file is larger' }),
          source: source.meta({ description: 'the page that says so' }),
          checked_on: z.iso.date().meta({ description: 'the day on which the page was read' }),
          conflicts: z.array(z.strictObject({ value_mb: megabytes, source, note: z.string().optional() })),
        }),
      )
      .min(1),
  })
  .meta({ title: 'sg-export named sizes' });

export const sizeCapsJsonSchema = (): object => z.toJSONSchema(SizeCapsFileSchema);
