import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { WebhookEventName } from '../../common/events.js';
import { isHidden, isOfChild } from '../../tracking/entity-members.js';
import { trackedEntity } from '../../tracking/tracked-entity.js';

/** A field of a model. Hidden ones are left out. */
export interface ModelField {
  readonly name: string;
  /** The column's type, or the name of the related entity. */
  readonly type: string;
  readonly kind: 'column' | 'relation' | 'list';
  readonly nullable: boolean;
}

/** What webhooks can listen to. */
export interface ModelView {
  readonly model: string;
  readonly events: readonly WebhookEventName[];
  /** Loaded for `data`. */
  readonly relations: readonly string[];
  /** Of the snapshots. */
  readonly fields: readonly ModelField[];
}

/** The tracked models by name. */
export function describeModels(dataSource: DataSource): ModelView[] {
  const models = dataSource.entityMetadatas.flatMap((metadata): ModelView[] => {
    const entity = trackedEntity(metadata.target);
    if (entity === undefined) return [];
    const shown = (member: ColumnMetadata | RelationMetadata) =>
      !isOfChild(metadata, member) && !isHidden(metadata, member.propertyPath.split('.'));
    const columns = metadata.columns
      .filter((column) => !column.isVirtual && !column.isVirtualProperty && shown(column))
      .map((column): ModelField => ({
        name: column.propertyPath,
        type: typeof column.type === 'function' ? column.type.name.toLowerCase() : column.type,
        kind: 'column',
        nullable: column.isNullable,
      }));
    const relations = metadata.relations
      .filter((relation) => relation.isOwning && shown(relation))
      .map((relation): ModelField => ({
        name: relation.propertyPath,
        type: relation.inverseEntityMetadata.name,
        kind: relation.isManyToMany ? 'list' : 'relation',
        nullable: relation.isNullable,
      }));
    return [
      {
        model: entity.model,
        events: entity.events,
        relations: entity.relations,
        fields: [...columns, ...relations],
      },
    ];
  });
  return models.toSorted((a, b) => (a.model < b.model ? -1 : 1));
}
