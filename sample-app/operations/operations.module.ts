import { Module } from '@nestjs/common';
import { DurableDashboardModule } from '../../lib/dashboard/index.js';
import { OperatorGuard } from './operator.guard.js';

/** What operators use: the dashboard, at `/durable`. Whoever knows the password may do everything there. */
@Module({
  imports: [
    DurableDashboardModule.forRoot({
      path: '/durable',
      guards: [OperatorGuard],
      authorize: () => true,
      theme: { title: 'The shop' },
    }),
  ],
})
export class OperationsModule {}
