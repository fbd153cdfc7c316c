import type { QueryRunner } from 'typeorm';
import { plainPgClient, sendStatement, standBefore, type PgClient, type PgConnection } from './pg-client.js';

/** `pg`'s own query, which sends itself and is told of the answers. */
interface PgQuery {
  callback: (error: unknown, result: unknown) => void;
  submit(connection: PgConnection): unknown;
  handleCommandComplete(message: object, connection: PgConnection): void;
}

type PgQueryClass = new (config: unknown, values?: unknown) => PgQuery;

const START = 'START TRANSACTION';
/** As the client gives it. */
const STARTED = { command: 'START', rowCount: null, rows: [], fields: [] };

/**
 * Starts a transaction whose START goes out in one message with its first statement, where the driver is one of which
 * this is known: a round trip less. If it fails, PostgreSQL does not come to the statement. For everybody else they are
 * two: each is logged and told to subscribers.
 *
 * @returns to be called when the transaction has ended
 */
export async function startWithFirst(runner: QueryRunner): Promise<() => void> {
  const client = await plainPgClient(runner);
  const Query = client && queryClass(client);
  const leave = client && Query ? holdStart(client, Query) : () => undefined;
  try {
    await runner.startTransaction();
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}

/** Keeps the next START until something follows it. */
function holdStart(client: PgClient, Query: PgQueryClass): () => void {
  let isHeld = false;
  const leave = standBefore(client, (send, args) => {
    if (!isHeld) {
      if (args[0] !== START) return send(...args);
      isHeld = true;
      return Promise.resolve(STARTED);
    }
    leave();
    return canFollow(args, client) ? sendBoth(send, new Query(...args)) : sendAfter(send, args);
  });
  return leave;
}

/**
 * Whether it is a statement of the protocol's longer form, as all with values are. One with a name must have been
 * parsed before: the client would take the answer to the START for that.
 */
function canFollow(args: unknown[], { connection }: PgClient): args is [config: unknown, values?: unknown] {
  const [config, values] = args;
  if (typeof config === 'string') return args.length === 2 && Array.isArray(values) && values.length > 0;
  const { name, values: own } = config as { name?: unknown; values?: unknown };
  const isParsed = typeof name === 'string' && connection?.parsedStatements?.[name] !== undefined;
  return isParsed && args.length === 1 && Array.isArray(own) && own.length > 0;
}

function sendBoth(send: PgClient['query'], query: PgQuery): Promise<unknown> {
  query.submit = (connection) => {
    Reflect.deleteProperty(query, 'submit');
    const { stream } = connection;
    stream.cork?.();
    try {
      sendStatement(connection, { text: START });
      return query.submit(connection);
    } finally {
      stream.uncork?.();
    }
  };
  // The first answer is that to the START.
  query.handleCommandComplete = () => {
    Reflect.deleteProperty(query, 'handleCommandComplete');
  };
  return new Promise((resolve, reject) => {
    query.callback = (error, result) => {
      if (error) reject(error);
      else resolve(result);
    };
    send(query);
  });
}

/** What must not run when the START has failed: it would be outside of any transaction. */
function sendAfter(send: PgClient['query'], args: unknown[]): unknown {
  const [config] = args;
  const started = send(START) as Promise<unknown>;
  if (!isSubmittable(config)) return started.then(() => send(...args));
  started.then(
    () => send(...args),
    (error: unknown) => config.handleError(error),
  );
  return config;
}

/** A query of another class, such as a stream, which the client gives back at once. */
function isSubmittable(config: unknown): config is { handleError(error: unknown): void } {
  return typeof (config as { submit?: unknown } | undefined)?.submit === 'function';
}

function queryClass(client: PgClient): PgQueryClass | undefined {
  const { Query } = client.constructor as { Query?: PgQueryClass & { readonly prototype: Partial<PgQuery> } };
  const { submit, handleCommandComplete } = Query?.prototype ?? {};
  return typeof submit === 'function' && typeof handleCommandComplete === 'function' ? Query : undefined;
}
