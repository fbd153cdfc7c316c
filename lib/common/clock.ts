/** Milliseconds since the Unix epoch, as `Date.now()` gives them. Policies take one, so that tests can turn it. */
export type Clock = () => number;

/** The process's own clock. It measures durations and stamps signatures; it never decides what is due. */
export const systemClock: Clock = () => Date.now();
