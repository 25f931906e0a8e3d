import { describe, expect, it } from 'vitest';
import { findJsonFault, findJsonRepeat } from '../../../src/config/json-fault.ts';

describe('the first fault of a JSON text', () => {
  it.each([
    ['{\n "a": 1,\n "b" 2}', 3, ': should stand in place of 2}'],
    ['{\n "a": tru\n}', 2, 'value should stand in place of tru'],
    ['{\n\n "a": 1,\n}', 4, 'key should stand in place of }'],
    ['{"a": [1,\n2,,3]}', 2, 'value should stand in place of ,3]}'],
    ['// no comments\n{}', 1, 'value should stand in place of //'],
    ["{\n'a': 1}", 2, "key or } should stand in place of 'a':"],
    ['{"a": "x\ny"}', 1, 'value should stand in place of "x'],
    ['{"a": 1}\n\n}', 3, 'end of the file should stand in place of }'],
    ['{"a": 01}', 1, 'value should stand in place of 01}'],
    ['{"a": "\\x"}', 1, 'value should stand in place of "\\x"}'],
    ['[1\n 2]', 2, ', or ] should stand in place of 2]'],
    ['[1}', 1, ', or ] should stand in place of }'],
    ['{"a":\n\n\n', 1, 'the text ends where value should follow'],
    ['{"a": {"b": 1}\n', 1, 'the text ends where , or } should follow'],
  ])('%j is in line %i', (text, line, reason) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findJsonFault(text)).toEqual({ line, reason });
  });

  it('is at the end only in a text that has none', () => {
    const text = JSON.stringify(
      { a: [1, -2.5e3, [], {}, null, true, 'é"\\/\u2028 \ud83d\ude00'], b: { c: '' } },
      null,
      2,
    );
    expect(findJsonFault(text)).toEqual({
      line: text.split('\n').length,
      reason: 'the text ends where end of the file should follow',
    });
  });
});

describe('a key that an object has twice', () => {
  it.each([
    ['{"a": 1,\n "b": {"a": 1},\n "\\u0061": 2}', 3, 'duplicated key "\\u0061"'],
    ['[{"a": 1}, {"x": ["a", "a", {}],\n"x": 1}]', 2, 'duplicated key "x"'],
  ])('%j is in line %i', (text, line, reason) => {
    expect(findJsonRepeat(text)).toEqual({ line, reason });
  });

  it('is none in other objects, or among values', () => {
    expect(findJsonRepeat('{"a": "a", "b": {"a": ["b", "b"]}, "c": [{"a": 1}, {"a": 1}], "": {}}')).toBeUndefined();
  });
});
