import type { DataSource } from 'typeorm';

/**
 * Why rows are read: to change them, to delete them, to read again what is locked already, or to show them beside others,
 * which locks nothing.
 */
export type LockPurpose = 'change' | 'delete' | 'reread' | 'show';

/** Everything in which the databases differ for capture. */
export interface CaptureDialect {
  readonly name: 'postgres' | 'mysql' | 'sqlite';
  /** Ends a SELECT of rows. Empty where there is one writer. */
  readonly lock: Readonly<Record<LockPurpose, string>>;
  /** Ends a SELECT from a join table whose owner is locked. */
  readonly junctionLock: string;
  /** Whether a list of values can be one parameter (`= ANY($1)`): the text of the statement stays the same. */
  readonly arrays: boolean;
  /** Whether an INSERT can return columns of its rows. */
  readonly returning: boolean;
  /** How an UPDATE can return its rows as they were and as they are, if it can. */
  readonly returnsImages: 'self-joined' | 'old-and-new' | false;
  /** Whether one connection serves everyone, so that transactions must take turns. */
  readonly singleConnection: boolean;
}

/** The differences for a data source, which must be initialised: the server has told its version then. */
export function captureDialect(dataSource: DataSource): CaptureDialect {
  const returning = dataSource.driver.isReturningSqlSupported('insert');
  switch (dataSource.options.type) {
    case 'postgres':
      return {
        name: 'postgres',
        // A change keeps the key, and must not wait for those who only refer to it.
        lock: { change: ' FOR NO KEY UPDATE', delete: ' FOR UPDATE', reread: '', show: '' },
        junctionLock: '',
        arrays: true,
        returning,
        returnsImages: majorVersion(dataSource) >= 18 ? 'old-and-new' : 'self-joined',
        singleConnection: false,
      };
    case 'mysql':
    case 'mariadb':
      return {
        name: 'mysql',
        // Under REPEATABLE READ only locking reads see what others have committed since the transaction began.
        lock: { change: ' FOR UPDATE', delete: ' FOR UPDATE', reread: ' FOR UPDATE', show: '' },
        junctionLock: ' LOCK IN SHARE MODE',
        arrays: false,
        returning,
        returnsImages: false,
        singleConnection: false,
      };
    default:
      return {
        name: 'sqlite',
        lock: { change: '', delete: '', reread: '', show: '' },
        junctionLock: '',
        arrays: false,
        returning: false,
        returnsImages: false,
        singleConnection: true,
      };
  }
}

function majorVersion({ driver }: DataSource): number {
  return Number.parseInt(driver.version ?? '', 10);
}
