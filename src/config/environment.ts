const PREFIX = 'SG_EXPORT_';

/** Read elsewhere, or by the tests: never settings. */
const RESERVED: ReadonlySet<string> = new Set(['SG_EXPORT_DB', 'SG_EXPORT_FFMPEG', 'SG_EXPORT_FFPROBE']);
const RESERVED_PREFIX = 'SG_EXPORT_TEST_';

export interface EnvironmentSettings {
  /** Raw text by snake_case key, such as `two_pass`. */
  readonly values: Readonly<Record<string, string>>;
  /** Variables that look like ours and name nothing known: worth a warning. */
  readonly unknown: readonly string[];
}

/**
 * The settings in the environment: `SG_EXPORT_TWO_PASS` for `two-pass` or `two_pass` in `names`. A variable that is set
 * to nothing counts as not set, as is the custom.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): EnvironmentSettings {
  const keys = new Map(names.map((name) => [variableOf(name), keyOf(name)]));
  const values: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!value || !variable.startsWith(PREFIX) || isReserved(variable)) continue;
    const key = keys.get(variable);
    if (key === undefined) unknown.push(variable);
    else values[key] = value;
  }
  return { values, unknown: unknown.sort() };
}

const keyOf = (name: string): string => name.replaceAll('-', '_');
const variableOf = (name: string): string => `${PREFIX}${keyOf(name).toUpperCase()}`;
const isReserved = (variable: string): boolean => RESERVED.has(variable) || variable.startsWith(RESERVED_PREFIX);
