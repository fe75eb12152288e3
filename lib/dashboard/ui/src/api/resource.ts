import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, RequestError } from './request.js';

export interface Resource<T> {
  /** The last answer; kept while a newer one is on its way, also after a failure. */
  readonly data: T | null;
  readonly error: RequestError | null;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Takes an answer that came in another way, e.g. by a server-sent event. */
  readonly put: (data: T) => void;
}

interface State<T> {
  readonly path: string | null;
  readonly data: T | null;
  readonly error: RequestError | null;
  readonly loading: boolean;
}

/**
 * What a GET of `path` answers; `null` asks for nothing. Another path drops the former answer, unless `keep` says that it
 * may be shown until the new one is there. Answers that come late are never taken for newer ones.
 */
export function useResource<T>(path: string | null, { keep = false } = {}): Resource<T> {
  const [state, setState] = useState<State<T>>({ path, data: null, error: null, loading: path !== null });
  const [round, setRound] = useState(0);
  const latest = useRef(0);

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const turn = ++latest.current;
    setState((old) => ({ ...old, path, loading: true, data: keep || old.path === path ? old.data : null }));
    get<T>(path, abort.signal).then(
      (data) => turn === latest.current && setState({ path, data, error: null, loading: false }),
      (error: unknown) => {
        if (abort.signal.aborted || turn !== latest.current) return;
        const known = error instanceof RequestError ? error : new RequestError(0, 'internal', String(error));
        setState((old) => ({ ...old, error: known, loading: false }));
      },
    );
    return () => abort.abort();
  }, [path, round, keep]);

  const reload = useCallback(() => setRound((old) => old + 1), []);
  const put = useCallback((data: T) => setState((old) => ({ ...old, data, error: null })), []);
  const current = state.path === path || keep;
  return { data: current ? state.data : null, error: state.error, loading: state.loading, reload, put };
}
