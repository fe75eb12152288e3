import { toast } from '../state/toasts.js';
import { Icon } from './icon.js';

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => toast('done', `Copied ${what}`),
      () => toast('bad', `The browser did not allow to copy ${what}`),
    );
  };
  return (
    <button
      type="button"
      class="button quiet icon mini"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={copy}
    >
      <Icon name="copy" size={14} />
    </button>
  );
}
