import { expect, it, test } from 'vitest';
import { readOptions } from '../../../src/model/read-options.ts';
import { capBytes, SIZE_CAPS, sizeCap } from '../../../src/model/size-caps.ts';
import { foldLayers } from '../../../src/presets/layers.ts';

const flag = { kind: 'flag' } as const;

test('an attachment of the size that is named fits into a message, with room for words, and hardly more would', () => {
  const email = sizeCap('email');
  if (!email) throw new Error('there is no e-mail');
  const lines =
    Buffer.alloc(capBytes(email))
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  const message = lines.reduce((sum, line) => sum + line.length + 2, 0);
  expect(message).toBeLessThanOrEqual(email.limit_mb * 1e6 - 50_000);
  expect(message).toBeGreaterThan(email.limit_mb * 1e6 * 0.99);
});

it.each(['discord-nitro', 'Discord_Nitro'])('%s is a size, and its name is kept', (max_size) => {
  const { values, issues } = readOptions({ max_size }, flag);
  expect(issues).toEqual([]);
  expect(values).toEqual({ maxSize: 500e6, sizeCap: 'discord_nitro' });
});

test('another word is refused with the names that exist, and the nearest', () => {
  const [issue] = readOptions({ target_size: 'discrod' }, flag).issues;
  for (const { cap_id: id } of SIZE_CAPS) expect(issue?.message).toContain(id);
  expect(issue?.hint).toBe("did you mean 'discord'?");
});

test('the size of a stronger layer does not keep the name of a weaker one', () => {
  const config = { layer: 'config', values: readOptions({ max_size: 'discord' }, flag).values } as const;
  const typed = { layer: 'flag', values: readOptions({ max_size: '12MB' }, flag).values } as const;
  expect(foldLayers([config, typed]).values).toEqual({ maxSize: 12e6 });
  expect(foldLayers([typed, config]).values).toEqual({ maxSize: 10e6, sizeCap: 'discord' });
});
