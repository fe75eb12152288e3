import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { ThemeView } from '../api/dashboard-api.contract.js';
import type { HttpExchange } from './http-exchange.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
/** What shrinks; images and fonts are compressed already. */
const COMPRESSED = /^text\/|^application\/json|^image\/svg/;

const HEAD = '<!--durable:head-->';

interface File {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer | null;
  readonly etag: string;
}

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8">${HEAD}<title>nest-durable</title></head>
<body><p>The pages of the dashboard are not built. Run <code>npm run build:dashboard</code>.</p></body></html>`;

/**
 * The built page: some hundred kilobytes, read once into memory and compressed there.
 *
 * Nothing but the files that were found is served, by the very names that they have: no path of a request ever reaches the
 * file system.
 */
export class PageAssets {
  private files: Promise<ReadonlyMap<string, File>> | null = null;

  /** @param folder where the build put the page. */
  constructor(private readonly folder: string = builtPage()) {}

  /** Sends a file of the build; false when there is none of the name, e.g. `assets/index-abc.js`. */
  async sendFile(name: string, exchange: HttpExchange): Promise<boolean> {
    const file = (await this.read()).get(name);
    if (!file || name === 'index.html') return false;
    const { type, etag } = file;
    // Nothing of it is secret, but who may have it is asked each time.
    const headers = { etag, 'cache-control': 'private, no-cache', vary: 'Accept-Encoding' };
    if (exchange.header('if-none-match') === etag) exchange.send({ status: 304, type, body: '', headers });
    else send(exchange, file, headers);
    return true;
  }

  /** Sends the page for whatever it shows at this address. `base` is where the dashboard is mounted, between slashes. */
  async sendPage(base: string, theme: ThemeView, exchange: HttpExchange): Promise<void> {
    const built = (await this.read()).get('index.html')?.body.toString('utf8') ?? NOT_BUILT;
    const head = `<meta name="durable-base" content="${escape(base)}" />
    <link rel="stylesheet" href="${escape(base)}theme.css" />`;
    const html = built
      .replaceAll(/(href|src)="\.\//g, (_, name: string) => `${name}="${escape(base)}`)
      .replace(HEAD, () => head)
      .replace(/<title>[^<]*<\/title>/, () => `<title>${escape(theme.title)}</title>`);
    send(exchange, fileOf('.html', Buffer.from(html)), {});
  }

  sendTheme({ accent }: ThemeView, exchange: HttpExchange): void {
    const body = accent === null ? '' : `:root { --durable-accent: ${accent}; --durable-accent-dark: ${accent}; }\n`;
    exchange.send({ type: TYPES['.css'], body });
  }

  private read(): Promise<ReadonlyMap<string, File>> {
    this.files ??= readFiles(this.folder);
    return this.files;
  }
}

function send(exchange: HttpExchange, { type, body, gzip }: File, headers: Readonly<Record<string, string>>): void {
  const compress = gzip !== null && /\bgzip\b/.test(exchange.header('accept-encoding') ?? '');
  if (!compress) exchange.send({ type, body, headers });
  else exchange.send({ type, body: gzip, headers: { ...headers, 'content-encoding': 'gzip' } });
}

/** Beside this file in the package; in the repository itself, where the build puts it. */
function builtPage(): string {
  const beside = fileURLToPath(new URL('../ui/', import.meta.url));
  if (existsSync(join(beside, 'index.html')) && !existsSync(join(beside, 'vite.config.mjs'))) return beside;
  return fileURLToPath(new URL('../../../dist/lib/dashboard/ui/', import.meta.url));
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, File>> {
  const files = new Map<string, File>();
  if (!existsSync(join(folder, 'index.html'))) return files;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const type = extname(entry.name);
    if (!entry.isFile() || !(type in TYPES)) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).split(sep).join('/'), fileOf(type, await readFile(path)));
  }
  return files;
}

function fileOf(extension: string, body: Buffer): File {
  const type = TYPES[extension];
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return { type, body, etag, gzip: COMPRESSED.test(type) ? gzipSync(body) : null };
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
