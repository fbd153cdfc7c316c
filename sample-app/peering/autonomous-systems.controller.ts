import { Body, Controller, Get, Post } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { AutonomousSystemDto } from './autonomous-system.dto.js';
import { AutonomousSystem } from './autonomous-system.entity.js';
import { serializeAutonomousSystem } from './serialize-autonomous-system.js';

@Controller('api/peering/autonomous-systems')
export class AutonomousSystemsController {
  constructor(@InjectRepository(AutonomousSystem) private readonly systems: Repository<AutonomousSystem>) {}

  @Get()
  async list() {
    return (await this.systems.find({ order: { asn: 'ASC' } })).map(serializeAutonomousSystem);
  }

  @Post()
  async create(@Body() dto: AutonomousSystemDto) {
    const system = this.systems.create({
      asn: dto.asn,
      name: dto.name,
      ipv6MaxPrefixes: dto.ipv6_max_prefixes ?? 0,
      ipv4MaxPrefixes: dto.ipv4_max_prefixes ?? 0,
    });
    return serializeAutonomousSystem(await this.systems.save(system));
  }
}
