import type { FindOptionsRelations, ObjectLiteral } from 'typeorm';

/** `['site', 'site.region']` as TypeORM takes it: `{ site: { region: {} } }`. */
export function relationTree(paths: readonly string[]): FindOptionsRelations<ObjectLiteral> {
  const tree: ObjectLiteral = {};
  for (const path of paths) {
    let holder = tree;
    for (const part of path.split('.')) holder = (holder[part] ??= {}) as ObjectLiteral;
  }
  return tree;
}
