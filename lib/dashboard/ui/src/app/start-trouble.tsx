import { RequestError } from '../api/request.js';
import { Trouble } from '../components/placeholders.js';

/** In place of everything, when the server does not even say who is looking. */
export function StartTrouble({ error }: { readonly error: unknown }) {
  const known = error instanceof RequestError ? error : new RequestError(0, 'internal', String(error));
  return (
    <main class="main">
      <h1>The dashboard cannot be shown</h1>
      <p class="muted">The server answered its first question like this:</p>
      <Trouble error={known} retry={() => location.reload()} />
    </main>
  );
}
