import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ExchangesModule } from '../exchanges/exchanges.module.js';
import { AutonomousSystem } from './autonomous-system.entity.js';
import { AutonomousSystemsController } from './autonomous-systems.controller.js';
import { InternetExchangePeeringSession } from './internet-exchange-peering-session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

/** Autonomous systems and our sessions with them. */
@Module({
  imports: [ExchangesModule, TypeOrmModule.forFeature([AutonomousSystem, InternetExchangePeeringSession])],
  controllers: [AutonomousSystemsController, SessionsController],
  providers: [SessionsService],
})
export class PeeringModule {}
