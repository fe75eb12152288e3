import type { ComponentChildren } from 'preact';
import type { RequestError } from '../api/request.js';
import { Icon } from './icon.js';
import { SafeText } from './safe-text.js';

export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Loading {what}</span>
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>
        <SafeText text={title} max={300} />
      </strong>
      {children !== undefined && <span>{children}</span>}
    </div>
  );
}

/** What the server refused, in its words, and a way to ask again. */
export function Trouble({ error, retry }: { readonly error: RequestError; readonly retry?: () => void }) {
  return (
    <div class="notice" data-tone="bad" role="alert">
      <Icon name="warning" />
      <div class="stack tight">
        <SafeText text={error.message} max={1000} />
        {retry !== undefined && (
          <button type="button" class="button mini" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
