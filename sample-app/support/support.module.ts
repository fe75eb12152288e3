import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NetworkModule } from '../network/network.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { ReturnsModule } from '../returns/returns.module.js';
import { ScriptedModel } from './agent/scripted-model.service.js';
import { SupportAgent } from './agent/support-agent.service.js';
import { SupportModel } from './agent/support-model.js';
import { TOOLS, type Tool } from './agent/tool.interface.js';
import { AskColleagueTool } from './agent/tools/ask-colleague.tool.js';
import { LookUpOrderTool } from './agent/tools/look-up-order.tool.js';
import { StartReturnTool } from './agent/tools/start-return.tool.js';
import { SupportController } from './support.controller.js';
import { SupportService } from './support.service.js';
import { TicketBook } from './ticket-book.service.js';
import { TicketEntity } from './ticket.entity.js';
import { TicketWorkflow } from './ticket.workflow.js';

@Module({
  imports: [TypeOrmModule.forFeature([TicketEntity]), NetworkModule, OrdersModule, ReturnsModule],
  controllers: [SupportController],
  providers: [
    SupportService,
    TicketBook,
    TicketWorkflow,
    SupportAgent,
    { provide: SupportModel, useClass: ScriptedModel },
    LookUpOrderTool,
    StartReturnTool,
    AskColleagueTool,
    {
      provide: TOOLS,
      inject: [LookUpOrderTool, StartReturnTool, AskColleagueTool],
      useFactory: (...tools: Tool[]): readonly Tool[] => tools,
    },
  ],
})
export class SupportModule {}
