import { betterSqlite3, mariadb, postgres, sqljs, type TestDatabase } from './databases.js';
import { postgresQueue, redisQueue, type TestQueue } from './queues.js';

/** A database and a queue that suites run on; `describeOn` of `databases.ts` takes them. */
export interface TestStore {
  readonly name: string;
  /** Whether both are there. */
  readonly available: boolean;
  readonly database: TestDatabase;
  readonly queue: TestQueue;
}

function store(database: TestDatabase, queue: TestQueue): TestStore {
  return {
    name: `${database.name} with its queue in ${queue.name}`,
    available: database.available && queue.available,
    database,
    queue,
  };
}

/** Everything in PostgreSQL. */
export const allInPostgres = store(postgres, postgresQueue);
export const postgresAndRedis = store(postgres, redisQueue);
export const mariadbAndRedis = store(mariadb, redisQueue);
export const sqljsAndRedis = store(sqljs, redisQueue);
export const betterSqlite3AndRedis = store(betterSqlite3, redisQueue);
