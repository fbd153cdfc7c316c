import { Client, type CustomTypesConfig } from 'pg';
import { newId } from '../../lib/common/new-id.js';

/** A statement as it was logged. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
const [START, COMMIT] = ['START TRANSACTION', 'COMMIT'];

/**
 * Sends the statements of a write again and looks at no answer: what is left of its time when nobody has to make them,
 * so that no code around them could be faster.
 */
export class Replay {
  private constructor(
    private readonly client: Client,
    private readonly messages: readonly (readonly Sent[])[],
  ) {}

  static async of(url: string, statements: readonly Sent[]): Promise<Replay> {
    const client = new Client({ connectionString: url, pipeline: true });
    await client.connect();
    return new Replay(client, together(statements));
  }

  /** How many it sends. */
  get statements(): number {
    return this.messages.flat().length;
  }

  /** Makes what the next one needs of its own, and gives what sends it. */
  prepare(): () => Promise<void> {
    const messages = this.messages.map((message) =>
      message.map(({ text, values }) => ({ text, values: values.map(renewed) })),
    );
    return async () => {
      for (const message of messages) await Promise.all(message.map((statement) => this.send(statement)));
    };
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private send({ text, values }: Sent): Promise<unknown> {
    return this.client.query({ text, values: [...values], rowMode: 'array', types: AS_TEXT });
  }
}

/** Those between which nobody waits for an answer, as capture sends them. */
function together(statements: readonly Sent[]): Sent[][] {
  const messages: Sent[][] = [];
  for (const statement of statements) {
    const last = messages.at(-1);
    if (last !== undefined && (statement.text === COMMIT || last.at(-1)?.text === START))
      last.push(statement);
    else messages.push([statement]);
  }
  return messages;
}

/** The same value with other ids: those of events are keys. */
function renewed(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(UUID, newId) : value;
}

const AS_TEXT = { getTypeParser: () => (text: unknown) => text } as unknown as CustomTypesConfig;
