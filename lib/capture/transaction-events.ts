import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { WebhookEventName } from '../common/events.js';
import { chunks } from '../common/chunks.js';
import { toJsonText } from '../common/json-text.js';
import { SlicedWork } from '../common/sliced-work.js';
import { WebhooksContext } from '../context/webhooks-context.js';
import type { CapturedEvent } from '../outbox/captured-event.js';
import type { CaptureTools } from './capture-tools.js';
import { EventShape, type States } from './event-shape.js';
import type { Image } from './image.js';
import type { BriefChange, Journal, TouchedObject } from './journal.js';
import type { NetKeyMoves } from './key-moves.js';
import { loadRelatedObjects, type RelatedObjects } from './related-objects.js';
import type { Difference } from './snapshot-shape.js';
import type { Key, TrackedTable } from './tracked-table.js';

/** Objects whose events are made and written at once: others get the event loop in between. */
const BATCH = 250;

interface Change {
  readonly object: TouchedObject;
  readonly kind: EntityMetadata;
  readonly event: WebhookEventName;
  readonly states: States;
  readonly difference: Difference;
}

/** Events that are made and written at once. */
export interface EventBatch {
  readonly events: readonly CapturedEvent[];
  /** Whether none follows. */
  readonly isLast: boolean;
}

/** What was read when the transaction was about to commit, by key. */
interface Found {
  readonly related: ReadonlyMap<EntityMetadata, RelatedObjects>;
  readonly finals: ReadonlyMap<string, Image>;
  readonly moves: NetKeyMoves;
  /** Whether an object was there before the transaction. */
  readonly wasThere: (keyText: string) => boolean;
}

/** Compares what a transaction has touched with what is there now, and makes one event of each real change. */
export class TransactionEvents {
  private readonly shapes = new Map<EntityMetadata, EventShape>();

  constructor(private readonly tools: CaptureTools) {}

  /** The net events, in the order in which the objects were touched; in batches, each made when it is asked for. */
  async *of(runner: QueryRunner, journal: Journal): AsyncGenerator<EventBatch> {
    // Those of now: whoever touches more while they are read keeps the transaction from committing.
    const objects = [...journal.touched.values()];
    const finals = await this.finalImages(runner, journal, objects);
    const work = new SlicedWork();
    const changes = new Map<TouchedObject, Change>();
    for (const batch of chunks(objects, BATCH)) {
      for (const object of batch) {
        const change = object.brief ? undefined : this.change(object, finals.get(object.keyText) ?? null);
        if (change !== undefined) changes.set(object, change);
      }
      await work.pause();
    }
    const found: Found = {
      finals,
      related: await this.relatedObjects(runner, [...changes.values()]),
      moves: journal.keyMoves(),
      wasThere: (keyText) => (journal.touched.get(keyText)?.before ?? null) !== null,
    };
    let made = 0;
    for (const batch of chunks(objects, BATCH)) {
      made += batch.length;
      const events = batch.flatMap((object) => {
        if (object.brief) return this.briefEvent(object, object.brief);
        const change = changes.get(object);
        return change === undefined ? [] : [this.event(change, found)];
      });
      if (events.length > 0) yield { events, isLast: made === objects.length };
      await work.pause();
    }
  }

  private async finalImages(
    runner: QueryRunner,
    journal: Journal,
    objects: readonly TouchedObject[],
  ): Promise<ReadonlyMap<string, Image>> {
    const known = journal.knownFinals();
    const unknown = objects.filter(({ brief, keyText }) => !brief && !known.has(keyText));
    if (unknown.length === 0) return known;
    const images = new Map(known);
    for (const [table, unread] of groupBy(unknown, (object) => object.table)) {
      const keys = unread.map(({ key }) => key);
      for (const [keyText, image] of await this.tools.reader.images(runner, table, keys))
        images.set(keyText, image);
    }
    return images;
  }

  /** What has happened to an object; nothing for one that is, or is not, there as before. */
  private change(object: TouchedObject, found: Image | null): Change | undefined {
    const { table } = object;
    const last = found ?? object.before;
    const kind = last === null ? undefined : table.kindOf(last.row);
    if (kind === undefined) return undefined;
    const before = existing(kind, object.before && completed(object.before, found));
    const after = existing(kind, found);
    const event = before ? (after ? 'update' : 'delete') : 'create';
    const state = after ?? before;
    if (state === null || !table.entityOf(kind).events.includes(event)) return undefined;
    const states = { before, after, last: state };
    const difference = this.shape(kind).difference(states);
    return difference.changed.length === 0 ? undefined : { object, kind, event, states, difference };
  }

