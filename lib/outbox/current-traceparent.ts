interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}
interface TraceApi {
  readonly trace: { getActiveSpan(): { spanContext(): SpanContext } | undefined };
}

/** Under this name `@opentelemetry/api` 1.x keeps what is registered, for every copy of it in a process. */
const GLOBAL = Symbol.for('opentelemetry.js.api.1');

let api: TraceApi | undefined;

/** Loads OpenTelemetry's API, if something of the application has registered itself with it. */
export async function loadTraceApi(): Promise<void> {
  if (api !== undefined || (globalThis as Record<symbol, unknown>)[GLOBAL] === undefined) return;
  const name = '@opentelemetry/api';
  api = (await import(name).catch(() => undefined)) as TraceApi | undefined;
}

/**
 * The W3C `traceparent` of the span in which this runs; `null` where the application has no OpenTelemetry.
 * {@link loadTraceApi} must have run.
 */
export function currentTraceparent(): string | null {
  const context = api?.trace.getActiveSpan()?.spanContext();
  if (context === undefined || !/^[0-9a-f]{32}$/.test(context.traceId)) return null;
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
}
