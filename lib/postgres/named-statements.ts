import { createHash } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { isOfServer, plainPgClient, standBefore, type PgClient } from './pg-client.js';

/** Texts that are remembered, and names that one connection keeps: each costs its server process memory. */
const [MAX_TEXTS, MAX_NAMES] = [1_000, 100];

/** What is known of one connection. */
interface Known {
  /** Whether it leads to one server process, and no pooler gives it another for each transaction. */
  readonly isDirect: boolean;
  readonly names: Set<string>;
}

/**
 * Lets connections to PostgreSQL keep statements by a name, so that the server plans them a few times and not each time.
 * Only those whose plan does not depend on their values, and that are sent again and again.
 */
export class NamedStatements {
  private readonly known = new WeakMap<PgClient, Known>();
  /** Names by texts; none for what was sent once. */
  private readonly names = new Map<string, string | undefined>();
  private generation = 0;

  constructor(
    private isOn: boolean,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  /** Whether the connection would have to tell its server process. */
  asks(client: PgClient): boolean {
    return this.isOn && !this.known.has(client);
  }

  /**
   * Notes which server process has answered. A pooler tells its clients of processes that are none, to be able to give
   * them any.
   */
  answered(client: PgClient, processId: string | null | undefined): void {
    this.known.set(client, { isDirect: processId === String(client.processID), names: new Set() });
  }

  /** The name under which the connection keeps a text; none if it is not to. */
  nameOf(client: PgClient, text: string): string | undefined {
    const known = this.isOn ? this.known.get(client) : undefined;
    if (known?.isDirect !== true) return undefined;
    const name = this.nameOfText(text);
    if (name === undefined || known.names.has(name)) return name;
    if (known.names.size >= MAX_NAMES) return undefined;
    known.names.add(name);
    return name;
  }

  /**
   * Runs what sends one statement whose text is told before.
   *
   * @param run - is given the function that tells it
   */
  async during<Result>(
    runner: QueryRunner,
    run: (tell: (text: string) => void) => Promise<Result>,
  ): Promise<Result> {
    const client = this.isOn ? await plainPgClient(runner) : undefined;
    if (client === undefined) return run(ignore);
    let leave: () => void = ignore;
    let told = '';
    try {
      return await run((text) => {
        told = text;
        leave = this.sendByName(client, text);
      });
    } catch (error) {
      if (leave !== ignore) this.failed(told, (error as { driverError?: unknown }).driverError);
      throw error;
    } finally {
      leave();
    }
  }

  /** Judges what a server has said to a statement with a name. */
  refused(error: unknown): void {
    const { code, routine } = (error ?? {}) as { code?: unknown; routine?: unknown };
    if (routine === RESULT_CHANGED) {
      // Its tables were altered: all connections prepare anew.
      this.generation += 1;
      this.names.clear();
    } else if (this.isOn && (code === UNKNOWN_NAME || code === USED_NAME)) {
      this.isOn = false;
      this.logger.warn(NOT_KEPT);
    }
  }

  private failed(text: string, error: unknown): void {
    if (isOfServer(error)) this.refused(error);
    else if (error !== undefined) this.rename(text);
  }

  /** The client may believe that the server knows a name, though it could not send what goes with it. */
  private rename(text: string): void {
    this.generation += 1;
    this.names.set(text, undefined);
  }

  private sendByName(client: PgClient, text: string): () => void {
    const name = this.nameOf(client, text);
    if (name === undefined) return ignore;
    const leave = standBefore(client, (send, args) => {
      if (args[0] !== text) return send(...args);
      leave();
      return send({ name, text, values: args[1] });
    });
    return leave;
  }

  /** From the second time on: what is sent once is not worth a name. */
  private nameOfText(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const name = this.names.has(text) ? this.newName(text) : undefined;
    if (name === undefined && this.names.size >= MAX_TEXTS) this.names.clear();
    this.names.set(text, name);
    return name;
  }

  /** The same for the same text, so that it can never name another one. */
  private newName(text: string): string {
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 24);
    return `webhooks_${hash}_${this.generation}`;
  }
}

const ignore = () => undefined;

/** SQLSTATEs of a name that the server does not know, and of one that it knows already. */
const [UNKNOWN_NAME, USED_NAME] = ['26000', '42P05'];
/** Where the server finds that a statement would give columns of other types; the SQLSTATE is that of much else. */
const RESULT_CHANGED = 'RevalidateCachedQuery';

const NOT_KEPT =
  'PostgreSQL has forgotten a prepared statement of capture: a pooler gives this connection different server processes, ' +
  'or something runs DISCARD or DEALLOCATE. The transaction that met it failed; this process no longer prepares ' +
  'statements. Set `capture.preparedStatements` to false, so that none ever does.';
