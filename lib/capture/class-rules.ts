import { createRequire } from 'node:module';
import { Exclude, Expose, Transform, Type } from 'class-transformer';

type Rules = Pick<ReadonlyMap<unknown, unknown>, 'has'>;

/** Where class-transformer keeps what its decorators say, by class. Nothing that it exports tells. */
const KINDS = ['_excludeMetadatas', '_exposeMetadatas', '_transformMetadatas', '_typeMetadatas'] as const;

/** One rule of each kind: they must be found where we look, or we look in the wrong place. */
class Ruled {
  @Exclude() a: unknown;
  @Expose() b: unknown;
  @Transform(({ value }) => value as unknown) c: unknown;
  @Type(() => Date) d: unknown;
}

const storage = findStorage();

/** Whether a class, or one above it, has rules of class-transformer; also when that cannot be known. */
export function hasRules(target: object): boolean {
  if (storage === undefined) return true;
  for (let level: unknown = target; typeof level === 'function'; level = Object.getPrototypeOf(level)) {
    for (const rules of storage) {
      if (rules.has(level)) return true;
    }
  }
  return false;
}

function findStorage(): readonly Rules[] | undefined {
  try {
    const { defaultMetadataStorage } = createRequire(import.meta.url)('class-transformer/cjs/storage') as {
      defaultMetadataStorage: Record<(typeof KINDS)[number], Rules>;
    };
    const kinds = KINDS.map((kind) => defaultMetadataStorage[kind]);
    return kinds.every((rules) => rules.has(Ruled)) ? kinds : undefined;
  } catch {
    return undefined;
  }
}
