import type { DataSource, EntityManager } from 'typeorm';

/** Reads where everything is written: a replica may be behind. */
export async function onPrimary<Result>(
  dataSource: DataSource,
  read: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner('master');
  try {
    return await read(runner.manager);
  } finally {
    await runner.release();
  }
}
