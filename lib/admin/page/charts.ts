import type { LatencyPoint } from '../queries/read-latency.js';
import type { WebhookHealth } from '../queries/read-health.js';

/** A rectangle of a chart. */
export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly kind: 'ok' | 'bad' | 'other' | 'none';
  readonly title: string;
}

/** A chart: bars of width 1 in a box. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly bars: readonly Bar[];
  /** What it shows, in words. */
  readonly label: string;
}

const HEIGHT = 20;
const HOUR = 3_600_000;

/** The hours of a day, succeeded below failed. Each hour is as high as its share of the busiest. */
export function healthChart({ hours, succeeded, failed, since }: WebhookHealth): Chart {
  const busiest = Math.max(1, ...hours.map((hour) => hour.succeeded + hour.failed + hour.other));
  const bars = hours.flatMap((hour, x): Bar[] => {
    const time = `${hour.start.toISOString().slice(11, 16)} UTC`;
    const isCounted = since === null || hour.start.getTime() + HOUR > since.getTime();
    const title = isCounted
      ? `${time}: ${hour.succeeded} delivered, ${hour.failed} failed, ${hour.other} other`
      : `${time}: not counted`;
    const parts = (['succeeded', 'failed', 'other'] as const).filter((kind) => hour[kind] > 0);
    if (parts.length === 0) return [{ x, y: HEIGHT - 1, height: 1, kind: 'none', title }];
    let top = HEIGHT;
    return parts.map((part) => {
      // One failure among thousands must still be seen.
      const height = Math.max(2, (hour[part] / busiest) * (HEIGHT - 4));
      top -= height;
      return { x, y: round(Math.max(0, top)), height: round(height), kind: KINDS[part], title };
    });
  });
  const span = since === null ? 'Last 24 hours' : `Since ${since.toISOString().slice(11, 16)} UTC`;
  return {
    width: hours.length,
    height: HEIGHT,
    bars,
    label:
      succeeded + failed === 0
        ? `${span}: no finished deliveries`
        : `${span}: ${succeeded} delivered, ${failed} failed`,
  };
}

/** The last attempts, each as high as its duration. */
export function latencyChart(points: readonly LatencyPoint[]): Chart & { median: number; longest: number } {
  const longest = Math.max(1, ...points.map(({ duration }) => duration));
  const sorted = points.map(({ duration }) => duration).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const bars = points.map(({ duration, succeeded, startedAt }, x): Bar => {
    const height = round(Math.max(0.5, (duration / longest) * HEIGHT));
    const title = `${startedAt.toISOString().slice(0, 19)}Z: ${duration} ms, ${succeeded ? 'delivered' : 'failed'}`;
    return { x, y: round(HEIGHT - height), height, kind: succeeded ? 'ok' : 'bad', title };
  });
  return {
    width: Math.max(20, points.length),
    height: HEIGHT,
    bars,
    label: `The last ${points.length} attempts: median ${median} ms, longest ${longest} ms`,
    median,
    longest,
  };
}

const KINDS = { succeeded: 'ok', failed: 'bad', other: 'other' } as const;

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
