import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { WebhookEntity } from 'nestjs-webhooks';
import { serializeExchange } from './serialize-exchange.js';

/** A place where networks meet. */
@Entity('internet_exchange')
@Unique('UQ_internet_exchange_slug', ['slug'])
@WebhookEntity({ serialize: serializeExchange })
export class InternetExchange {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'PK_internet_exchange' })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ type: 'varchar', length: 100 })
  slug!: string;
}
