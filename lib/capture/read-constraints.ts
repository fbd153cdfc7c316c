import type { DataSource, EntityMetadata } from 'typeorm';
import type { CaptureDialect } from './capture-dialect.js';

/** A foreign key as the database has it. Tables as {@link tableId} names them. */
export interface ForeignKeyFound {
  readonly name: string;
  readonly table: string;
  readonly referencedTable: string;
  readonly columns: readonly string[];
  /** Empty where the constraint names none: the primary key. */
  readonly referencedColumns: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** A trigger as the database has it. */
export interface TriggerFound {
  readonly name: string;
  readonly table: string;
  /** What it runs, as far as the database shows it. */
  readonly body: string;
}

/** A table whose rows an UPDATE changes by itself. */
export interface PlainTable {
  readonly table: string;
  /** Columns that the database computes from others. */
  readonly computed: readonly string[];
}

type Dialect = CaptureDialect['name'];

/** One row a column of a foreign key, in the order of the key. */
const FOREIGN_KEYS: Readonly<Record<Dialect, string>> = {
  postgres: `
    SELECT c.conname AS name, own.nspname || '.' || d.relname AS "table", a.attname AS "column",
      other.nspname || '.' || r.relname AS "referencedTable", b.attname AS "referencedColumn",
      c.confdeltype AS "onDelete", c.confupdtype AS "onUpdate"
    FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_class d ON d.oid = c.conrelid JOIN pg_catalog.pg_namespace own ON own.oid = d.relnamespace
    JOIN pg_catalog.pg_class r ON r.oid = c.confrelid JOIN pg_catalog.pg_namespace other ON other.oid = r.relnamespace
    CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, referenced, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.oid AND a.attnum = k.own
    JOIN pg_catalog.pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.referenced
    WHERE c.contype = 'f' AND c.conparentid = 0
    ORDER BY "table", name, k.place`,
  mysql: `
    SELECT k.CONSTRAINT_NAME AS name, CONCAT(k.TABLE_SCHEMA, '.', k.TABLE_NAME) AS \`table\`,
      k.COLUMN_NAME AS \`column\`, CONCAT(k.REFERENCED_TABLE_SCHEMA, '.', k.REFERENCED_TABLE_NAME) AS referencedTable,
      k.REFERENCED_COLUMN_NAME AS referencedColumn, r.DELETE_RULE AS onDelete, r.UPDATE_RULE AS onUpdate
    FROM information_schema.KEY_COLUMN_USAGE k
    JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA
      AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
    WHERE k.TABLE_SCHEMA = DATABASE() AND r.CONSTRAINT_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL
    ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
  sqlite: `
    SELECT 'no. ' || f.id AS name, m.name AS "table", f."from" AS "column", f."table" AS "referencedTable",
      f."to" AS "referencedColumn", f.on_delete AS "onDelete", f.on_update AS "onUpdate"
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`,
};

const TRIGGERS: Readonly<Record<Dialect, string>> = {
  postgres: `
    SELECT t.tgname AS name, n.nspname || '.' || d.relname AS "table", p.prosrc AS body
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class d ON d.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = d.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D' ORDER BY "table", name`,
  mysql: `
    SELECT TRIGGER_NAME AS name, CONCAT(EVENT_OBJECT_SCHEMA, '.', EVENT_OBJECT_TABLE) AS \`table\`,
      ACTION_STATEMENT AS body
    FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE() ORDER BY \`table\`, name`,
  sqlite: `SELECT name, tbl_name AS "table", sql AS body FROM sqlite_master WHERE type = 'trigger' ORDER BY name`,
};

const PLAIN_TABLES = `
  SELECT n.nspname || '.' || d.relname AS "table",
    ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.oid AND a.attgenerated <> '') AS computed
  FROM pg_catalog.pg_class d JOIN pg_catalog.pg_namespace n ON n.oid = d.relnamespace
  JOIN pg_catalog.pg_am m ON m.oid = d.relam
  WHERE d.relkind = 'r' AND m.amname = 'heap' AND NOT d.relispartition AND NOT d.relhassubclass
    AND NOT d.relhasrules AND NOT d.relrowsecurity
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t WHERE t.tgrelid = d.oid AND NOT t.tgisinternal)`;

/** PostgreSQL's letters; the others write the words. */
const ACTIONS: Readonly<Record<string, string>> = { c: 'CASCADE', n: 'SET NULL', d: 'SET DEFAULT' };

type KeyRow = Readonly<
  Record<
    'name' | 'table' | 'column' | 'referencedTable' | 'referencedColumn' | 'onDelete' | 'onUpdate',
    string
  >
>;

/** The foreign keys of the database that is connected to. */
export async function readForeignKeys(
  dataSource: DataSource,
  dialect: CaptureDialect,
): Promise<ForeignKeyFound[]> {
  const rows = await dataSource.query<KeyRow[]>(FOREIGN_KEYS[dialect.name]);
  const keys = new Map<string, ForeignKeyFound & { columns: string[]; referencedColumns: string[] }>();
  for (const row of rows) {
    const id = JSON.stringify([row.table, row.name]);
    const key = keys.get(id) ?? {
      name: row.name,
      table: comparable(row.table, dialect),
      referencedTable: comparable(row.referencedTable, dialect),
      columns: [],
      referencedColumns: [],
      onDelete: ACTIONS[row.onDelete] ?? row.onDelete,
      onUpdate: ACTIONS[row.onUpdate] ?? row.onUpdate,
    };
    key.columns.push(row.column);
    // SQLite leaves it out where the constraint does.
    if (row.referencedColumn) key.referencedColumns.push(row.referencedColumn);
    keys.set(id, key);
  }
  return [...keys.values()];
}

/** The triggers of the database that is connected to. */
export async function readTriggers(dataSource: DataSource, dialect: CaptureDialect): Promise<TriggerFound[]> {
  const rows = await dataSource.query<TriggerFound[]>(TRIGGERS[dialect.name]);
  return rows.map(({ name, table, body }) => ({ name, table: comparable(table, dialect), body }));
}

/** Tables in whose changes nothing else takes part. Only PostgreSQL is asked, of which capture makes use of them. */
export async function readPlainTables(
  dataSource: DataSource,
  { returnsImages }: CaptureDialect,
): Promise<PlainTable[]> {
  return returnsImages !== false ? dataSource.query<PlainTable[]>(PLAIN_TABLES) : [];
}

/** How a table is named among what the database has. */
export function tableId({ driver }: DataSource, dialect: CaptureDialect, entity: EntityMetadata): string {
  const { tableName, schema = driver.schema, database = driver.database } = entity;
  if (dialect.name === 'sqlite') return comparable(tableName, dialect);
  return comparable(`${dialect.name === 'postgres' ? schema : database}.${tableName}`, dialect);
}

/** Only PostgreSQL tells tables apart by case alone. */
function comparable(table: string, { name }: CaptureDialect): string {
  return name === 'postgres' ? table : table.toLowerCase();
}
