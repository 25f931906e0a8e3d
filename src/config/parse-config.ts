import { basename, extname } from 'node:path';
import { SgError } from '../model/errors.ts';
import { isMapping } from '../model/mapping.ts';
import { type Fault, findJsonFault, findJsonRepeat } from './json-fault.ts';

/**
 * Reads one configuration file's text: JSON by its extension, else YAML. Undefined where the file holds nothing about
 * sg-export. Throws USAGE naming file and line.
 *
 * Only cosmiconfig's loaders for data are used. Its `cosmiconfig()` itself must not be called: it looks for its own
 * settings first, and for that runs a `.config/config.js` that it finds in the working folder.
 */
export async function parseConfig(
  path: string,
  text: string,
  maxValues = MAX_VALUES,
): Promise<Record<string, unknown> | undefined> {
  const { defaultLoaders } = await import('cosmiconfig');
  const isJson = extname(path).toLowerCase() === '.json';
  let content: unknown;
  try {
    content = await defaultLoaders[isJson ? '.json' : '.yaml'](path, text);
  } catch (error) {
    throw broken(path, isJson ? findJsonFault(text) : yamlFault(error));
  }
  const isShared = basename(path) === 'package.json';
  const repeat = isJson && !isShared ? findJsonRepeat(text) : undefined;
  if (repeat) throw broken(path, repeat);
  if (isShared) content = isMapping(content) ? content['sg-export'] : undefined;
  if (content === undefined || content === null) return undefined;
  if (!isMapping(content)) {
    throw new SgError('USAGE', `${path} does not hold keys with values`, { hint: 'write lines such as `codec: h265`' });
  }
  if (!holdsFewer(maxValues, content)) throw new SgError('USAGE', `${path} holds more than ${maxValues} values`);
  return content;
}

const MAX_VALUES = 10_000;

/** A few lines of YAML can say billions of values by naming others (`*a`): whoever prints one would never end. */
function holdsFewer(limit: number, content: unknown): boolean {
  const waiting: unknown[] = [content];
  for (let seen = 0; waiting.length > 0; seen += 1) {
    if (seen > limit) return false;
    const value = waiting.pop();
    if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value).slice(0, limit));
  }
  return true;
}

function broken(path: string, { line, reason }: Fault): SgError {
  const place = line === undefined ? path : `${path}, line ${line}`;
  return new SgError('USAGE', `${place}: ${reason}`, { hint: 'correct the file, or name another one' });
}

function yamlFault(error: unknown): Fault {
  const mark = isMapping(error) && isMapping(error.mark) ? error.mark : undefined;
  const reason = isMapping(error) && typeof error.reason === 'string' ? error.reason : String(error);
  return { line: typeof mark?.line === 'number' ? mark.line + 1 : undefined, reason };
}
