import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { describe, expect, it } from 'vitest';
import type { WebhooksModuleOptions } from '../../../lib/options/webhooks-options.js';
import type { AdminOptions, WebhooksStructuralOptions } from '../../../lib/options/structural-options.js';
import { resolveStructure } from '../../../lib/options/resolve-structure.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { WebhooksModule } from '../../../lib/webhooks.module.js';
import { describeOn, postgres } from '../../support/databases.js';
import { redisQueue } from '../../support/queues.js';

const KEY_OF_NOBODY = process.env['NOT_SET_ANYWHERE'] as string;

const options: [what: string, options: unknown, message: string][] = [
  ['an undefined key', { secrets: { keys: [KEY_OF_NOBODY] } }, 'secrets.keys has a wrong entry at [0]'],
  ['a key that is none', { secrets: { keys: ['short'] } }, 'secrets.keys[0]'],
  ['an option that does not exist', { deliveri: {} }, 'deliveri is not an option; there are capture'],
  ['a nested option that does not exist', { delivery: { retries: 3 } }, 'delivery.retries is not an option'],
  [
    'an option that is given but undefined',
    { delivery: { timeout: undefined } },
    'delivery.timeout is undefined',
  ],
  [
    'a value of the wrong kind',
    { capture: { overMaxRows: 'skip' } },
    "capture.overMaxRows must be 'refuse' or 'keys' or 'warn'",
  ],
  [
    'a text for a switch',
    { capture: { preparedStatements: 'no' } },
    'capture.preparedStatements must be true or false',
  ],
  ['too much jitter', { delivery: { jitter: 0.21 } }, 'delivery.jitter must be a number from 0 to 0.2'],
  ['an empty schedule', { delivery: { schedule: [] } }, 'delivery.schedule must have at least 1 entry'],
  [
    'a proxy without an address',
    { delivery: { proxy: { noProxy: ['10.0.0.0/8'] } } },
    'delivery.proxy.url is missing',
  ],
  [
    'a proxy that is none',
    { delivery: { proxy: { url: 'socks5://ada:secret@proxy.example:1080' } } },
    'delivery.proxy.url must be an http: or https: URL such as http://user:password@proxy.example:3128.',
  ],
  [
    'credentials of a proxy that cannot be decoded',
    { delivery: { proxy: { url: 'http://ada:%ff@proxy.example:3128' } } },
    'delivery.proxy.url must be an http: or https: URL such as http://user:password@proxy.example:3128.',
  ],
  [
    'a pattern that would never match',
    { delivery: { proxy: { url: 'http://proxy.example:3128', noProxy: ['a.example', '*.b.example'] } } },
    'delivery.proxy.noProxy[1] is "*.b.example", which is no host name.',
  ],
  [
    'a block that is none, behind a name',
    { delivery: { proxy: { url: 'http://proxy.example:3128', noProxy: ['a.example', '10.0.0.0/99'] } } },
    'delivery.proxy.noProxy[1] is "10.0.0.0/99", which is no CIDR block.',
  ],
  ['a network that is none', { delivery: { network: { allow: ['10.0.0.0/99'] } } }, '10.0.0.0/99'],
];

describeOn([redisQueue], 'options refuse the start:', (store) => {
  it.each(options)('%s', async (_, given, message) => {
    const queue = await store.create();
    const typeorm = { type: 'sqljs', autoLoadEntities: true, synchronize: true, retryAttempts: 1 } as const;
    const boot = (define: () => DynamicModule) =>
      Test.createTestingModule({
        imports: [TypeOrmModule.forRoot(typeorm), ...queue.imports, define()],
      }).compile();
    await expect(
      (async () => boot(() => WebhooksModule.forRoot(given as WebhooksModuleOptions)))(),
    ).rejects.toThrow(message);
    await expect(
      boot(() => WebhooksModule.forRootAsync({ useFactory: () => given as WebhooksModuleOptions })),
    ).rejects.toThrow(message);
    await queue.drop();
  });
});

