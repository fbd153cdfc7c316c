import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { WebhookEntity } from 'nestjs-webhooks';
import { serializeAutonomousSystem } from './serialize-autonomous-system.js';

/** A network of somebody else. */
@Entity('autonomous_system')
@Unique('UQ_autonomous_system_asn', ['asn'])
@WebhookEntity({ serialize: serializeAutonomousSystem })
export class AutonomousSystem {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'PK_autonomous_system' })
  id!: number;

  /** 32 bits without sign: more than an `int` holds. */
  @Column({ type: 'bigint', transformer: { to: (asn: unknown) => asn, from: Number } })
  asn!: number;

  @Column({ type: 'varchar', length: 128 })
  name!: string;

  @Column({ type: 'int', default: 0 })
  ipv6MaxPrefixes!: number;

  @Column({ type: 'int', default: 0 })
  ipv4MaxPrefixes!: number;
}
