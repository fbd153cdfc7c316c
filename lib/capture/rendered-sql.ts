import type { WriteQuery } from './typeorm-internals.js';

/** Executes a statement of a query builder, and tells its SQL when that is written, just before it is sent. */
export async function executeTellingSql<Result>(
  query: WriteQuery,
  tell: (sql: string) => void,
  execute: () => Promise<Result>,
): Promise<Result> {
  const render = query.getQueryAndParameters;
  query.getQueryAndParameters = () => {
    const rendering = render.call(query);
    tell(rendering[0]);
    return rendering;
  };
  try {
    return await execute();
  } finally {
    query.getQueryAndParameters = render;
  }
}
