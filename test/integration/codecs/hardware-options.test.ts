import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { HARDWARE_ROWS, hardwareTrial } from '../../../src/app/encoder-trials.ts';
import { type EncoderRow, type EncodeSpec, isTakenBy, type Rate } from '../../../src/codecs/encoder-row.ts';
import { HARDWARE_FAMILIES } from '../../../src/codecs/hardware.ts';
import { settingsOf } from '../../../src/plan/custom.ts';

const ffmpeg = (args: readonly string[]): string =>
  execFileSync('ffmpeg', ['-hide_banner', ...args], { encoding: 'utf8' });
const encoders = ffmpeg(['-encoders']);
const filters = ffmpeg(['-filters']);
const [, major = '0', minor = '0'] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(ffmpeg(['-version'])) ?? [];
const release = [Number(major) || 999, Number(minor)] as const;

const listed = HARDWARE_ROWS.filter(({ encoder }) => encoders.includes(` ${encoder} `));
const absent = HARDWARE_ROWS.filter((row) => !listed.includes(row)).map(({ encoder }) => encoder);
if (absent.length > 0) console.warn(`options not compared, as this ffmpeg lists no ${absent.join(', ')}`);

/** Options of all encoders, and of ffmpeg itself. */
const COMMON = ['c', 'b', 'g', 'bf', 'maxrate', 'bufsize', 'global_quality', 'profile', 'q', 'tag'];

interface Option {
  readonly type: string;
  readonly least: number;
  readonly most: number;
  /** What it takes in place of a number. */
  readonly words: readonly string[];
}

const bound = (text: string | undefined, otherwise: number): number =>
  text === undefined || !/^-?[\d.]+$/.test(text) ? otherwise : Number(text);

/** The private options of an encoder or a filter, as its help lists them. */
function optionsIn(help: string): ReadonlyMap<string, Option> {
  const found = new Map<string, Option & { readonly words: string[] }>();
  let last: string[] = [];
  for (const line of help.split('\n')) {
    const option = /^ {2,3}-?(\S+) +<(\w+)> .*?(?:\(from (\S+) to (\S+)\))?(?: \(default .*\))?$/.exec(line);
    const word = /^ {5}(\S+) +(?:-?\d+ +)?[.E]/.exec(line)?.[1];
    if (option) {
      const [, name = '', type = '', from, to] = option;
      last = [];
      const [least, most] = [bound(from, Number.NEGATIVE_INFINITY), bound(to, Number.POSITIVE_INFINITY)];
      found.set(name, { type, least, most, words: last });
    } else if (word !== undefined) last.push(word);
  }
  return found;
}

function expectTaken(known: Option, value: string, what: string): void {
  if (!/^-?[\d.]+$/.test(value)) {
    if (known.type === 'int' || known.type === 'flags') expect(known.words, what).toContain(value);
    return;
  }
  expect(Number(value), what).toBeGreaterThanOrEqual(known.type === 'boolean' ? 0 : known.least);
  expect(Number(value), what).toBeLessThanOrEqual(known.type === 'boolean' ? 1 : known.most);
}

const VBV = { maxKbps: 6000, bufferKbit: 12000 };
function ratesOf({ crf, levels }: EncoderRow): readonly Rate[] {
  const numbers = [crf?.min, crf?.max, ...Object.values(levels)].filter((one) => typeof one === 'number');
  return [
    ...numbers.flatMap((one): readonly Rate[] => [
      { mode: 'crf', crf: one },
      { mode: 'crf', crf: one, vbv: VBV },
    ]),
    { mode: 'vbr', kbps: 4000, vbv: VBV },
    { mode: 'cbr', kbps: 4000, vbv: VBV },
    { mode: 'abr', kbps: 4000 },
  ];
}

const formatsOf = (row: EncoderRow) => row.formats.filter((format) => isTakenBy(format, release));

