import { describe, expect, it } from 'vitest';
import { keyframesByTables } from '../../../src/packaging/sample-tables.ts';

const box = (type: string, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};
const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value >>> 0, at * 4);
  });
  return bytes;
};
const RATE = 0x10000;
const hdlr = (type: string) => box('hdlr', words(0, 0), Buffer.from(type, 'latin1'), words(0, 0, 0));

/** Ten pictures of 100 ticks at 1000 ticks a second, of which the 1st and the 6th are keyframes. */
const TABLES = {
  stts: words(0, 1, 10, 100),
  stss: words(0, 2, 1, 6),
  stsz: words(0, 0, 10),
};
type Tables = Readonly<Record<string, Buffer>>;

const trak = (tables: Tables, elst?: Buffer, type = 'vide') =>
  box(
    'trak',
    ...(elst ? [box('edts', box('elst', elst))] : []),
    box(
      'mdia',
      box('mdhd', words(0, 0, 0, 1000, 0, 0)),
      hdlr(type),
      box('minf', box('stbl', ...Object.entries(tables).map(([name, bytes]) => box(name, bytes)))),
    ),
  );
const moov = (...parts: readonly Buffer[]) => box('moov', box('mvhd', words(0, 0, 0, 600, 0)), ...parts);

describe('keyframes by the tables of an MP4', () => {
  it('as they are shown, in order', () => {
    expect(keyframesByTables(moov(trak(TABLES)))).toEqual([0, 0.5]);
    // Shown later than decoded, as B-frames want it, and the edit list takes the delay away again.
    const late = { ...TABLES, ctts: words(0, 3, 1, 200, 4, -100, 5, 200) };
    expect(keyframesByTables(moov(trak(late)))).toEqual([0.2, 0.7]);
    expect(keyframesByTables(moov(trak(late, words(0, 1, 600, 200, RATE))))).toEqual([0, 0.5]);
  });

  it('without a table of them every picture is one', () => {
    const { stss: _none, ...all } = TABLES;
    expect(keyframesByTables(moov(trak(all)))).toHaveLength(10);
  });

  it('a gap delays them; what an edit list leaves out does not count', () => {
    expect(keyframesByTables(moov(trak(TABLES, words(0, 2, 300, -1, RATE, 600, 0, RATE))))).toEqual([0.5, 1]);
    expect(keyframesByTables(moov(trak(TABLES, words(0, 1, 600, 100, RATE))))).toEqual([0.4]);
    expect(keyframesByTables(moov(trak(TABLES, words(0, 1, 240, 0, RATE))))).toEqual([0]);
  });

  it('sound has none to tell of', () => {
    expect(keyframesByTables(moov(trak(TABLES, undefined, 'soun')))).toBeUndefined();
    expect(keyframesByTables(moov(trak(TABLES, undefined, 'soun'), trak(TABLES)))).toEqual([0, 0.5]);
  });

  const ODD: Readonly<Record<string, Buffer>> = {
    'two films': moov(trak(TABLES), trak(TABLES)),
    fragments: moov(trak(TABLES), box('mvex')),
    'partial sync samples': moov(trak({ ...TABLES, stps: words(0, 1, 3) })),
    'two parts': moov(trak(TABLES, words(0, 2, 60, 0, RATE, 60, 500, RATE))),
    'another speed': moov(trak(TABLES, words(0, 1, 600, 0, RATE / 2))),
    'fewer rows than promised': moov(trak({ ...TABLES, stss: words(0, 1000, 1) })),
    'lengths of other samples': moov(trak({ ...TABLES, stts: words(0, 1, 9, 100) })),
    'keyframes that are no samples': moov(trak({ ...TABLES, stss: words(0, 1, 11) })),
    'keyframes out of order': moov(trak({ ...TABLES, stss: words(0, 2, 6, 1) })),
    'no tables': moov(trak({})),
    'no film': moov(),
    'no box': Buffer.from('nothing of the kind'),
  };
  it.each(Object.entries(ODD))('%s: left to a demuxer', (_, bytes) => {
    expect(keyframesByTables(bytes)).toBeUndefined();
  });
});
