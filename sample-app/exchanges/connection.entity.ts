import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { WebhookEntity } from 'nestjs-webhooks';
import { InternetExchange } from './internet-exchange.entity.js';
import { serializeConnection } from './serialize-connection.js';

/** Our port at an internet exchange. */
@Entity('connection')
@WebhookEntity({ relations: ['internetExchange'], serialize: serializeConnection })
export class Connection {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'PK_connection' })
  id!: number;

  @ManyToOne(() => InternetExchange, { nullable: false })
  @JoinColumn({ foreignKeyConstraintName: 'FK_connection_internet_exchange' })
  internetExchange!: Relation<InternetExchange>;

  @Column({ type: 'varchar', length: 17, nullable: true })
  macAddress!: string | null;

  @Column({ type: 'varchar', length: 43, nullable: true })
  ipv6Address!: string | null;

  @Column({ type: 'varchar', length: 18, nullable: true })
  ipv4Address!: string | null;
}
