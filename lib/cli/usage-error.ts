/** The command was called in a way it does not understand. Its message is the one sentence that is printed. */
export class UsageError extends Error {}
