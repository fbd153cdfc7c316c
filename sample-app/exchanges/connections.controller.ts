import { Body, Controller, Get, Post } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { findRelated } from '../common/find-related.js';
import { Connection } from './connection.entity.js';
import { ConnectionDto } from './connection.dto.js';
import { InternetExchange } from './internet-exchange.entity.js';
import { serializeConnection } from './serialize-connection.js';

@Controller('api/net/connections')
export class ConnectionsController {
  constructor(
    @InjectRepository(Connection) private readonly connections: Repository<Connection>,
    @InjectRepository(InternetExchange) private readonly exchanges: Repository<InternetExchange>,
  ) {}

  @Get()
  async list() {
    const all = await this.connections.find({ relations: { internetExchange: true }, order: { id: 'ASC' } });
    return all.map(serializeConnection);
  }

  @Post()
  async create(@Body() dto: ConnectionDto) {
    const connection = this.connections.create({
      internetExchange: await findRelated(this.exchanges, dto.internet_exchange, 'internet_exchange'),
      macAddress: dto.mac_address ?? null,
      ipv6Address: dto.ipv6_address ?? null,
      ipv4Address: dto.ipv4_address ?? null,
    });
    return serializeConnection(await this.connections.save(connection));
  }
}
