import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post } from '@nestjs/common';
import { changesOf } from '../common/changes.pipe.js';
import { serializeSession } from './serialize-session.js';
import { SessionDto } from './session.dto.js';
import { SessionsService } from './sessions.service.js';

@Controller('api/peering/internet-exchange-peering-sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  async list() {
    return (await this.sessions.list()).map(serializeSession);
  }

  @Get(':id')
  async get(@Param('id', ParseIntPipe) id: number) {
    return serializeSession(await this.sessions.get(id));
  }

  @Post()
  async create(@Body() dto: SessionDto) {
    return serializeSession(await this.sessions.create(dto));
  }

  @Patch(':id')
  async update(
    @Param('id', ParseIntPipe) id: number,
    @Body(changesOf(SessionDto)) changes: Partial<SessionDto>,
  ) {
    return serializeSession(await this.sessions.update(id, changes));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id', ParseIntPipe) id: number) {
    await this.sessions.remove(id);
  }
}
