import type { QueryRunner } from 'typeorm';

/** A statement on its way. */
export interface Sending {
  /** Settles when the statement has run; its error is the one for which the COMMIT fails then. */
  readonly done: Promise<void>;
  /** No longer waits for the COMMIT. @returns whether the statement was not sent, and will not be */
  cancel(): boolean;
}

type Texts = readonly (string | null)[];

/** As much of `pg`'s connection as its own cursors use. */
interface PgConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  parse(message: { text: string }): void;
  bind(message: { values?: Texts }): void;
  execute(message: object): void;
  sync(): void;
}

type Callback = (error: unknown) => void;

/** What `pg`'s client takes instead of a text: it sends itself, and is told of the answers. */
interface Submittable {
  readonly text: string;
  callback: Callback;
  submit(connection: PgConnection): null;
  handleCommandComplete(message: { readonly text: string }): void;
  handleError(error: unknown): void;
  handleReadyForQuery(): void;
}

interface PgClient {
  query(...values: unknown[]): unknown;
  readonly connection?: Partial<PgConnection>;
  readonly pipeline?: boolean;
  readonly connectionParameters?: { readonly query_timeout?: unknown };
}

interface Held {
  readonly resolve: (result: object) => void;
  readonly reject: (error: unknown) => void;
}

const COMMIT = 'COMMIT';

/**
 * Begins a statement that goes out in one message with the COMMIT after it: a round trip less. If the statement fails,
 * PostgreSQL does not come to the COMMIT. For everybody else they are two: each is logged and told to subscribers.
 *
 * @returns `undefined` where the driver is none of which this is known; nothing was sent then
 */
export async function sendWithCommit(
  runner: QueryRunner,
  text: string,
  values: readonly unknown[],
): Promise<Sending | undefined> {
  const client = (await runner.connect()) as PgClient;
  if (!sendsMessages(client) || !areTexts(values)) return undefined;
  const waiting = new WaitingStatement(client, text, values);
  const done = runner.query(text, [...values]).then(() => undefined);
  // Whoever waits for the COMMIT hears of it.
  done.catch(() => undefined);
  try {
    await Promise.race([waiting.taken, done]);
  } catch (error) {
    waiting.cancel();
    throw error;
  }
  return { done, cancel: () => waiting.cancel() };
}

/** Stands before a client until its next COMMIT. */
class WaitingStatement {
  /** The statement has come to the client. */
  readonly taken: Promise<void>;
  private take!: () => void;
  private held: Held | undefined;
  private isLeft = false;
  private readonly send: PgClient['query'];

  constructor(
    private readonly client: PgClient,
    private readonly text: string,
    private readonly values: Texts,
  ) {
    this.taken = new Promise((resolve) => (this.take = resolve));
    this.send = client.query.bind(client);
    client.query = (...args) => this.pass(args);
  }

  cancel(): boolean {
    const { held } = this;
    if (this.isLeft) return false;
    this.leave();
    held?.reject(new Error('The transaction did not come to its COMMIT.'));
    return true;
  }

  private pass(args: unknown[]): unknown {
    const { held } = this;
    if (held === undefined) return args[0] === this.text ? this.hold() : this.send(...args);
    this.leave();
    if (args[0] === COMMIT) return this.sendBoth(held);
    // Something else comes first, which may ask for what the statement has done.
    const result = this.send(this.text, [...this.values]) as Promise<object>;
    void result.then(held.resolve, held.reject);
    return this.send(...args);
  }

  private hold(): Promise<object> {
    return new Promise((resolve, reject) => {
      this.held = { resolve, reject };
      this.take();
    });
  }

  private sendBoth(held: Held): Promise<object> {
    return new Promise((resolve, reject) => {
      const both = submittable([[this.text, this.values], [COMMIT]], (error, tags) => {
        const [inserted, committed] = tags.map(resultOf);
        if (inserted === undefined) held.reject(error);
        else held.resolve(inserted);
        if (error !== null || committed === undefined) reject(error);
        else resolve(committed);
      });
      try {
        this.send(both);
      } catch (error) {
        both.callback(error);
      }
    });
  }

  /** What stands on the client's prototype is seen again. */
  private leave(): void {
    this.isLeft = true;
    Reflect.deleteProperty(this.client, 'query');
  }
}

/**
 * Statements in one message. The first that fails is the last that is run.
 *
 * @param end - told the command tags of those that were run
 */
function submittable(
  statements: readonly (readonly [text: string, values?: Texts])[],
  end: (error: unknown, tags: readonly string[]) => void,
): Submittable {
  const tags: string[] = [];
  let failure: unknown = null;
  return {
    // For whoever looks at what the client is given, such as a tracer.
    text: statements.map(([text]) => text).join('; '),
    callback: (error) => end(error, tags),
    submit(connection) {
      const { stream } = connection;
      stream.cork?.();
      try {
        for (const [text, values] of statements) {
          connection.parse({ text });
          connection.bind(values === undefined ? {} : { values });
          connection.execute({});
        }
      } catch (error) {
        failure = error;
      } finally {
        // Also ends what could not be sent as a whole: the server is ready for others then.
        connection.sync();
        stream.uncork?.();
      }
      return null;
    },
    handleCommandComplete: ({ text }) => tags.push(text),
    // The client may have put a callback of its own around ours.
    handleError(error) {
      this.callback(error);
    },
    handleReadyForQuery() {
      this.callback(failure);
    },
  };
}

/** As the client gives it for a statement without rows. */
function resultOf(tag: string): object {
  const [command = '', ...counts] = tag.split(' ');
  const count = counts.at(-1);
  return { command, rowCount: count === undefined ? null : Number(count), rows: [], fields: [] };
}

/**
 * Whether it is `pg`'s own client as its class made it, and would not refuse what sends itself. With a timeout of its own
 * it may give up a statement that the server then runs: that must not be one with a COMMIT behind it.
 */
function sendsMessages(client: PgClient): boolean {
  const { connection, connectionParameters } = client;
  const methods = [connection?.parse, connection?.bind, connection?.execute, connection?.sync];
  return (
    methods.every((method) => typeof method === 'function') &&
    connection?.stream !== undefined &&
    client.pipeline !== true &&
    !connectionParameters?.query_timeout &&
    !Object.hasOwn(client, 'query')
  );
}

function areTexts(values: readonly unknown[]): values is Texts {
  return values.every((value) => value === null || typeof value === 'string');
}
