import { Body, Controller, Get, Post } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { InternetExchangeDto } from './internet-exchange.dto.js';
import { InternetExchange } from './internet-exchange.entity.js';
import { serializeExchange } from './serialize-exchange.js';

@Controller('api/peering/internet-exchanges')
export class InternetExchangesController {
  constructor(@InjectRepository(InternetExchange) private readonly exchanges: Repository<InternetExchange>) {}

  @Get()
  async list() {
    return (await this.exchanges.find({ order: { id: 'ASC' } })).map(serializeExchange);
  }

  @Post()
  async create(@Body() dto: InternetExchangeDto) {
    return serializeExchange(await this.exchanges.save(this.exchanges.create(dto)));
  }
}
