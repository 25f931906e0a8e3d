import { expect, test } from 'vitest';
import { errorOfIssues, type Issue, SgError } from '../../../src/model/errors.ts';
import { colourFor } from '../../../src/ui/colour.ts';
import { renderError } from '../../../src/ui/errors.ts';

const issue = (more: Partial<Issue>): Issue => ({
  severity: 'error',
  code: 'crf_out_of_range',
  message: 'h264 takes a CRF from 0 to 51, not 99',
  path: '--crf',
  hint: '--crf 23',
  exit: 'RULES',
  ...more,
});

test('one error: what is wrong and what would work', () => {
  const error = new SgError('INPUT', '/films/x.mov does not exist', { hint: 'check the name' });
  expect(renderError(error)).toBe('error: /films/x.mov does not exist\n  try: check the name\n');
});

test('a single finding names its flag, once', () => {
  expect(renderError(errorOfIssues([issue({})]))).toBe(
    'error: --crf: h264 takes a CRF from 0 to 51, not 99\n  try: --crf 23\n',
  );
  expect(renderError(errorOfIssues([issue({ message: '--crf 99 is too high' })]))).toBe(
    'error: --crf 99 is too high\n  try: --crf 23\n',
  );
});

test('several findings come as one list, each with its hint, and warnings after them', () => {
  const found = [
    issue({}),
    issue({ severity: 'warning', path: '', message: 'the source is 8-bit', hint: '' }),
    issue({ path: '--container', message: 'webm cannot hold pcm', hint: 'use --audio-codec opus\nor --container mkv' }),
  ];
  expect(renderError(errorOfIssues(found))).toBe(
    [
      'error: 2 things are wrong with this request',
      '  - --crf: h264 takes a CRF from 0 to 51, not 99',
      '    try: --crf 23',
      '  - --container: webm cannot hold pcm',
      '    try: use --audio-codec opus',
      '         or --container mkv',
      'warning: the source is 8-bit',
      '',
    ].join('\n'),
  );
});

test('the stack is shown with verbose only, its causes too', () => {
  const error = new SgError('ENCODE', 'ffmpeg failed', { cause: new Error('no space left') });
  expect(renderError(error)).toBe('error: ffmpeg failed\n');
  const verbose = renderError(error, { verbose: true });
  expect(verbose).toContain('errors.test.ts');
  expect(verbose).toContain('caused by Error: no space left');
});

test.each([
  ['anything thrown', new TypeError('x is undefined')],
  ['an internal error', new SgError('INTERNAL', 'x is undefined')],
])('%s is a bug in sg-export, and says so', (_, error) => {
  const text = renderError(error);
  expect(text).toMatch(/^error: internal: x is undefined\n {2}This is a bug in sg-export /);
  expect(text).toContain('--verbose');
  expect(text).not.toContain('errors.test.ts');
  expect(renderError(error, { verbose: true })).toContain('errors.test.ts');
});

test('what is not even an error is shown as well', () => {
  expect(renderError('text')).toContain('internal: text');
});

test('names cannot play tricks on the terminal', () => {
  const text = renderError(new SgError('INPUT', 'no such file: a\u001b[2J\u0007.mov'));
  expect(text).toBe('error: no such file: a�[2J�.mov\n');
});

test.each([
  { isTTY: true, options: {}, coloured: true },
  { isTTY: true, options: { env: { NO_COLOR: '1' } }, coloured: false },
  { isTTY: true, options: { env: { NO_COLOR: '' } }, coloured: true },
  { isTTY: true, options: { env: { TERM: 'dumb' } }, coloured: false },
  { isTTY: true, options: { noColour: true }, coloured: false },
  { isTTY: false, options: {}, coloured: false },
])('colour: terminal $isTTY, $options', ({ isTTY, options, coloured }) => {
  const text = renderError(new SgError('INPUT', 'x'), { colour: colourFor({ isTTY }, options) });
  expect(text.includes('\u001b[31m')).toBe(coloured);
});