describeOn([redisQueue], 'wiring refuses the start:', (store) => {
  const typeorm = { type: 'sqljs', autoLoadEntities: true, synchronize: true, retryAttempts: 1 } as const;
  const boot = (...imports: (DynamicModule | Type)[]) =>
    Test.createTestingModule({ imports: [TypeOrmModule.forRoot(typeorm), ...imports] }).compile();

  it.each([true, false])('no connection to the queue, worker: %s', async (worker) => {
    await expect(boot(WebhooksModule.forRoot({ worker }))).rejects.toThrow(
      'import BullModule.forRoot({ connection: { … } }), name its configuration as queue.configKey, or use',
    );
  });

  it.each<[string, unknown, string]>([
    [
      'what shapes the module',
      { worker: false },
      'worker belongs beside the factory, not into what it returns',
    ],
    ['nothing', undefined, 'the factory returned no options'],
  ])('a factory that returns %s', async (_, returned, message) => {
    const { imports, drop } = await store.create();
    const define = WebhooksModule.forRootAsync({ useFactory: () => returned as object });
    await expect(boot(...imports, define)).rejects.toThrow(message);
    await drop();
  });

  it('a second import with the same data source', async () => {
    const { imports, drop } = await store.create();
    @Module({ imports: [WebhooksModule.forRoot({ worker: false })] })
    class First {}
    @Module({ imports: [WebhooksModule.forRoot({ worker: false })] })
    class Second {}
    await expect(boot(...imports, First, Second)).rejects.toThrow('it is imported twice for one data source');
    await drop();
  });
});

describeOn([postgres], 'the module refuses to start with', (database) => {
  const schemas: [string, object, string, string][] = [
    ['no tables', { autoLoadEntities: true }, 'WEBHOOKS_SCHEMA_OUTDATED', 'CreateWebhookTables1795219200000'],
    ['entities it does not know', { entities: [] }, 'WEBHOOKS_ENTITIES_MISSING', 'autoLoadEntities: true'],
  ];
  it.each(schemas)('a data source with %s', async (_, typeorm, code, message) => {
    const { options: connection, drop } = await database.create();
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ ...connection, ...typeorm, retryAttempts: 1 }),
        WebhooksModule.forRoot({ queue: { backend: 'postgres' } }),
      ],
    }).compile();
    const application = module.createNestApplication({ logger: false });
    await expect(application.init()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    await application.close();
    await drop();
  });

  it('a table that an older version made', async () => {
    const { options: connection, drop } = await database.create();
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          ...connection,
          entities: [...WEBHOOKS_ENTITIES],
          synchronize: true,
          retryAttempts: 1,
        }),
        WebhooksModule.forRoot({ queue: { backend: 'postgres' } }),
      ],
    }).compile();
    const { DataSource } = await import('typeorm');
    await module.get(DataSource).query('ALTER TABLE webhook DROP COLUMN ordered');
    const application = module.createNestApplication({ logger: false });
    await expect(application.init()).rejects.toMatchObject({ code: 'WEBHOOKS_SCHEMA_OUTDATED' });
    await application.close();
    await drop();
  });
});

describe('the definition of the module refuses', () => {
  const structures: [string, unknown, string][] = [
    ['admin without guards', { admin: {} }, 'admin.guards is empty'],
    [
      'admin that is not public',
      { admin: { public: false } satisfies AdminOptions },
      'admin.guards is empty',
    ],
    ['admin at the root', { admin: { public: true, path: '/' } }, 'admin.path must name a path'],
    ['admin with a guard that is none', { admin: { guards: ['admin'] } }, 'must be a guard'],
    ['a queue name with a colon', { queue: { name: 'a:b' } }, 'must not contain a colon'],
    ['an unknown backend', { queue: { backend: 'sqs' } }, "queue.backend must be 'redis' or 'postgres'"],
  ];
  it.each(structures)('%s', (_, given, message) => {
    const define: (() => DynamicModule)[] = [
      () => WebhooksModule.forRoot(given as WebhooksStructuralOptions),
      () => WebhooksModule.forRootAsync({ ...(given as WebhooksStructuralOptions), useFactory: () => ({}) }),
    ];
    for (const each of define) expect(each).toThrow(message);
  });

  it('no path with slashes at its ends, which are not part of it', () => {
    const admin = { public: true, path: '/ops/hooks/' };
    expect(resolveStructure({ admin }).admin).toMatchObject({ path: 'ops/hooks' });
  });

  it('options beside a factory that would never be read', () => {
    expect(() =>
      WebhooksModule.forRootAsync({ useFactory: () => ({}), delivery: { timeout: 1 } } as never),
    ).toThrow('delivery belongs into what the factory returns');
  });
});
