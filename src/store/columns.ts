/** Readers of single columns. A database is foreign data: what is not as it should be reads as its empty value. */

export type Row = Readonly<Record<string, unknown>>;

export const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
export const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

export function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  const parsed = jsonOf(value);
  return isRow(parsed) && !Array.isArray(parsed) ? parsed : {};
}

export function textsOf(value: unknown): readonly string[] {
  const parsed = jsonOf(value);
  return Array.isArray(parsed) ? parsed.filter((item): item is string => typeof item === 'string') : [];
}

export function numbersOf(value: unknown): Readonly<Record<string, number>> {
  const entries = Object.entries(objectOf(value));
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
