import { UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { PlatformRequest } from '../http/http-exchange.js';
import type { DoorKeeper } from './door-keeper.js';

/** Lets in who has a session of the {@link DoorKeeper}. */
export class SessionGuard implements CanActivate {
  constructor(private readonly keeper: DoorKeeper) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<PlatformRequest & { user?: unknown }>();
    const { host, cookie } = request.headers;
    if (!this.keeper.knowsHost(host) || !this.keeper.knows(cookie)) {
      throw new UnauthorizedException('Open the link that the process printed, or /login and give the token.');
    }
    request.user = this.keeper.user;
    return true;
  }
}
