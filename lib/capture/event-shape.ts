import type { DataSource, EntityMetadata } from 'typeorm';
import { toJsonText } from '../common/json-text.js';
import type { CapturedEvent } from '../outbox/captured-event.js';
import { entityFromImage } from './entity-from-image.js';
import { eventData, serialised, type IdentifiedObject } from './event-data.js';
import type { Image } from './image.js';
import { PlainData } from './plain-data.js';
import { SnapshotShape, type Difference } from './snapshot-shape.js';

/** An object before and after the transaction, at least one of which there is. */
export interface States {
  readonly before: Image | null;
  readonly after: Image | null;
  /** The later one. */
  readonly last: Image;
}

/** What an event's `data` has beside the object's own columns. */
export interface Surroundings {
  readonly object: IdentifiedObject;
  /** What its declared relations hold. */
  readonly related: Readonly<Record<string, unknown>>;
  /** The entity as it was loaded before it was deleted. */
  readonly leaving: object | undefined;
}

/** Turns changes of one entity into the texts of their events. */
export class EventShape {
  private readonly snapshot: SnapshotShape;
  /** `null` when the class says more than its columns; `undefined` until the first entity is made. */
  private plain: PlainData | null | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly kind: EntityMetadata,
  ) {
    this.snapshot = new SnapshotShape(dataSource, kind);
  }

  /** What has changed: everything of what came or went. */
  difference({ before, after }: States): Difference {
    return before && after
      ? this.snapshot.difference(before, after)
      : { changed: this.snapshot.names, rewritten: [] };
  }

  /** @throws WebhooksError `WEBHOOKS_SERIALIZER_FAILED` */
  texts(
    { before, after, last }: States,
    { rewritten }: Difference,
    surroundings: Surroundings,
  ): Pick<CapturedEvent, 'data' | 'prechange' | 'postchange'> {
    // One object becomes each of the three in turn: what they have in common is read once.
    const values = this.snapshot.values(before ?? last);
    const prechange = before && toJsonText(values);
    this.snapshot.put(values, last, rewritten);
    const postchange = after && toJsonText(values);
    return { prechange, postchange, data: this.data(last, values, surroundings) };
  }

  private data(
    image: Image,
    values: Record<string, unknown>,
    { object, related, leaving }: Surroundings,
  ): string {
    const { dataSource, kind, plain } = this;
    if (leaving !== undefined) return eventData(leaving, kind, object);
    const text = plain ? serialised(kind, object, () => plain.text(values, related)) : undefined;
    if (text !== undefined) return text;
    const entity = entityFromImage(dataSource, kind, image, related);
    const data = eventData(entity, kind, object);
    if (plain === undefined) {
      const { serialize } = object.table.entityOf(kind);
      this.plain = serialize ? null : PlainData.of(entity, kind, related, this.snapshot.names);
    }
    return data;
  }
}
