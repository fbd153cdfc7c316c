import type { QueryRunner } from 'typeorm';
import {
  plainPgClient,
  sendStatement,
  sendTogether,
  standBefore,
  type PgClient,
  type PgConnection,
} from './pg-client.js';

type Send = PgClient['query'];
type Callback = (error: unknown, result?: unknown) => void;

/** `pg`'s own query, as far as it is told of the answers to it. */
interface PgQuery {
  readonly name?: string | undefined;
  readonly text: string;
  /** Holds the parsers that the client gives it. */
  readonly _result?: object | undefined;
  binary?: boolean | undefined;
  callback: Callback;
  submit(connection: PgConnection): unknown;
  handleRowDescription(message: object): void;
  handleDataRow(message: object): void;
  handleCommandComplete(message: object, connection: PgConnection): void;
  handleError(error: unknown, connection: PgConnection): void;
  handleReadyForQuery(connection: PgConnection): void;
}

type PgQueryClass = new (config: unknown, values?: unknown) => PgQuery;

const [START, ROLLBACK] = ['START TRANSACTION', 'ROLLBACK'];
/** As the client gives it. */
const STARTED = { command: 'START', rowCount: null, rows: [], fields: [] };

const ignore = () => undefined;

/**
 * Starts a transaction whose START goes out in one message with its first statement, where the driver is one of which
 * this is known: a round trip less. If it fails, PostgreSQL does not come to the statement. For everybody else they are
 * two: each is logged and told to subscribers.
 *
 * @returns to be called when the transaction has ended
 */
export async function startWithFirst(runner: QueryRunner): Promise<() => void> {
  const client = await clientOf(runner);
  const Query = client && queryClass(client);
  const leave = client && Query ? new WaitingStart(client, Query).leave : ignore;
  try {
    await runner.startTransaction();
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}

/** As the runner's own method, makes it begin at once: who writes beside this must not start another transaction. */
async function clientOf(runner: QueryRunner): Promise<PgClient | undefined> {
  const state: { isTransactionActive: boolean } = runner;
  state.isTransactionActive = true;
  try {
    return await plainPgClient(runner);
  } catch (error) {
    state.isTransactionActive = false;
    throw error;
  }
}

/** Stands before a client from before the START until that is answered. */
class WaitingStart {
  readonly leave: () => void;
  private isHeld = false;
  /** Settles with the answer to the START, once it was sent. */
  private started: Promise<void> | undefined;

  constructor(
    client: PgClient,
    private readonly Query: PgQueryClass,
  ) {
    this.leave = standBefore(client, (send, args) => this.pass(send, args, client));
  }

  private pass(send: Send, args: unknown[], client: PgClient): unknown {
    const { started } = this;
    if (started !== undefined) {
      // What must not run when the START has failed, nor after the end: it would be outside of any transaction.
      return after(args[0] === ROLLBACK ? started.catch(ignore) : started, send, args);
    }
    if (!this.isHeld) {
      if (args[0] !== START) return send(...args);
      this.isHeld = true;
      return Promise.resolve(STARTED);
    }
    if (!canFollow(args, client)) return after(this.answeredBy(send(START) as Promise<unknown>), send, args);
    const sent = sendBoth(send, new this.Query(...args));
    void this.answeredBy(sent.started);
    return sent.result;
  }

  private answeredBy(answer: Promise<unknown>): Promise<void> {
    this.started = answer.then(this.leave);
    // Whoever waits for it hears of it.
    this.started.catch(ignore);
    return this.started;
  }
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

function sendBoth(send: Send, query: PgQuery): { started: Promise<unknown>; result: Promise<unknown> } {
  let answer!: Callback;
  const started = new Promise((resolve, reject) => (answer = settling(resolve, reject)));
  const result = new Promise((resolve, reject) => {
    try {
      send(submittable(query, answer, settling(resolve, reject)));
    } catch (error) {
      answer(error);
      reject(error);
    }
  });
  return { started, result };
}

function settling(resolve: (result: unknown) => void, reject: (error: unknown) => void): Callback {
  return (error, result) => (error ? reject(error) : resolve(result));
}

/**
 * Everything is its own, and its callback is looked up: tracers give the client a copy with another one.
 *
 * @param answer - told what became of the START
 */
function submittable(query: PgQuery, answer: Callback, callback: Callback): PgQuery {
  let isStarted = false;
  const { name, text, _result, binary } = query;
  return {
    name,
    text,
    _result,
    binary,
    callback,
    submit(connection) {
      query.callback = (error, result) => this.callback(error, result);
      query.binary = this.binary;
      return sendTogether(connection, () => {
        sendStatement(connection, { text: START });
        return query.submit(connection);
      });
    },
    handleRowDescription: (message) => query.handleRowDescription(message),
    handleDataRow: (message) => query.handleDataRow(message),
    handleCommandComplete(message, connection) {
      if (isStarted) return query.handleCommandComplete(message, connection);
      isStarted = true;
      answer(null);
    },
    handleError(error, connection) {
      answer(error);
      // Also where the client has refused it, which is then not submitted.
      query.callback = (cause) => this.callback(cause);
      query.handleError(error, connection);
    },
    handleReadyForQuery: (connection) => query.handleReadyForQuery(connection),
  };
}

/** Asks when the START is answered; if it has failed, its error is the answer. */
function after(started: Promise<void>, send: Send, args: unknown[]): unknown {
  const [config] = args;
  const answer = started.then(() => send(...args));
  const tell = listenerOf(args);
  if (tell === undefined) return answer;
  answer.catch(tell);
  return isSubmittable(config) ? config : undefined;
}

/** Who hears of an error otherwise than by a promise. */
function listenerOf(args: unknown[]): Callback | undefined {
  const [config] = args;
  if (isSubmittable(config)) return (error) => config.handleError(error);
  return args.find((arg): arg is Callback => typeof arg === 'function');
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
