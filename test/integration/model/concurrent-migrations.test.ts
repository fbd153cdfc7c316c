import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { CreateWebhookTables1795219200000 } from '../../../lib/model/migrations/1795219200000-create-webhook-tables.js';
import { checkSchema } from '../../../lib/model/schema-check.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { describeOn, mariadb, postgres } from '../../support/databases.js';

describeOn([postgres, mariadb], 'processes that start at once on $name', (database) => {
  it.each([true, false])('all get through the same migration (in a transaction: %s)', async (transaction) => {
    const { options, drop } = await database.create();
    const dataSources = await Promise.all(
      Array.from({ length: 5 }, () =>
        new DataSource({ ...options, entities: [...WEBHOOKS_ENTITIES] }).initialize(),
      ),
    );
    await Promise.all(
      dataSources.map(async (dataSource) => {
        const migrate = (runner: Parameters<CreateWebhookTables1795219200000['up']>[0]) =>
          new CreateWebhookTables1795219200000().up(runner);
        if (transaction) {
          await dataSource.transaction(async ({ queryRunner }) => {
            if (queryRunner !== undefined) await migrate(queryRunner);
          });
          return;
        }
        const runner = dataSource.createQueryRunner();
        await migrate(runner);
        await runner.release();
      }),
    );
    await expect(Promise.all(dataSources.map(checkSchema))).resolves.toHaveLength(5);
    await Promise.all(dataSources.map((dataSource) => dataSource.destroy()));
    await drop();
  });
});
