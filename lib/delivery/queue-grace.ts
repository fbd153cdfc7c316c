/**
 * Milliseconds for which a job stands for a delivery. After that the delivery is put into the queue again: the job, or
 * the whole queue, may be lost.
 */
export const QUEUE_GRACE = 20_000;
