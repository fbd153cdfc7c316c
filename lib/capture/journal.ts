import type { QueryRunner } from 'typeorm';
import type { WebhookEventName } from '../common/events.js';
import { WebhooksContext } from '../context/webhooks-context.js';
import type { Image } from './image.js';
import { KeyMoves, type NetKeyMoves } from './key-moves.js';
import type { Key, KeyChange, Row, TrackedTable } from './tracked-table.js';
import { transactionDepth } from './typeorm-internals.js';

/** What is said of an object whose state is not captured. */
export interface BriefChange {
  readonly event: WebhookEventName;
  readonly changed: readonly string[];
}

/** One object that the transaction has changed, or may have. */
export interface TouchedObject {
  readonly table: TrackedTable;
  readonly key: Key;
  /** The key's {@link TrackedTable.keyText}. */
  readonly keyText: string;
  /** Its state before the transaction changed it, with the links that were read so far; `null` when it did not exist. */
  before: Image | null;
  /** The outermost open savepoint, by depth, in which it is known to be touched and locked. */
  depth: number;
  readonly username: string | null;
  readonly requestId: string | null;
  /** The entity with its relations, loaded before it was deleted. */
  leaving?: { readonly entity: object; readonly depth: number };
  /** What is known of it without its state: too many rows changed at once. */
  readonly brief?: BriefChange;
}

/** What one transaction has touched, in order. The first touch of an object holds its pre-image. */
export class Journal {
  private readonly objects = new Map<string, TouchedObject>();
  private readonly moves = new KeyMoves();
  private closed = false;
  private begunWrites = 0;
  private runningWrites = 0;
  private sent = 0;
  private readonly finals = new Map<string, Image>();
  /** The statement after which they hold. */
  private finalsSince = 0;
  private failure: { readonly error: unknown; readonly depth: number } | undefined;

  constructor(private readonly runner: QueryRunner) {}

  get touched(): ReadonlyMap<string, TouchedObject> {
    return this.objects;
  }

  get isEmpty(): boolean {
    return this.objects.size === 0 && this.failure === undefined;
  }

  /** How many statements its runner has sent since it was begun. */
  get statements(): number {
    return this.sent;
  }

  /** How many writes were begun since it was begun, and whether one still runs. */
  get writes(): { readonly begun: number; readonly running: boolean } {
    return { begun: this.begunWrites, running: this.runningWrites > 0 };
  }

  /** Why the transaction must not commit. */
  get poison(): unknown {
    return this.failure?.error;
  }

  has(table: TrackedTable, key: Key): boolean {
    return this.objects.has(table.keyText(key));
  }

  get(table: TrackedTable, key: Key): TouchedObject | undefined {
    return this.objects.get(table.keyText(key));
  }

  /** Notes an object unless it is noted already: the first touch wins. */
  touch(table: TrackedTable, key: Key, before: Image | null, brief?: BriefChange): void {
    const keyText = table.keyText(key);
    if (this.objects.has(keyText)) return;
    const context = WebhooksContext.current();
    this.objects.set(keyText, {
      table,
      key,
      keyText,
      before,
      depth: transactionDepth(this.runner),
      username: context?.username ?? null,
      requestId: context?.requestId ?? null,
      ...(brief === undefined ? {} : { brief }),
    });
  }

  /** Notes that objects are about to get other keys: each becomes the deletion of one and the creation of another. */
  rename(table: TrackedTable, changes: readonly KeyChange[]): void {
    const noted = changes.filter(({ from }) => this.has(table, from));
    for (const { to } of noted) this.touch(table, to, null);
    this.moves.add({ table, changes: noted, depth: transactionDepth(this.runner) });
  }

  /** Where the objects that got other keys were and are. */
  keyMoves(): NetKeyMoves {
    return this.moves.net();
  }

  /** Runs a write, while which the transaction must not commit. */
  async during<Result>(write: () => Promise<Result>): Promise<Result> {
    this.begunWrites += 1;
    this.runningWrites += 1;
    try {
      return await write();
    } finally {
      this.runningWrites -= 1;
    }
  }

  /** Whether the statement that ends the transaction has been sent: what follows is not in it. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** The statement that ends the transaction is about to be sent. */
  close(): void {
    this.closed = true;
  }

  /** A statement is about to be sent. */
  sends(): void {
    this.sent += 1;
  }

  /**
   * Notes objects as a statement has told that it left them: so they are until the next one, and after that if it tells
   * the same of all that it changes. Of links to others no statement tells.
   *
   * @param before - how many statements had been sent before it
   */
  noteFinals(table: TrackedTable, images: readonly Image[], before: number): void {
    // More than one since then: a listener has written too, or another part of the application on this runner.
    if (table.manyToMany.length > 0 || this.sent !== before + 1) return;
    if (this.finalsSince !== before) this.finals.clear();
    for (const image of images) this.finals.set(table.keyText(table.keyOf(image.row)), image);
    this.finalsSince = this.sent;
  }

  /** What is known of objects without reading them again. */
  knownFinals(): ReadonlyMap<string, Image> {
    return this.finalsSince === this.sent ? this.finals : new Map();
  }

  /** Says that a change may have gone unseen: from now on the transaction cannot commit. */
  fail(error: unknown): void {
    this.failure ??= { error, depth: transactionDepth(this.runner) };
  }

  /** A savepoint was released: what it held belongs to the one around it. */
  released(depth: number): void {
    for (const object of this.objects.values()) {
      object.depth = Math.min(object.depth, depth);
      if (object.leaving)
        object.leaving = { ...object.leaving, depth: Math.min(object.leaving.depth, depth) };
    }
    this.moves.released(depth);
    if (this.failure) this.failure = { ...this.failure, depth: Math.min(this.failure.depth, depth) };
  }

  /**
   * A savepoint was rolled back: what only it had touched is unchanged, and no longer locked, so that its pre-images
   * are worth nothing.
   */
  rolledBack(depth: number): void {
    for (const [keyText, object] of this.objects) {
      if (object.depth > depth) this.objects.delete(keyText);
      if ((object.leaving?.depth ?? 0) > depth) delete object.leaving;
    }
    this.moves.rolledBack(depth);
    if ((this.failure?.depth ?? 0) > depth) this.failure = undefined;
  }
}

/** The row of an object's pre-image; none when it did not exist. */
export function rowsBefore(object: TouchedObject | undefined): Row[] {
  return object?.before ? [object.before.row] : [];
}
