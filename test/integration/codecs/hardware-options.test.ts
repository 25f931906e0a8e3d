import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { HARDWARE_ROWS, hardwareTrial } from '../../../src/app/encoder-trials.ts';
import type { EncoderRow, EncodeSpec, Rate } from '../../../src/codecs/encoder-row.ts';
import { settingsOf } from '../../../src/plan/custom.ts';

const ffmpeg = (args: readonly string[]): string =>
  execFileSync('ffmpeg', ['-hide_banner', ...args], { encoding: 'utf8' });
const listed = HARDWARE_ROWS.filter(({ encoder }) => ffmpeg(['-encoders']).includes(` ${encoder} `));

/** Options of all encoders, and of ffmpeg itself. */
const COMMON = ['c', 'b', 'g', 'bf', 'maxrate', 'bufsize', 'global_quality', 'profile', 'q', 'tag'];

const VBV = { maxKbps: 6000, bufferKbit: 12000 };
const RATES: readonly Rate[] = [
  { mode: 'crf', crf: 23 },
  { mode: 'crf', crf: 23, vbv: VBV },
  { mode: 'vbr', kbps: 4000, vbv: VBV },
  { mode: 'cbr', kbps: 4000, vbv: VBV },
  { mode: 'abr', kbps: 4000 },
];

/** Every option that a row may write: its name, and the word that it is given. */
function optionsOf(row: EncoderRow): readonly (readonly [name: string, value: string])[] {
  const custom = Object.fromEntries(
    Object.entries(settingsOf(row)).map(([key, rule]) => [
      key,
      rule.type === 'enum' ? (rule.values[0] ?? '') : `${rule.max}`,
    ]),
  );
  return row.formats.flatMap(({ name: pixelFormat }) =>
    (['ultrafast', 'fast', 'medium', 'slow', 'veryslow'] as const).flatMap((speed) =>
      RATES.flatMap((rate) => {
        const spec: EncodeSpec = {
          ...{ rate, speed, pixelFormat, custom, width: 1280, height: 720, frameRate: { num: 25, den: 1 } },
          ...{
            gop: { sec: 2, frames: 50 },
            colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
          },
          ...{ hdr: undefined, container: 'mp4', threads: undefined, pass: undefined },
          device: { number: 0, ordinal: 0, node: undefined },
        };
        const args = row.args(spec);
        return args.flatMap((arg, at) =>
          /^-[a-z]/i.test(arg) ? [[arg.slice(1).replace(/:v$/, ''), args[at + 1] ?? ''] as const] : [],
        );
      }),
    ),
  );
}

if (listed.length === 0) console.warn('options of hardware encoders: skipped, this ffmpeg lists none of them');

describe.skipIf(listed.length === 0)("options that hardware rows write are this ffmpeg's", () => {
  it.each(listed.map((row) => [row.encoder, row] as const))('%s', (encoder, row) => {
    const help = ffmpeg(['-h', `encoder=${encoder}`]);
    const own = [...help.matchAll(/^ {2}-(\S+) +<(\w+)>/gm)].map(([, name, type]) => [name, type] as const);
    const words = new Set([...help.matchAll(/^ {5}(\S+) +-?\d* +E/gm)].map(([, word]) => word));
    for (const [name, value] of optionsOf(row)) {
      const found = own.find(([known]) => known === name);
      if (!found) expect(COMMON, `${encoder}: -${name}`).toContain(name);
      else if (found[1] === 'int' && !/^-?\d+$/.test(value))
        expect([...words], `${encoder}: -${name} ${value}`).toContain(value);
    }
    const { device } = hardwareTrial(row, row.formats[0]?.name ?? '', { number: 0, ordinal: 0, node: undefined });
    const layout = /format=([^,]+)(,hwupload)?$/.exec(device?.filters ?? '')?.[1] ?? '';
    const takes = /Supported pixel formats: (.*)/.exec(help)?.[1]?.split(' ') ?? [];
    if (!device?.filters.endsWith('hwupload')) expect(takes, encoder).toContain(layout);
  });
});
