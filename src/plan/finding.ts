import type { Issue, IssueExit } from '../model/errors.ts';

/** A finding that stops the request. */
export function wrong(code: string, path: string, message: string, hint: string, exit: IssueExit = 'RULES'): Issue {
  return { severity: 'error', code, message, path, hint, exit };
}

/** A finding that the user should know of, and that stops nothing. */
export function warn(code: string, path: string, message: string, hint = ''): Issue {
  return { severity: 'warning', code, message, path, hint, exit: 'RULES' };
}

/** The warnings among findings, as a result and a person get them. */
export function warningTexts(issues: readonly Issue[]): readonly string[] {
  return issues
    .filter((issue) => issue.severity === 'warning')
    .map((issue) => (issue.hint ? `${issue.message} (${issue.hint})` : issue.message));
}
