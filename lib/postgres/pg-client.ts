import type { QueryRunner } from 'typeorm';

/** Parameters that are sent as they are. */
export type Texts = readonly (string | null)[];

/** As much of `pg`'s connection as its own cursors use. */
export interface PgConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  /** Texts that the server has parsed, by their names. */
  readonly parsedStatements: Readonly<Record<string, string>>;
  parse(message: { text: string; name?: string }): void;
  bind(message: { values?: Texts; statement?: string }): void;
  execute(message: object): void;
  sync(): void;
}

/** The client of `pg` that a query runner holds while it is connected. */
export interface PgClient {
  query(...values: unknown[]): unknown;
  readonly connection?: Partial<PgConnection>;
  /** The server process that it was told of when it connected. */
  readonly processID?: number | null;
  readonly pipeline?: boolean;
  readonly connectionParameters?: { readonly query_timeout?: unknown };
}

/**
 * The runner's client, if it is `pg`'s own as its class made it, and would not refuse what sends itself. With a timeout
 * of its own it may give up a statement that the server then runs: that must not be one with a COMMIT behind it.
 */
export async function plainPgClient(runner: QueryRunner): Promise<PgClient | undefined> {
  const client = (await runner.connect()) as PgClient;
  const { connection, connectionParameters } = client;
  const methods = [connection?.parse, connection?.bind, connection?.execute, connection?.sync];
  const isPlain =
    methods.every((method) => typeof method === 'function') &&
    connection?.stream !== undefined &&
    connection.parsedStatements !== undefined &&
    client.pipeline !== true &&
    !connectionParameters?.query_timeout &&
    (!Object.hasOwn(client, 'query') || client.query === lines.get(client)?.query);
  return isPlain ? client : undefined;
}

/**
 * Is asked instead of a client.
 *
 * @param send - asks whoever stands behind it, the client at last
 */
export type Step = (send: PgClient['query'], args: unknown[]) => unknown;

interface Line {
  readonly steps: { readonly step: Step; isLeft: boolean }[];
  readonly query: PgClient['query'];
}

/** Who stands before each client. */
const lines = new WeakMap<PgClient, Line>();

/**
 * Puts a step before a client; who comes last is asked first.
 *
 * @returns takes it away; may be called again
 */
export function standBefore(client: PgClient, step: Step): () => void {
  const { steps, query } = lineOf(client);
  const place = { step, isLeft: false };
  steps.push(place);
  client.query = query;
  return () => {
    place.isLeft = true;
    if (!steps.every(({ isLeft }) => isLeft)) return;
    steps.length = 0;
    // Somebody else may have put himself before us since, and goes on through us.
    if (client.query === query) Reflect.deleteProperty(client, 'query');
  };
}

function lineOf(client: PgClient): Line {
  const known = lines.get(client);
  if (known !== undefined) return known;
  const steps: Line['steps'] = [];
  const ask = (count: number, args: unknown[]): unknown => {
    const place = steps[count - 1];
    if (place?.isLeft === false) return place.step((...next) => ask(count - 1, next), args);
    if (count > 0) return ask(count - 1, args);
    return (Object.getPrototypeOf(client) as PgClient).query.apply(client, args);
  };
  const line: Line = { steps, query: (...args) => ask(steps.length, args) };
  lines.set(client, line);
  return line;
}

/** Runs what writes to a connection, so that all of it goes out in one message. */
export function sendTogether<Result>({ stream }: PgConnection, send: () => Result): Result {
  stream.cork?.();
  try {
    return send();
  } finally {
    stream.uncork?.();
  }
}

/** A statement as it is sent. */
export interface Statement {
  /** By which the connection keeps it; none for one that is parsed each time. */
  readonly name?: string | undefined;
  readonly text: string;
  readonly values?: Texts;
}

/** Sends a statement whose rows nobody describes, without the end of the message. */
export function sendStatement(connection: PgConnection, { name = '', text, values }: Statement): void {
  if (name === '' || connection.parsedStatements[name] === undefined) connection.parse({ name, text });
  connection.bind(values === undefined ? { statement: name } : { statement: name, values });
  connection.execute({});
}

/** Whether an error is the server's own words, which have a severity, and not about the way to it. */
export function isOfServer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error;
}