  /** Declared relations of what exists now, and of what was only marked as deleted: once an entity type. */
  private async relatedObjects(
    runner: QueryRunner,
    changes: readonly Change[],
  ): Promise<Map<EntityMetadata, RelatedObjects>> {
    const wanted = changes.filter(
      ({ object, kind, event }) =>
        object.table.entityOf(kind).relations.length > 0 && (event !== 'delete' || !object.leaving),
    );
    const related = new Map<EntityMetadata, RelatedObjects>();
    for (const [kind, group] of groupBy(wanted, (change) => change.kind)) {
      const { table } = (group[0] as Change).object;
      const images = new Map(group.map(({ object, states }) => [object.keyText, states.last]));
      related.set(kind, await loadRelatedObjects(this.tools, runner, { table, kind, images }));
    }
    return related;
  }

  private event(change: Change, found: Found): CapturedEvent {
    const { object, kind, event, states, difference } = change;
    const { related, finals } = found;
    const surroundings = {
      object,
      related: related.get(kind)?.(object.keyText, states.last) ?? {},
      leaving: event === 'delete' ? object.leaving?.entity : undefined,
    };
    const { username, requestId } = author(object);
    const { data, prechange, postchange } = this.shape(kind).texts(states, difference, surroundings);
    // Name by name: spreading the parts would copy each event twice.
    return {
      model: object.table.entityOf(kind).model,
      event,
      objectId: objectId(object, finals.get(object.keyText)),
      counterpartId: counterpartId(change, found),
      username,
      requestId,
      data,
      prechange,
      postchange,
      changed: difference.changed,
    };
  }

  /** All that is said of an object whose statement changed too many: which, and what happened. */
  private briefEvent(object: TouchedObject, { event, changed }: BriefChange): CapturedEvent[] {
    const { table, key, before } = object;
    const kind = table.kindOf(before?.row ?? {}) ?? table.root;
    if (!table.entityOf(kind).events.includes(event)) return [];
    const values = table.hydratedKey(key);
    return [
      {
        model: table.entityOf(kind).model,
        event,
        objectId: table.objectId(key),
        counterpartId: null,
        ...author(object),
        data: toJsonText(
          Object.fromEntries(
            table.keyColumns.map(({ propertyPath }, index) => [propertyPath, values[index]]),
          ),
        ),
        prechange: null,
        postchange: null,
        changed,
      },
    ];
  }

  private shape(kind: EntityMetadata): EventShape {
    let shape = this.shapes.get(kind);
    if (shape === undefined) this.shapes.set(kind, (shape = new EventShape(this.tools.dataSource, kind)));
    return shape;
  }
}

/** An object's key as its table holds it: that of an INSERT may come as another type. */
function objectId({ table, key }: { table: TrackedTable; key: Key }, image: Image | undefined): string {
  return table.objectId(image ? table.keyOf(image.row) : key);
}

/** The key that a deleted object has now, or that a created one had before. */
function counterpartId({ object, event }: Change, { finals, moves, wasThere }: Found): string | null {
  const { table, keyText } = object;
  if (event === 'delete') {
    const key = moves.wentTo(keyText);
    const image = key && finals.get(table.keyText(key));
    return key && image ? objectId({ table, key }, image) : null;
  }
  const key = event === 'create' ? moves.cameFrom(keyText) : undefined;
  return key && wasThere(table.keyText(key)) ? table.objectId(key) : null;
}

/** A pre-image with the links that nobody changed, which are those of the post-image. */
function completed(before: Image, after: Image | null): Image {
  if (after === null || after.links.size === 0) return before;
  return { ...before, links: new Map([...after.links, ...before.links]) };
}

/** A soft-deleted row is no object any more. */
function existing({ deleteDateColumn }: EntityMetadata, image: Image | null): Image | null {
  const isDeleted = deleteDateColumn !== undefined && image?.row[deleteDateColumn.databaseName] !== null;
  return isDeleted ? null : image;
}

function author(object: TouchedObject): Pick<CapturedEvent, 'username' | 'requestId'> {
  const context = WebhooksContext.current();
  return {
    username: context?.username ?? object.username,
    requestId: context?.requestId ?? object.requestId,
  };
}

function groupBy<Item, Group>(items: readonly Item[], groupOf: (item: Item) => Group): Map<Group, Item[]> {
  const groups = new Map<Group, Item[]>();
  for (const item of items) {
    const group = groups.get(groupOf(item));
    if (group) group.push(item);
    else groups.set(groupOf(item), [item]);
  }
  return groups;
}
