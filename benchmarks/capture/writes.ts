import { Column, Entity, ManyToOne, PrimaryGeneratedColumn, type DataSource, type Relation } from 'typeorm';
import { WebhookEntity } from '../../lib/tracking/webhook-entity.decorator.js';

@Entity({ name: 'bench_site' })
export class Site {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 100 }) name!: string;
}

/** Twelve columns and one declared relation. */
@Entity({ name: 'bench_router' })
@WebhookEntity({ relations: ['site'] })
export class Router {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 100 }) name!: string;
  @Column({ type: 'varchar', length: 100 }) status!: string;
  @Column({ type: 'int' }) counter!: number;
  @Column({ type: 'int' }) bucket!: number;
  @Column({ type: 'varchar', length: 100 }) vendor!: string;
  @Column({ type: 'varchar', length: 100 }) model!: string;
  @Column({ type: 'varchar', length: 100 }) serial!: string;
  @Column({ type: 'boolean' }) active!: boolean;
  @Column({ type: 'timestamptz' }) installed!: Date;
  @Column({ type: 'text', nullable: true }) comment?: string | null;
  @ManyToOne(() => Site, { nullable: true }) site?: Relation<Site> | null;
}

export interface Scenario {
  readonly name: string;
  /** Ratio to the same write without the library that must be kept; none: told, not held to. */
  readonly limit?: number;
  readonly write: (dataSource: DataSource, round: number) => Promise<unknown>;
}

export const router = (index: number, round: number) => ({
  name: `router ${index}`,
  status: `status ${round}`,
  counter: round,
  bucket: index,
  vendor: 'vendor',
  model: 'model',
  serial: `serial ${index}`,
  active: true,
  installed: new Date(0),
  site: { id: 1 },
});
const ids = Array.from({ length: 100 }, (_, index) => index + 1);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'save one',
    limit: 1.7,
    write: (dataSource, round) => dataSource.getRepository(Router).save({ id: 1, counter: round }),
  },
  {
    name: 'save one new',
    write: (dataSource, round) => dataSource.getRepository(Router).save(router(1000, round)),
  },
  {
    name: 'save 100',
    limit: 1.6,
    write: (dataSource, round) =>
      dataSource.getRepository(Router).save(ids.map((id) => ({ id, counter: round }))),
  },
  {
    name: '100 saves in one transaction',
    limit: 1.7,
    write: (dataSource, round) =>
      dataSource.transaction(async (manager) => {
        for (const id of ids) await manager.save(Router, { id, counter: round });
      }),
  },
  {
    name: 'update by criteria of 100 rows',
    limit: 7,
    write: (dataSource, round) => dataSource.getRepository(Router).update({ bucket: 7 }, { counter: round }),
  },
  {
    name: 'update by key',
    write: (dataSource, round) => dataSource.getRepository(Router).update(1, { counter: round }),
  },
];
