import { UnprocessableEntityException } from '@nestjs/common';
import type { FindOptionsWhere, ObjectLiteral, Repository } from 'typeorm';

/** The object that a field of a request names by its id; 422 if there is none. */
export async function findRelated<Entity extends ObjectLiteral & { id: number }>(
  repository: Repository<Entity>,
  id: number,
  field: string,
): Promise<Entity> {
  const related = await repository.findOneBy({ id } as FindOptionsWhere<Entity>);
  if (related === null) throw new UnprocessableEntityException(`${field} ${id} does not exist`);
  return related;
}
