import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { liveState } from '../api/live.js';
import { visibleText } from '../components/format-text.js';
import { SafeText } from '../components/safe-text.js';
import { config } from '../state/config.js';

interface PageHeadProps {
  readonly title: string;
  /** Shown in place of the title, which remains the name of the window. */
  readonly heading?: ComponentChildren;
  readonly live?: boolean;
  readonly children?: ComponentChildren;
}

const LIVE_WORDS = { on: 'live', connecting: 'connecting…', off: 'not live' } as const;

export function PageHead({ title, heading, live = false, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${visibleText(title)} · ${config.value?.theme.title ?? 'nest-durable'}`;
  }, [title]);
  return (
    <div class="page-head">
      <div class="row">
        <h1>{heading ?? <SafeText text={title} max={160} />}</h1>
        {live && (
          <span class="live" data-live={liveState.value}>
            {LIVE_WORDS[liveState.value]}
          </span>
        )}
      </div>
      {children}
    </div>
  );
}
