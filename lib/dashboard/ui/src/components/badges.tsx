import type { NodeState } from '../../../api/dashboard-api.contract.js';
import { words } from './format-text.js';
import { Icon } from './icon.js';
import { STATE_ICONS, STATUS_ICONS, stateWord, type Status } from './status.js';

export function StatusBadge({ status, paused = false }: { readonly status: Status; readonly paused?: boolean }) {
  return (
    <span class="row nowrap">
      <span class="badge" data-tone={status}>
        <Icon name={STATUS_ICONS[status]} />
        {words(status)}
      </span>
      {paused && (
        <span class="badge" data-tone="pending">
          <Icon name="paused" />
          paused
        </span>
      )}
    </span>
  );
}

export function StateBadge({ state }: { readonly state: NodeState }) {
  return (
    <span class="badge" data-tone={state}>
      <Icon name={STATE_ICONS[state]} />
      {stateWord(state)}
    </span>
  );
}
