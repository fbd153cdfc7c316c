import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';

const LOCK_NAME = 'nestjs_webhooks_migration';
/** The same name as PostgreSQL wants it: any fixed 64-bit number. */
const LOCK_NUMBER = '5720934718822043';
const WAIT_SECONDS = 120;

/**
 * Runs a migration in one process at a time. Several processes of a deployment start at once and all see the same
 * pending migration; the ones that waited find the work done.
 */
export async function withMigrationLock(
  queryRunner: QueryRunner,
  migrate: () => Promise<void>,
): Promise<void> {
  switch (dialectOf(queryRunner.dataSource.options.type)) {
    case 'postgres':
      // Held to the end of the transaction; without one, for the session.
      if (queryRunner.isTransactionActive) {
        await queryRunner.query(`SELECT pg_advisory_xact_lock(${LOCK_NUMBER})`);
        return migrate();
      }
      await queryRunner.query(`SELECT pg_advisory_lock(${LOCK_NUMBER})`);
      try {
        return await migrate();
      } finally {
        await queryRunner.query(`SELECT pg_advisory_unlock(${LOCK_NUMBER})`);
      }
    case 'mysql':
      await queryRunner.query(`SELECT GET_LOCK('${LOCK_NAME}', ${WAIT_SECONDS})`);
      try {
        return await migrate();
      } finally {
        await queryRunner.query(`SELECT RELEASE_LOCK('${LOCK_NAME}')`);
      }
    default:
      return migrate();
  }
}
