const MESSAGES: Readonly<Record<string, string>> = {
  saved: 'The webhook was saved.',
  deleted: 'The webhook was deleted, and what was still to be delivered is cancelled.',
  enabled: 'The webhook is enabled. What was held is sent now.',
  disabled: 'The webhook is disabled. Its deliveries are held until it is enabled.',
  ended: 'Only the new secret signs from now on.',
  retried: 'The delivery is sent again now.',
  resent: 'This is the new delivery, sent as the webhook is defined now.',
  cancelled: 'The delivery is cancelled, unless it was finished or is being sent.',
  replayed: 'The event was replayed.',
  unmatched:
    'Nothing was replayed: the webhook does not listen to this event, or its conditions do not hold.',
  paused: 'Sending is paused in every process. Deliveries wait, and nothing is lost.',
  resumed: 'Deliveries are sent again.',
};

/** What was done before this page was shown, in words. The address only carries a name of it. */
export function doneMessage(done: unknown): string | null {
  return typeof done === 'string' && Object.hasOwn(MESSAGES, done) ? (MESSAGES[done] ?? null) : null;
}
