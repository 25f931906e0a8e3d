import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { columnsOf, pad, shorten, shortenName } from '../../../src/ui/columns.ts';
import { multiSummary, sharingText } from '../../../src/ui/multi-summary.ts';
import { printable } from '../../../src/ui/printable.ts';
import { summary } from '../../../src/ui/summary.ts';
import { type Column, table } from '../../../src/ui/table.ts';
import { failure, result } from './samples.ts';

interface Row {
  readonly id: string;
  readonly size: number;
  readonly notes: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Id', text: (row) => row.id, narrow: 'cut', least: 6 },
  { title: 'Size', text: (row) => String(row.size), align: 'right' },
  { title: 'Notes', text: (row) => row.notes, narrow: 'wrap', least: 12 },
];
const ROWS: readonly Row[] = [
  { id: 'web', size: 12, notes: 'plays everywhere' },
  { id: '日本語', size: 3456, notes: 'ノート 🎬' },
];

test('columns stand below each other, wide characters counted as two', () => {
  expect(table(COLUMNS, ROWS)).toEqual([
    'Id      Size  Notes',
    'web       12  plays everywhere',
    '日本語  3456  ノート 🎬',
  ]);
});

test('a narrow table wraps words, cuts names, and keeps figures', () => {
  const rows = [{ id: 'a_very_long_identifier', size: 123_456, notes: 'one two three four five six seven' }];
  expect(table(COLUMNS, rows, { width: 32 })).toEqual([
    'Id            Size  Notes',
    'a_very_lo…  123456  one two',
    '                    three four',
    '                    five six',
    '                    seven',
  ]);
});

test.each([10, 20, 40, 60, 79, 80, 200])('no line is wider than %i columns', (width) => {
  const rows = [
    ...ROWS,
    { id: '🎬'.repeat(30), size: 1e15, notes: `${'word '.repeat(40)}${'x'.repeat(100)} 日本語日本語` },
  ];
  const lines = table(COLUMNS, rows, { width });
  for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
});

test('without a limit nothing is cut, and no rows are no lines', () => {
  const notes = 'long '.repeat(100).trim();
  expect(table(COLUMNS, [{ id: 'a', size: 1, notes }], { width: Number.POSITIVE_INFINITY })[1]).toContain(notes);
  expect(table(COLUMNS, [])).toEqual([]);
});

test('a terminal that says it has no columns gets the table of one whose size is not known', () => {
  expect(table(COLUMNS, ROWS, { width: 0 })).toEqual(table(COLUMNS, ROWS));
});

