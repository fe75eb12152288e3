import { Link } from 'wouter-preact';
import type { PreviewAnswer } from '../../../api/dashboard-api.contract.js';
import { runPath } from '../app/routes.js';
import { shortId } from '../components/format-text.js';
import { Icon } from '../components/icon.js';
import { SafeText } from '../components/safe-text.js';

/** What an order will do, before it is given. */
export function ActionPreview({ preview }: { readonly preview: PreviewAnswer }) {
  const { possible, summary, effects, undo, redo, children } = preview;
  return (
    <section
      class="preview"
      data-tone={possible ? 'running' : 'failed'}
      aria-live="polite"
      aria-label="What it will do"
    >
      <p>
        <Icon name={possible ? 'next' : 'warning'} />
        <strong>
          <SafeText text={summary} max={600} />
        </strong>
      </p>
      {effects.length > 0 && (
        <ul class="effects">
          {effects.map((effect, index) => (
            <li key={index}>
              <SafeText text={effect} max={400} />
            </li>
          ))}
        </ul>
      )}
      <Units title="Undone, in this order" names={undo} />
      <Units title="Executed again" names={redo} />
      {children.length > 0 && (
        <>
          <h3>Children</h3>
          <ul class="effects">
            {children.map((child) => (
              <li key={child.id}>
                <Link href={runPath(child.id)}>
                  <SafeText text={child.workflowName} /> {shortId(child.id)}
                </Link>{' '}
                {child.becomes}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Units({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ol class="units">
        {names.map((name) => (
          <li class="tag" key={name}>
            <SafeText text={name} />
          </li>
        ))}
      </ol>
    </>
  );
}
