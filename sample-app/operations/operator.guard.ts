import { timingSafeEqual, createHash } from 'node:crypto';
import { Inject, Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ShopConfig } from '../config/shop-config.js';

interface Request {
  readonly headers: { readonly authorization?: string };
  user?: unknown;
}

interface Response {
  setHeader(name: string, value: string): unknown;
}

/** Lets in who knows the operators' password, under any name: `curl -u ann:<password>`, or the browser's own dialog. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(@Inject(ShopConfig) private readonly config: ShopConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const [name, password] = credentialsOf(request.headers.authorization);
    if (name !== '' && sameText(password, this.config.operatorPassword)) {
      request.user = { name };
      return true;
    }
    http.getResponse<Response>().setHeader('www-authenticate', 'Basic realm="operations", charset="UTF-8"');
    throw new UnauthorizedException('Operators only: a name, and the password that the shop printed when it started.');
  }
}

function credentialsOf(header = ''): readonly [name: string, password: string] {
  const [scheme, encoded = ''] = header.split(' ');
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  return colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Takes the same time wherever two texts differ. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
