import type { QueryRunner } from 'typeorm';
import type { NamedStatements } from './named-statements.js';
import {
  plainPgClient,
  sendStatement,
  sendTogether,
  standBefore,
  type PgClient,
  type PgConnection,
  type Statement,
  type Texts,
} from './pg-client.js';

/** A statement on its way. */
export interface Sending {
  /** Settles when the statement has run; its error is the one for which the COMMIT fails then. */
  readonly done: Promise<void>;
  /** No longer waits for the COMMIT. @returns whether the statement was not sent, and will not be */
  cancel(): boolean;
}

type Callback = (error: unknown) => void;

/** What `pg`'s client takes instead of a text: it sends itself, and is told of the answers. */
interface Submittable {
  /** Noted by the client as what the server has parsed by this name. */
  readonly name: string | undefined;
  /** For whoever looks at what the client is given, such as a tracer. */
  readonly text: string;
  callback: Callback;
  submit(connection: PgConnection): null;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleError(error: unknown): void;
  handleReadyForQuery(): void;
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
  { values, statements }: { values: readonly unknown[]; statements: NamedStatements },
): Promise<Sending | undefined> {
  if (!areTexts(values)) return undefined;
  const client = await plainPgClient(runner);
  if (client === undefined) return undefined;
  const waiting = new WaitingStatement(client, { text, values, statements });
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

/** Waits before a client for its next COMMIT. */
class WaitingStatement {
  /** The statement has come to the client. */
  readonly taken: Promise<void>;
  private take!: () => void;
  private held: Held | undefined;
  private isLeft = false;
  private readonly restore: () => void;

  constructor(
    private readonly client: PgClient,
    private readonly own: {
      readonly text: string;
      readonly values: Texts;
      readonly statements: NamedStatements;
    },
  ) {
    this.taken = new Promise((resolve) => (this.take = resolve));
    this.restore = standBefore(client, (send, args) => this.pass(send, args));
  }

  cancel(): boolean {
    const { held } = this;
    if (this.isLeft) return false;
    this.leave();
    held?.reject(new Error('The transaction did not come to its COMMIT.'));
    return true;
  }

  private pass(send: PgClient['query'], args: unknown[]): unknown {
    const { held, own } = this;
    if (held === undefined) return args[0] === own.text ? this.hold() : send(...args);
    this.leave();
    if (args[0] === COMMIT) return this.sendBoth(send, held);
    // Something else comes first, which may ask for what the statement has done.
    const result = send(own.text, [...own.values]) as Promise<object>;
    void result.then(held.resolve, held.reject);
    return send(...args);
  }

  private hold(): Promise<object> {
    return new Promise((resolve, reject) => {
      this.held = { resolve, reject };
      this.take();
    });
  }

  private sendBoth(send: PgClient['query'], held: Held): Promise<object> {
    const { client, own } = this;
    const { text, values, statements } = own;
    const name = statements.nameOf(client, text);
    // Only once the COMMIT is done: whatever becomes of the question, it cannot harm it.
    const asked: Statement[] = statements.asks(client) ? [{ text: WHICH_PROCESS }] : [];
    return new Promise((resolve, reject) => {
      const messages = submittable([{ name, text, values }, { text: COMMIT }, ...asked], (error, answers) => {
        const [inserted, committed, process] = answers;
        if (asked.length > 0 && committed !== undefined) statements.answered(client, process?.value);
        if (name !== undefined) statements.refused(error);
        if (inserted === undefined) held.reject(error);
        else held.resolve(resultOf(inserted));
        if (committed === undefined) reject(error);
        else resolve(resultOf(committed));
      });
      try {
        send(messages);
      } catch (error) {
        messages.callback(error);
      }
    });
  }

  private leave(): void {
    this.isLeft = true;
    this.restore();
  }
}

interface Answer {
  /** The command tag. */
  readonly tag: string;
  /** Of the first column, in the last row. */
  readonly value: string | null | undefined;
}

const WHICH_PROCESS = 'SELECT pg_backend_pid()';

/**
 * Statements in one message. The first that fails is the last that is run.
 *
 * @param end - told the answers of those that were run
 */
function submittable(
  statements: readonly [Statement, ...Statement[]],
  end: (error: unknown, answers: readonly Answer[]) => void,
): Submittable {
  const answers: Answer[] = [];
  let value: Answer['value'];
  let failure: unknown = null;
  return {
    name: statements[0].name,
    text: statements[0].text,
    callback: (error) => end(error, answers),
    submit(connection) {
      sendTogether(connection, () => {
        try {
          for (const statement of statements) sendStatement(connection, statement);
        } catch (error) {
          failure = error;
        }
        // Also ends what could not be sent as a whole: the server is ready for others then.
        connection.sync();
      });
      return null;
    },
    handleDataRow({ fields }) {
      value = fields[0];
    },
    handleCommandComplete({ text }) {
      answers.push({ tag: text, value });
    },
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
function resultOf({ tag }: Answer): object {
  const [command = '', ...counts] = tag.split(' ');
  const count = counts.at(-1);
  return { command, rowCount: count === undefined ? null : Number(count), rows: [], fields: [] };
}

function areTexts(values: readonly unknown[]): values is Texts {
  return values.every((value) => value === null || typeof value === 'string');
}
