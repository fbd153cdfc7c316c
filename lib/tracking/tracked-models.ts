import type { DataSource } from 'typeorm';
import { trackedEntity, type TrackedEntity } from './tracked-entity.js';

/** The models of a data source by name. */
export function trackedModels(dataSource: DataSource): ReadonlyMap<string, TrackedEntity> {
  const models = new Map<string, TrackedEntity>();
  for (const { target } of dataSource.entityMetadatas) {
    const entity = trackedEntity(target);
    if (entity !== undefined) models.set(entity.model, entity);
  }
  return models;
}
