import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  type Relation,
} from 'typeorm';
import { WebhookEntity, WebhookHidden } from 'nestjs-webhooks';
import { Connection } from '../exchanges/connection.entity.js';
import { AutonomousSystem } from './autonomous-system.entity.js';
import type { BgpState } from './bgp-state.js';
import { serializeSession } from './serialize-session.js';
import type { SessionStatus } from './session-status.js';

/** A BGP session with an autonomous system over an internet exchange. */
@Entity('internet_exchange_peering_session')
@WebhookEntity({
  relations: ['autonomousSystem', 'ixpConnection', 'ixpConnection.internetExchange'],
  serialize: serializeSession,
})
export class InternetExchangePeeringSession {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'PK_internet_exchange_peering_session' })
  id!: number;

  @Column({ type: 'varchar', length: 255, nullable: true })
  serviceReference!: string | null;

  @ManyToOne(() => AutonomousSystem, { nullable: false })
  @JoinColumn({ foreignKeyConstraintName: 'FK_session_autonomous_system' })
  autonomousSystem!: Relation<AutonomousSystem>;

  @ManyToOne(() => Connection, { nullable: false })
  @JoinColumn({ foreignKeyConstraintName: 'FK_session_connection' })
  ixpConnection!: Relation<Connection>;

  @Column({ type: 'varchar', length: 39 })
  ipAddress!: string;

  @Column({ type: 'varchar', length: 20, default: 'requested' })
  status!: SessionStatus;

  /** The routers' shared secret: neither the REST API nor a webhook ever shows it. */
  @WebhookHidden()
  @Column({ type: 'varchar', length: 255, nullable: true })
  password!: string | null;

  @WebhookHidden()
  @Column({ type: 'varchar', length: 255, nullable: true })
  encryptedPassword!: string | null;

  @Column({ type: 'int', default: 1 })
  multihopTtl!: number;

  @Column({ type: 'boolean', default: false })
  isRouteServer!: boolean;

  @Column({ type: 'simple-json' })
  importRoutingPolicies!: string[];

  @Column({ type: 'simple-json' })
  exportRoutingPolicies!: string[];

  @Column({ type: 'simple-json' })
  communities!: string[];

  @Column({ type: 'simple-json', nullable: true })
  localContextData!: object | null;

  @Column({ type: 'boolean', default: false })
  existsInPeeringdb!: boolean;

  @Column({ type: 'boolean', default: false })
  isAbandoned!: boolean;

  @Column({ type: 'varchar', length: 20, nullable: true })
  bgpState!: BgpState | null;

  @Column({ type: 'int', default: 0 })
  receivedPrefixCount!: number;

  @Column({ type: 'int', default: 0 })
  advertisedPrefixCount!: number;

  @Column({ type: 'timestamptz', nullable: true })
  lastEstablishedState!: Date | null;

  @Column({ type: 'text', default: '' })
  comments!: string;

  @Column({ type: 'simple-json' })
  tags!: string[];

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updated!: Date;
}
