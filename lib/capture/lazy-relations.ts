import type { EntityMetadata, ObjectLiteral } from 'typeorm';

/**
 * Makes plain properties of an entity's lazy relations, so that they hold what they are given. TypeORM's own promise
 * it, and would load it where it is not there.
 */
export function plainLazyRelations({ ownRelations }: EntityMetadata, entity: object): void {
  for (const { propertyName, isLazy } of ownRelations) {
    if (!isLazy) continue;
    const plain = { value: undefined, enumerable: true, writable: true, configurable: true };
    Object.defineProperty(entity, propertyName, plain);
  }
}

/** Gives an entity that was loaded its lazy relations as plain properties, and so on with what it refers to. */
export function settleLazyRelations(metadata: EntityMetadata, entity: ObjectLiteral): void {
  const kind = metadata.findInheritanceMetadata(entity);
  const values = kind.ownRelations.map((relation) => relation.getEntityValue(entity) as unknown);
  plainLazyRelations(kind, entity);
  kind.ownRelations.forEach(({ propertyName, isLazy, inverseEntityMetadata }, index) => {
    if (isLazy) {
      for (const name of [`__${propertyName}__`, `__has_${propertyName}__`]) delete entity[name];
      entity[propertyName] = values[index];
    }
    for (const related of [values[index]].flat()) {
      if (typeof related === 'object' && related !== null)
        settleLazyRelations(inverseEntityMetadata, related);
    }
  });
}
