import { DataSource, type DataSourceOptions } from 'typeorm';
import { expect, it } from 'vitest';
import { checkSchema } from '../../../lib/model/schema-check.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { describeOn, mariadb, postgres } from '../../support/databases.js';

const SERVERS = [
  {
    ...postgres,
    variable: 'DATABASE_URL',
    makeAnew: (name: string) => [
      `DROP DATABASE "${name}"`,
      `CREATE DATABASE "${name}" ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    ],
    says: 'The encoding of the database is LATIN1',
  },
  {
    ...mariadb,
    variable: 'MYSQL_URL',
    makeAnew: (name: string) => [`ALTER DATABASE \`${name}\` CHARACTER SET latin1`],
    says: 'is latin1, which cannot hold every text',
  },
];

describeOn(SERVERS, 'a database that is not in Unicode on $name', ({ create, variable, makeAnew, says }) => {
  it('is refused', async () => {
    const { options, drop } = await create();
    const { url = '' } = options as { url?: string };
    const server = { ...options, url: process.env[variable] } as DataSourceOptions;
    const admin = await new DataSource(server).initialize();
    for (const statement of makeAnew(new URL(url).pathname.slice(1))) await admin.query(statement);
    await admin.destroy();
    const entities = [...WEBHOOKS_ENTITIES];
    const dataSource = await new DataSource({
      ...options,
      entities,
      synchronize: true,
    }).initialize();
    await expect(checkSchema(dataSource)).rejects.toMatchObject({
      code: 'WEBHOOKS_DATABASE_UNSUPPORTED',
      message: expect.stringContaining(says),
    });
    await dataSource.destroy();
    await drop();
  });
});
