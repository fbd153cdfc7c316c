import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { BullModule } from '@nestjs/bullmq';
import { DataSource } from 'typeorm';
import { Router } from '../fixtures/network/router.entity.js';
import { startApplication } from '../support/application.js';

/** What a web or worker process is told, as JSON in its first argument. */
export interface ChaosProcessOptions {
  readonly role: 'web' | 'worker';
  readonly database: string;
  readonly store: 'redis' | 'postgres';
  readonly redis: { readonly host: string; readonly port: number };
  /** File that gets a line with the name of each object whose transaction was rolled back. */
  readonly rolledBack: string;
  /** Makes the names of this process's objects its own. */
  readonly name: string;
}

/** Transactions at a time. */
const WRITERS = 3;
/** Milliseconds between two transactions of a writer. */
const PACE = 15;

const options = JSON.parse(process.argv[2] ?? '') as ChaosProcessOptions;
const application = await startApplication({
  database: { type: 'postgres', url: options.database },
  synchronize: false,
  queue: {
    imports: options.store === 'redis' ? [BullModule.forRoot({ connection: options.redis })] : [],
    queue: { backend: options.store },
  },
  webhooks: {
    worker: options.role === 'worker',
    delivery: {
      network: { allow: ['127.0.0.0/8'] },
      timeout: 2_000,
      schedule: [0, ...Array.from({ length: 40 }, () => 1_000)],
      health: { pause: 1_000, maxPause: 2_000 },
    },
  },
  logger: [],
});
process.once('SIGTERM', () => void application.close().then(() => process.exit(0)));
process.send?.('ready');

if (options.role === 'web') {
  const dataSource = application.get(DataSource);
  let count = 0;
  const write = async (): Promise<void> => {
    const name = `${options.name}-${count++}`;
    const rollBack = count % 7 === 0;
    try {
      await dataSource.transaction(async (manager) => {
        await manager.save(manager.create(Router, { name }));
        if (rollBack) throw new Error('rolled back');
      });
    } catch {
      // The database may be away, which leaves open what became of the transaction: its table tells.
      if (rollBack) appendFileSync(options.rolledBack, `${name}\n`);
    }
  };
  for (let writer = 0; writer < WRITERS; writer++) {
    void (async () => {
      for (;;) {
        await write();
        await new Promise((resolve) => setTimeout(resolve, PACE));
      }
    })();
  }
}