/** Every option that a row may write: its name, and the word that it is given. */
function optionsOf(row: EncoderRow): readonly (readonly [name: string, value: string])[] {
  const customs = (['min', 'max'] as const).map((end) =>
    Object.fromEntries(
      Object.entries(settingsOf(row)).map(([key, rule]) => [
        key,
        rule.type === 'enum' ? (rule.values[0] ?? '') : `${rule[end]}`,
      ]),
    ),
  );
  const specs = formatsOf(row).flatMap(({ name: pixelFormat }) =>
    (['ultrafast', 'fast', 'medium', 'slow', 'veryslow'] as const).flatMap((speed) =>
      ratesOf(row).flatMap((rate) =>
        customs.map(
          (custom): EncodeSpec => ({
            ...{ rate, speed, pixelFormat, custom, width: 1280, height: 720, frameRate: { num: 25, den: 1 } },
            ...{
              gop: { sec: 2, frames: 50, exact: true },
              colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
            },
            ...{ hdr: undefined, container: 'mp4', threads: undefined, pass: undefined },
            device: { number: 0, ordinal: 0, node: undefined },
          }),
        ),
      ),
    ),
  );
  return specs.flatMap((spec) => {
    const args = row.args(spec);
    return args.flatMap((arg, at) =>
      /^-[a-z]/i.test(arg) ? [[arg.slice(1).replace(/:v$/, ''), args[at + 1] ?? ''] as const] : [],
    );
  });
}

describe.skipIf(listed.length === 0)("options that hardware rows write are this ffmpeg's", () => {
  it.each(listed.map((row) => [row.encoder, row] as const))('%s', (encoder, row) => {
    const help = ffmpeg(['-h', `encoder=${encoder}`]);
    const own = optionsIn(help);
    expect(own.size, help).toBeGreaterThan(3);
    for (const [name, value] of optionsOf(row)) {
      const known = own.get(name);
      if (known) expectTaken(known, value, `${encoder}: -${name} ${value}`);
      else expect(COMMON, `${encoder}: -${name}`).toContain(name);
    }
  });

  it.each(listed.map((row) => [row.encoder, row] as const))(
    '%s takes pictures as they are handed to it',
    (encoder, row) => {
      const takes = /Supported pixel formats: (.*)/.exec(ffmpeg(['-h', `encoder=${encoder}`]))?.[1]?.split(' ') ?? [];
      expect(formatsOf(row).length).toBeGreaterThan(0);
      for (const { name } of formatsOf(row)) {
        const { device } = hardwareTrial(row, name, { number: 0, ordinal: 0, node: undefined });
        const [, layout = '', upload] = /format=([^,]+)(,hwupload)?$/.exec(device?.filters ?? '') ?? [];
        expect(takes, `${encoder}: ${name}`).toContain(upload ? row.hardware : layout);
      }
    },
  );
});

const chained = HARDWARE_FAMILIES.flatMap(({ kind, chain }) => {
  if (!chain) return [];
  const scales = (['bilinear', 'bicubic', 'lanczos', 'spline'] as const).flatMap((scaling) =>
    ['nv12', 'p010le'].map((layout) => chain.scale({ width: 1280, height: 720, scaling, layout })),
  );
  const deinterlaces = (['frame', 'field'] as const).flatMap((how) => chain.deinterlace?.(how) ?? []);
  return [...scales, ...deinterlaces].map((filter) => [kind, filter] as const);
}).filter(([, filter]) => filters.includes(` ${filter.split('=')[0]} `));
if (chained.length === 0) console.warn('filters on devices: not compared, this ffmpeg lists none of them');

describe.skipIf(chained.length === 0)("filters on devices are this ffmpeg's", () => {
  it.each(chained)('%s: %s', (_kind, filter) => {
    const [, name = '', options = ''] = /^([^=]+)=(.*)$/.exec(filter) ?? [];
    const own = optionsIn(ffmpeg(['-h', `filter=${name}`]));
    for (const option of options.split(':')) {
      const [key = '', value = ''] = option.split('=');
      const known = own.get(key);
      expect(known, `${name} has no ${key}`).toBeDefined();
      if (known && known.type !== 'string') expectTaken(known, value, option);
    }
  });
});
