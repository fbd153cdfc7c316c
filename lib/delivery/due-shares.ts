import { freeRateSlots, latestSlot } from './take-rate-slots.js';

type Flag = boolean | number;

/** A webhook of which something is due, as it is read. */
export interface DueWebhook {
  readonly id: string;
  /** Whether it rested, and a probe decides. */
  readonly resting: Flag;
  /** Whether deliveries are due of which no attempt was made. */
  readonly fresh: Flag;
  /** Whether retries are. */
  readonly retries: Flag;
  readonly rate_limit: number | null;
  readonly rate_period: number;
  readonly rate_next_at: string | number | null;
  readonly now: string | number;
}

/** What is taken of a webhook: retries, or what is new. */
export interface Share {
  readonly webhookId: string;
  readonly retry: boolean;
  readonly limit: number;
  /** Whether more could be taken at once when it is used up. */
  readonly goesOn: boolean;
}

/** Of what is taken of a webhook, retries at most while there are new deliveries. */
const RETRY_SHARE = 0.25;

/** Whether its rate allows anything now. */
export function hasRoom(webhook: DueWebhook): boolean {
  return roomOf(webhook) > 0;
}

/**
 * Divides what may be taken of a webhook among what is due.
 *
 * @param each - deliveries of one kind at most
 */
export function sharesOf(webhook: DueWebhook, each: number): Share[] {
  const room = webhook.resting ? 1 : roomOf(webhook);
  const retries = webhook.fresh ? Math.ceil(Math.min(each, room) * RETRY_SHARE) : each;
  const fresh = webhook.retries ? Math.max(1, room - retries) : room;
  const share = (retry: boolean, limit: number): Share => ({
    webhookId: webhook.id,
    retry,
    limit: Math.min(each, room, limit),
    goesOn: room > each,
  });
  return [
    ...(webhook.fresh ? [share(false, fresh)] : []),
    ...(webhook.retries ? [share(true, retries)] : []),
  ];
}

/** Deliveries for which there is room under the rate now. */
function roomOf({
  rate_limit: rateLimit,
  rate_period: ratePeriod,
  rate_next_at: next,
  now,
}: DueWebhook): number {
  if (rateLimit === null) return Number.POSITIVE_INFINITY;
  const limit = { rateLimit, ratePeriod };
  const ahead = Number(next ?? 0) - Number(now);
  // One of them corrects a time that cannot be right.
  return ahead > latestSlot(limit) ? 1 : freeRateSlots(limit, ahead);
}
