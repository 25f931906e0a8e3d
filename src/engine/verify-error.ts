import { SgError } from '../model/errors.ts';
import type { Verification } from '../model/events.ts';

/** A failed verification, with its checks, so that the result can show them. */
export class VerifyError extends SgError {
  readonly verification: Verification;
  constructor(verification: Verification) {
    const failed = verification.checks.filter((check) => !check.ok);
    const what = failed.map((check) => `${check.name}: expected ${check.expected}, found ${check.actual}`).join('; ');
    super('VERIFY', `the output is not what was planned: ${what}`, {
      hint: 'the destination is as it was; -v shows the command',
    });
    this.verification = verification;
  }
}
