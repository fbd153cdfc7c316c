import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureWorld, type SeenEvent } from '../../fixtures/capture/capture-world.js';
import { CoverageBook } from '../../fixtures/capture/coverage-book.js';
import { objectStates, type ObjectState } from '../../fixtures/capture/object-states.js';
import { WRITE_PATHS } from '../../fixtures/capture/write-paths.js';
import type { DatabaseName, WritePath } from '../../fixtures/capture/write-path.js';
import {
  betterSqlite3,
  mariadb,
  otherPostgres,
  postgres,
  sqljs,
  type TestDatabase,
} from '../../support/databases.js';

/** TypeORM's type `mariadb` is for MariaDB only, `mysql` for both. */
const asMariadb = { ...mariadb, available: mariadb.available && mariadb.name === 'mariadb' };

const DATABASES: [name: DatabaseName, database: TestDatabase, type?: 'mysql'][] = [
  ['postgres', postgres],
  // Statements are others, and as many.
  ['postgres', otherPostgres],
  ['mysql', mariadb, 'mysql'],
  ['mariadb', asMariadb],
  ['sqljs', sqljs],
  ['better-sqlite3', betterSqlite3],
];

const book = new CoverageBook();

describe.each(
  DATABASES.filter(([, { available }]) => available).map(
    ([name, database, type]) => [database.title ?? name, name, database, type] as const,
  ),
)('write paths on %s', (_title, name, database, type) => {
  let world: CaptureWorld;
  const likeName = name === 'better-sqlite3' ? 'sqljs' : name;
  // TypeORM's clock ticks once a second on the others, too slowly for an update to be sure of a new date.
  const timed = (names: readonly string[]) =>
    names.filter((property) => name === 'postgres' || property !== 'updatedAt');
  beforeAll(async () => {
    world = await CaptureWorld.open(database, type === undefined ? {} : { type });
  });
  afterAll(() => world.close());

  const paths = WRITE_PATHS.filter(({ on = [likeName] }) => on.includes(likeName));
  const isRefused = ({ refused }: WritePath) => refused?.[likeName] !== undefined;

  it.each(paths.filter((path) => !isRefused(path)))('$name', async (path) => {
    world.listensToAll = false;
    const plain = await run(world, path, () => undefined);

    const unheard = await run(world, path, () => world.install().learnConstraints());
    expect(unheard.statements, 'nobody listens: the same statements').toEqual(plain.statements);
    expect(unheard.events).toEqual([]);
    expect(world.warnings).toEqual([]);

    world.listensToAll = true;
    const captured = await run(world, path, () => world.install().learnConstraints());
    expect(captured.events.map(title)).toEqual(
      path.events.map(({ is }) => expect.stringMatching(pattern(is))),
    );
    captured.events.forEach((event, index) => {
      const { changed, counterpart } = path.events[index]!;
      expect([event.is, timed(event.changed)]).toEqual([event.is, timed(changed ?? event.changed)]);
      expect(event.counterpartId).toBe(counterpart ?? null);
      expectExact(event, captured.before, captured.after);
    });
    const added = captured.statements.length - plain.statements.length;
    book.note(path, name, path.reported === undefined ? `captured, +${added}` : 'reported');
    const shown = captured.statements.map((sql) => sql.slice(0, 90));
    expect({ added, shown }).toEqual({ added: path.added[likeName], shown });
    const reports = path.reported === undefined ? [] : [path.reported];
    expect(world.warnings).toEqual(reports.map((report) => expect.stringMatching(report) as string));
  });

  it.each(paths.filter(isRefused))('refuses $name', async (path) => {
    world.listensToAll = true;
    const write = () => expect(path.write(world)).rejects.toMatchObject({ code: path.refused?.[likeName] });
    const { events, before, after } = await run(world, { ...path, write }, () =>
      world.install().learnConstraints(),
    );
    expect(events).toEqual([]);
    expect(after).toEqual(before);
    book.note(path, name, 'refused');
  });
});

it('is what the coverage table in the documentation says', async () => {
  const isComplete = DATABASES.every(([, { available }]) => available);
  const { written, text } = await book.compareOrWrite(isComplete);
  expect(written).toBe(text);
});

interface Run {
  statements: string[];
  events: (SeenEvent & { is: string })[];
  before: Map<string, ObjectState>;
  after: Map<string, ObjectState>;
}

async function run(world: CaptureWorld, path: WritePath, install: () => Promise<void> | void): Promise<Run> {
  world.uninstall();
  await world.reset();
  await path.given?.(world);
  const isCaptured = world.listensToAll;
  const before = isCaptured ? await objectStates(world) : new Map<string, ObjectState>();
  await install();
  const statements = await world.statementsOf(() => path.write(world));
  world.uninstall();
  const events = await world.events();
  return {
    statements,
    events: events.map((event) => ({ ...event, is: `${event.model} ${event.event} ${event.objectId}` })),
    before,
    after: isCaptured ? await objectStates(world) : new Map<string, ObjectState>(),
  };
}

/** Compares with states that were read without capture: whole snapshots, `data`, and names of what changed. */
function expectExact(
  event: SeenEvent,
  before: Map<string, ObjectState>,
  after: Map<string, ObjectState>,
): void {
  const key = `${event.model} ${event.objectId}`;
  const [old, now] = [existing(before.get(key)), existing(after.get(key))];
  expect(event.prechange).toEqual(event.event === 'create' ? null : old?.snapshot);
  expect(event.postchange).toEqual(event.event === 'delete' ? null : now?.snapshot);
  expect(event.data).toEqual((event.event === 'delete' ? old : now)?.data);
  const whole = Object.keys((event.prechange ?? event.postchange)!);
  expect(event.changed).toEqual(event.event === 'update' ? differences(event) : whole);
}

function differences({ prechange, postchange }: SeenEvent): string[] {
  return Object.keys(prechange!).filter((name) => !isDeepStrictEqual(prechange![name], postchange![name]));
}

function existing(state: ObjectState | undefined): ObjectState | undefined {
  return state?.deleted === true ? undefined : state;
}

function title({ is }: { is: string }): string {
  return is;
}

function pattern(is: string): RegExp {
  return new RegExp(`^${is.replace(/[[\]()]/g, '\\$&').replace('*', '.+')}$`);
}
