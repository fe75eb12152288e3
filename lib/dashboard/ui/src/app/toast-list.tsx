import { Icon } from '../components/icon.js';
import { dismiss, toasts } from '../state/toasts.js';

/** Says what became of what was done, also to those who listen. */
export function ToastList() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div class="toast" data-tone={tone} key={id}>
          <p>{text}</p>
          <button type="button" class="button quiet icon mini" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
