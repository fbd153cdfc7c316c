import { WebhooksError } from '../common/webhooks-error.js';

/** One fault in a definition. */
export interface ConditionIssue {
  /** Where: `and[1].or[0].op`; empty for the definition as a whole. */
  readonly path: string;
  /** What is wrong there, and what would be right. */
  readonly message: string;
}

const SHOWN = 5;

/**
 * The conditions do not follow the language (`WEBHOOKS_CONDITION_INVALID`). All faults that could be found at once
 * are in `issues`, in the order of the definition.
 */
export class ConditionInvalidError extends WebhooksError {
  /** Every fault found, at least one. */
  readonly issues: readonly ConditionIssue[];

  constructor(issues: readonly [ConditionIssue, ...ConditionIssue[]]) {
    const shown = issues
      .slice(0, SHOWN)
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    if (issues.length > SHOWN) shown.push(`and ${issues.length - SHOWN} more`);
    super(
      'WEBHOOKS_CONDITION_INVALID',
      `The conditions cannot be used. ${shown.join('; ')}. Correct them and save again.`,
    );
    this.issues = issues;
  }

  /** Where the first fault is: `and[1].or[0].op`; empty for the definition as a whole. */
  get path(): string {
    return this.issues[0]?.path ?? '';
  }
}
