import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { toProperties } from '../common/to-properties.js';
import { findRelated } from '../common/find-related.js';
import { Connection } from '../exchanges/connection.entity.js';
import { AutonomousSystem } from './autonomous-system.entity.js';
import { InternetExchangePeeringSession } from './internet-exchange-peering-session.entity.js';
import type { SessionDto } from './session.dto.js';

const EMPTY = { importRoutingPolicies: [], exportRoutingPolicies: [], communities: [], tags: [] };

const RELATIONS = { autonomousSystem: true, ixpConnection: { internetExchange: true } } as const;

/** The application knows nothing of webhooks: it saves and removes, and the library sees it. */
@Injectable()
export class SessionsService {
  constructor(
    @InjectRepository(InternetExchangePeeringSession)
    private readonly sessions: Repository<InternetExchangePeeringSession>,
    @InjectRepository(AutonomousSystem) private readonly systems: Repository<AutonomousSystem>,
    @InjectRepository(Connection) private readonly connections: Repository<Connection>,
  ) {}

  list(): Promise<InternetExchangePeeringSession[]> {
    return this.sessions.find({ relations: RELATIONS, order: { id: 'ASC' } });
  }

  async get(id: number): Promise<InternetExchangePeeringSession> {
    const session = await this.sessions.findOne({ where: { id }, relations: RELATIONS });
    if (session === null) throw new NotFoundException(`Session ${id} does not exist`);
    return session;
  }

  async create(dto: SessionDto): Promise<InternetExchangePeeringSession> {
    const session = Object.assign(this.sessions.create(EMPTY), await this.columns(dto));
    const { id } = await this.sessions.save(session);
    return this.get(id);
  }

  async update(id: number, changes: Partial<SessionDto>): Promise<InternetExchangePeeringSession> {
    const session = await this.get(id);
    return this.sessions.save(Object.assign(session, await this.columns(changes)));
  }

  async remove(id: number): Promise<void> {
    await this.sessions.remove(await this.get(id));
  }

  private async columns(dto: Partial<SessionDto>): Promise<object> {
    const { autonomous_system: system, ixp_connection: connection, ...plain } = dto;
    return {
      ...toProperties(plain),
      ...(system === undefined
        ? {}
        : { autonomousSystem: await findRelated(this.systems, system, 'autonomous_system') }),
      ...(connection === undefined
        ? {}
        : { ixpConnection: await findRelated(this.connections, connection, 'ixp_connection') }),
    };
  }
}
