import type { Issue } from '../model/errors.ts';

/** What was found about one of several exports. */
export interface ExportFindings {
  readonly label: string;
  readonly issues: readonly Issue[];
}

const MOST_NAMED = 3;

function namesText(labels: readonly string[], count: number): string {
  if (labels.length === count && count > 1) return '';
  const named = labels.slice(0, MOST_NAMED).join(', ');
  const more = labels.length - MOST_NAMED;
  return `${named}${more > 0 ? ` and ${more} more` : ''}: `;
}

/** What `export` does with -o, and `multi`, which has none, with other flags. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/with -o or --name\b/, 'with --name'],
  [/the name of a file with -o\b/, 'a name that is free with --name'],
  [/another (name or folder|output) with -o\b|another -o\b/, 'another --output-folder or --name'],
  [/(?<![\w-])-o\b/, '--output-folder'],
];

/** A hint in the words of `multi`. */
export const multiHint = (hint: string): string => SPELLINGS.reduce((text, [from, to]) => text.replace(from, to), hint);

/** What would work, as `multi` spells it. */
function hintOf({ code, hint }: Issue): string {
  if (code === 'output_exists')
    return '--overwrite replaces it, --skip-existing makes only what is missing; or another --output-folder or --name';
  return multiHint(hint);
}

/**
 * The findings of all exports, each said once with the exports that it is about; one that is about all of them (a
 * missing source, a wrong flag) names none.
 */
export function gatherFindings(all: readonly ExportFindings[]): readonly Issue[] {
  const groups = new Map<string, { readonly issue: Issue; readonly labels: string[] }>();
  for (const { label, issues } of all) {
    for (const issue of issues) {
      const key = JSON.stringify([issue.severity, issue.code, issue.message, issue.path, issue.exit]);
      const group = groups.get(key) ?? { issue, labels: [] };
      groups.set(key, group);
      if (group.labels.at(-1) !== label) group.labels.push(label);
    }
  }
  return [...groups.values()].map(({ issue, labels }) => ({
    ...issue,
    hint: hintOf(issue),
    message: `${namesText(labels, all.length)}${issue.message}`,
  }));
}
