import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Connection } from './connection.entity.js';
import { ConnectionsController } from './connections.controller.js';
import { InternetExchange } from './internet-exchange.entity.js';
import { InternetExchangesController } from './internet-exchanges.controller.js';

/** Internet exchanges and our connections to them. */
@Module({
  imports: [TypeOrmModule.forFeature([InternetExchange, Connection])],
  controllers: [InternetExchangesController, ConnectionsController],
  exports: [TypeOrmModule],
})
export class ExchangesModule {}
