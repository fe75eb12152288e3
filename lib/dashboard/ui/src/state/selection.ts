import { useEffect, useMemo, useState } from 'preact/hooks';
import type { RunRow } from '../../../api/dashboard-api.contract.js';

export interface Selection {
  /** Those of the rows on the screen. */
  readonly ids: ReadonlySet<string>;
  /** Everything that matches the filter, on the screen or not. */
  readonly all: boolean;
  readonly pageSelected: boolean;
  readonly toggle: (id: string, selected: boolean) => void;
  readonly togglePage: (selected: boolean) => void;
  readonly selectAll: () => void;
  readonly clear: () => void;
}

/** What is selected of a list; another filter begins anew. */
export function useSelection(rows: readonly RunRow[], query: string): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const clear = (): void => {
    setIds(new Set());
    setAll(false);
  };
  useEffect(clear, [query]);

  const onScreen = useMemo(() => new Set(rows.map(({ id }) => id)), [rows]);
  const selected = useMemo(() => new Set([...ids].filter((id) => onScreen.has(id))), [ids, onScreen]);
  return {
    ids: all ? onScreen : selected,
    all,
    pageSelected: rows.length > 0 && (all || selected.size === rows.length),
    toggle: (id, on) => {
      const next = new Set(all ? onScreen : selected);
      if (on) next.add(id);
      else next.delete(id);
      setAll(false);
      setIds(next);
    },
    togglePage: (on) => {
      setAll(false);
      setIds(on ? onScreen : new Set());
    },
    selectAll: () => setAll(true),
    clear,
  };
}
