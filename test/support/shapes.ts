import { expect } from 'vitest';

/** What a value of a machine-readable answer must be: says what is wrong with it, or nothing. */
export type Shape = (value: unknown) => string | undefined;

const said = (value: unknown) => JSON.stringify(value)?.slice(0, 120) ?? String(value);
const kind =
  (name: string, is: (value: unknown) => boolean): Shape =>
  (value) =>
    is(value) ? undefined : `is ${said(value)}, not ${name}`;

export const text = kind('a text', (value) => typeof value === 'string' && value !== '');
export const anyText = kind('a text, maybe empty', (value) => typeof value === 'string');
export const flag = kind('true or false', (value) => typeof value === 'boolean');
export const number = kind('a number', (value) => typeof value === 'number' && Number.isFinite(value));
export const count = kind('a whole number from 0', (value) => Number.isInteger(value) && Number(value) >= 0);
export const percent = kind('0 to 100', (value) => typeof value === 'number' && value >= 0 && value <= 100);
export const id = kind('an id', (value) => typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value));
export const time = kind('an ISO time in UTC', (value) => typeof value === 'string' && /^\d{4}-.*Z$/.test(value));
export const day = kind('a day', (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value));
export const path = kind('an absolute path', (value) => typeof value === 'string' && value.startsWith('/'));
export const digest = kind('a digest', (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value));
export const rate = kind('a rate', (value) => typeof value === 'string' && /^\d+(\/\d+)?$/.test(value));
export const anything: Shape = () => undefined;
export const nothing = kind('null', (value) => value === null);
export const exactly = (wanted: unknown): Shape => kind(said(wanted), (value) => said(value) === said(wanted));

export const oneOf = (...values: readonly unknown[]): Shape =>
  kind(`one of ${said(values)}`, (value) => values.includes(value));

export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) => {
    const wrong = shapes.map((shape) => shape(value));
    return wrong.includes(undefined) ? undefined : wrong.join(' and ');
  };
export const orNull = (shape: Shape): Shape => either(nothing, shape);

export const listOf =
  (shape: Shape, atLeast = 0): Shape =>
  (value) => {
    if (!Array.isArray(value)) return `is ${said(value)}, not a list`;
    if (value.length < atLeast) return `has ${value.length} of at least ${atLeast}`;
    return value
      .map((one, i) => [i, shape(one)] as const)
      .find(([, wrong]) => wrong)
      ?.join(' ');
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with these keys at least: who reads it passes by what it does not know. */
export const object =
  (keys: Readonly<Record<string, Shape>>): Shape =>
  (value) => {
    if (!isObject(value)) return `is ${said(value)}, not an object`;
    for (const [key, shape] of Object.entries(keys)) {
      const wrong = key in value ? shape(value[key]) : 'is missing';
      if (wrong) return `${key} ${wrong}`;
    }
    return undefined;
  };

export const mapOf =
  (keyShape: Shape, shape: Shape): Shape =>
  (value) => {
    if (!isObject(value)) return `is ${said(value)}, not an object`;
    return Object.entries(value)
      .map(([key, one]) => keyShape(key) ?? shape(one))
      .find((wrong) => wrong);
  };

/** Expects an answer to have a shape. */
export function expectShape(value: unknown, shape: Shape): void {
  expect(shape(value) ?? 'as documented').toBe('as documented');
}
