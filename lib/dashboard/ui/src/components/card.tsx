import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { SafeText } from './safe-text.js';

interface CardProps {
  readonly title: string;
  /** Beside the title: counts, controls. */
  readonly aside?: ComponentChildren;
  /** The content reaches the border, as tables do. */
  readonly flush?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, aside, flush = false, children }: CardProps) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          <SafeText text={title} />
        </h2>
        {aside}
      </header>
      {flush ? children : <div class="card-body">{children}</div>}
    </section>
  );
}
