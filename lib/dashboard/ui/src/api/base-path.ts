/** Where the dashboard is mounted, with a slash at its end; the server writes it into the page. */
export const BASE_PATH = readBasePath();

function readBasePath(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="durable-base"]');
  const path = meta?.content ?? '/';
  return path.endsWith('/') ? path : `${path}/`;
}