test('a cell cannot break the table or reach the terminal', () => {
  const lines = table(COLUMNS, [{ id: 'a\nb', size: 1, notes: '\u001b[31mred\u202e' }]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toBe('a�b     1  �[31mred�');
});

test('the heading is bold where there are colours', () => {
  expect(table(COLUMNS, ROWS, { colour: new Chalk({ level: 1 }) })[0]).toContain('\u001b[1mId');
});

test('a text is cut between characters as people see them', () => {
  expect(shorten('family 👨‍👩‍👧‍👦 photo', 10)).toBe('family 👨‍👩‍👧‍👦…');
  expect(shorten('日本語', 4)).toBe('日…');
  expect(shorten('abc', 3)).toBe('abc');
  expect(shorten('abc', 0)).toBe('');
  expect(pad('日本', 6, 'right')).toBe('  日本');
  expect(printable('a\tb\nc\u2028', '\n')).toBe('a�b\nc�');
});

test('the summary of finished exports', () => {
  const first = result({ verification: { ok: true, checks: [], ssim: 0.98765 } });
  const rows = [
    { result: first, label: 'a', mediaSec: 60 },
    { result: result({ output_files: ['/out/long.webm'], duration: 5.25 }), label: 'b', mediaSec: 3725.5 },
  ];
  expect(summary(rows)).toEqual([
    'File          Size    Bitrate  Duration    SSIM   Speed',
    'six.mp4    12.3 MB  1646 kbps      1:00  0.9877    1.5x',
    'long.webm  12.3 MB    27 kbps   1:02:06          709.6x',
  ]);
});

test('thumbnails beside a film are no part of its size and bitrate', () => {
  const film = result();
  const pictures = { '/films/six.thumb-1-640x360.jpg': 5_000_000, '/films/six.thumb-12-64x36.jpg': 7 };
  const rows = (one: typeof film) => [{ result: one, label: 'a', mediaSec: 60 }];
  const beside = result({
    output_files: [...film.output_files, ...Object.keys(pictures)],
    file_sizes: { ...film.file_sizes, ...pictures },
  });
  const said = multiSummary(rows(beside), 5, null, {});
  expect(said).toEqual(multiSummary(rows(film), 5, null, {}));
  expect(said.join('\n')).toMatch(/12\.3 MB {2}1646 kbps(.|\n)*1 output, 12\.3 MB; /);
  // A rendition of a package is all its segments.
  const segments = { 'video/1.m4s': 1_000_000, 'video/2.m4s': 500_000 };
  expect(summary(rows(result({ file_sizes: segments })))[1]).toContain('1.50 MB');
});

test('the summary says what did not succeed', () => {
  const rows = [
    { result: result({ skipped: true, duration: 0.1 }), label: 'a', mediaSec: 60 },
    { result: failure(), label: 'broken.mp4', mediaSec: null },
  ];
  expect(summary(rows)).toEqual([
    'File           Size    Bitrate  Duration  Speed  Status',
    'six.mp4     12.3 MB  1646 kbps      1:00         already there',
    'broken.mp4                                       ENCODE',
  ]);
});

const SHARING = { exports: 4, decodes: 1, decodes_saved: 3, sounds_saved: 0, saved_cpu_seconds: 2.46 };

test.each([
  [SHARING, 'one decode for 4 exports; about 2.5 s of processor time saved'],
  [{ ...SHARING, saved_cpu_seconds: 0.04 }, 'one decode for 4 exports; less than 0.1 s of processor time saved'],
  [
    { ...SHARING, exports: 9, decodes: 3, saved_cpu_seconds: 640 },
    '3 decodes for 9 exports; about 10:40 of processor time saved',
  ],
  [{ ...SHARING, saved_cpu_seconds: null }, 'one decode for 4 exports'],
  [
    { ...SHARING, sounds_saved: 3 },
    'one decode for 4 exports; about 2.5 s of processor time saved, and 3 encodes of the same sound',
  ],
  [
    { ...SHARING, sounds_saved: 1, saved_cpu_seconds: null },
    'one decode for 4 exports; 1 encode of the same sound saved',
  ],
])('what was shared is said below the totals', (sharing, text) => {
  expect(sharingText(sharing)).toBe(text);
  const rows = [{ result: result({ shared: 'decode' }), label: 'a', mediaSec: 60 }];
  expect(multiSummary(rows, 12, sharing, {})).toEqual([
    'File        Size    Bitrate  Duration  Speed  Shared',
    'six.mp4  12.3 MB  1646 kbps      1:00   1.5x  decode',
    '1 output, 12.3 MB; 0:12',
    `shared: ${text}`,
  ]);
});

test('at 60 columns the summary leaves out what matters least, and cuts no figure', () => {
  const names = ['interview_day_1_camera_a_1080p_h264_high.mp4', 'interview_day_1_camera_a_720p_h264_high.mp4'];
  const rows = names.map((name) => ({
    result: result({ output_files: [`/out/${name}`], shared: 'decode' as const }),
    label: name,
    mediaSec: 3725,
  }));
  expect(summary(rows, { width: 60 })).toEqual([
    'File                                    Size  Bitrate  Speed',
    'interview_da…_a_1080p_h264_high.mp4  12.3 MB  27 kbps  90.4x',
    'interview_da…a_a_720p_h264_high.mp4  12.3 MB  27 kbps  90.4x',
  ]);
  const failed = [...rows, { result: failure(), label: names[0] ?? '', mediaSec: null }];
  for (const width of [40, 50, 60]) {
    for (const line of summary(failed, { width })) expect(columnsOf(line)).toBeLessThanOrEqual(width);
    expect(summary(failed, { width })[1]).toContain('12.3 MB');
    expect(summary(failed, { width }).at(-1)).toMatch(/ENCODE$/);
  }
});

test('a name is cut in its middle', () => {
  expect(shortenName('interview_1080p.mp4', 12)).toBe('inte…80p.mp4');
  expect(shortenName('日本語の映画.mp4', 10)).toBe('日…画.mp4');
  expect(shortenName('a.mp4', 5)).toBe('a.mp4');
});
