import { Dialog } from '../components/dialog.js';
import { shortcutsOn, switchShortcuts } from '../state/shortcuts.js';

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['g o', 'Overview'],
  ['g r', 'Runs'],
  ['g w', 'Workflows'],
  ['g k', 'Workers'],
  ['g d', 'Definitions'],
  ['/', 'To the filter of the runs'],
  ['j', 'Runs: next row'],
  ['k', 'Runs: previous row'],
  ['x', 'Runs: select the row'],
  ['n', 'Runs: next page'],
  ['a', 'Run: to its actions'],
  ['t', 'Colours: as the system, light, dark'],
  ['?', 'This help'],
];

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts">
        {KEYS.map(([keys, meaning]) => (
          <>
            <dt key={keys}>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={shortcutsOn.value}
          onChange={(event) => switchShortcuts(event.currentTarget.checked)}
        />
        Keys are on
      </label>
    </Dialog>
  );
}
