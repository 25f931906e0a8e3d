import { expect, test } from 'vitest';
import { gatherFindings, multiHint } from '../../../src/app/multi-findings.ts';
import type { Issue } from '../../../src/model/errors.ts';

const issue = (message: string, more: Partial<Issue> = {}): Issue => ({
  severity: 'error',
  code: 'some_rule',
  message,
  path: '--crf',
  hint: 'lower',
  exit: 'RULES',
  ...more,
});
const all = (...issues: readonly (readonly Issue[])[]) => issues.map((one, n) => ({ label: `e${n + 1}`, issues: one }));
const messages = (found: readonly Issue[]) => found.map(({ message }) => message);

test('each finding is said once, with the exports that it is about', () => {
  const [a, b] = [issue('too high'), issue('too dark')];
  expect(messages(gatherFindings(all([a], [b], [a])))).toEqual(['e1, e3: too high', 'e2: too dark']);
});

test('one that is about all of them names none, and many are counted', () => {
  const a = issue('too high');
  expect(messages(gatherFindings(all([a], [a], [a])))).toEqual(['too high']);
  expect(messages(gatherFindings(all([a], [a], [a], [a], [a], [])))).toEqual(['e1, e2, e3 and 2 more: too high']);
  expect(messages(gatherFindings(all([a]))), 'of one export').toEqual(['e1: too high']);
});

test('findings that differ in more than their words stay apart', () => {
  const found = gatherFindings(
    all([issue('no'), issue('no', { severity: 'warning' })], [issue('no', { path: '--fps' })]),
  );
  expect(found.map(({ severity, path, message }) => [severity, path, message])).toEqual([
    ['error', '--crf', 'e1: no'],
    ['warning', '--crf', 'e1: no'],
    ['error', '--fps', 'e2: no'],
  ]);
});

test('what would work is spelt as multi takes it', () => {
  const [found] = gatherFindings(all([issue('x exists', { code: 'output_exists', hint: 'another -o' })]));
  expect(found?.hint).toContain('--output-folder');
});

test.each([
  ['free some space, or write elsewhere with -o', 'free some space, or write elsewhere with --output-folder'],
  ['Choose another -o.', 'Choose another --output-folder or --name.'],
  ['Choose another folder with -o.', 'Choose another folder with --output-folder.'],
  ['Choose another name or folder with -o.', 'Choose another --output-folder or --name.'],
  ['Give a shorter one with -o or --name.', 'Give a shorter one with --name.'],
  ['Wait, or choose another output with -o.', 'Wait, or choose another --output-folder or --name.'],
  ['--overwrite replaces it; -o writes elsewhere', '--overwrite replaces it; --output-folder writes elsewhere'],
  ['Make it first: mkdir -p a-o', 'Make it first: mkdir -p a-o'],
])('the hint %s', (hint, spelt) => {
  expect(multiHint(hint)).toBe(spelt);
});
