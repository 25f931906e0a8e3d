/** Whether a value that came from outside is an object of names and values: no list, nothing else. */
export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
