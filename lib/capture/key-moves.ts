import type { Key, KeyChange, TrackedTable } from './tracked-table.js';

/** Where the objects of a transaction were before it, and where they are, by {@link TrackedTable.keyText}. */
export interface NetKeyMoves {
  /** The key that the object which has a key now had before the transaction. */
  cameFrom(keyText: string): Key | undefined;
  /** The key that the object which had a key before the transaction has now. */
  wentTo(keyText: string): Key | undefined;
}

/** What one statement did to keys: all at once, so that objects may exchange them. */
interface Move {
  readonly table: TrackedTable;
  readonly changes: readonly KeyChange[];
  /** The outermost open savepoint, by depth, to which it belongs. */
  readonly depth: number;
}

/** Where an object is, and where it was before the transaction. */
interface Place {
  readonly key: Key;
  readonly origin: Key;
  readonly originText: string;
}

/** The new keys that a transaction gave to its objects, in their order. */
export class KeyMoves {
  private moves: Move[] = [];

  add(move: Move): void {
    if (move.changes.length > 0) this.moves.push(move);
  }

  /** A savepoint was released: what it held belongs to the one around it. */
  released(depth: number): void {
    this.moves = this.moves.map((move) => ({ ...move, depth: Math.min(move.depth, depth) }));
  }

  /** A savepoint was rolled back. */
  rolledBack(depth: number): void {
    this.moves = this.moves.filter((move) => move.depth <= depth);
  }

  /** What all of them come to. */
  net(): NetKeyMoves {
    const places = new Map<string, Place>();
    for (const { table, changes } of this.moves) {
      const moving = changes.map(({ from, to }): Place => {
        const fromText = table.keyText(from);
        const { origin, originText } = places.get(fromText) ?? { origin: from, originText: fromText };
        return { key: to, origin, originText };
      });
      for (const { from } of changes) places.delete(table.keyText(from));
      for (const place of moving) {
        const keyText = table.keyText(place.key);
        if (keyText === place.originText) places.delete(keyText);
        else places.set(keyText, place);
      }
    }
    const went = new Map([...places.values()].map(({ originText, key }) => [originText, key]));
    return { cameFrom: (keyText) => places.get(keyText)?.origin, wentTo: (keyText) => went.get(keyText) };
  }
}
