import { Presets, SingleBar } from 'cli-progress';
import type { CliIo } from '../cli-io.interface.js';

/** How far a long work is. */
export interface Progress {
  /** @param done so far, not since the last call. */
  at(done: number): void;
  stop(): void;
}

const SILENT: Progress = { at: () => undefined, stop: () => undefined };

/** Less would flicker on a slow terminal, and more would look stuck. */
const FRAMES_PER_SECOND = 10;

/** A bar on stderr, and only on a terminal: logs and pipes get none. Stop it, whatever happens. */
export function progressBar({ stderr }: CliIo, title: string, total: number): Progress {
  if (stderr.isTTY !== true || total <= 1) return SILENT;
  const format = `${title} [{bar}] {value}/{total} ({percentage} %), {eta_formatted} left`;
  const bar = new SingleBar(
    {
      format,
      stream: stderr as unknown as NodeJS.WritableStream,
      fps: FRAMES_PER_SECOND,
      clearOnComplete: true,
      hideCursor: false,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    // What was counted before may have grown meanwhile.
    at: (done) => (done > bar.getTotal() ? bar.setTotal(done) : undefined, bar.update(done)),
    stop: () => bar.stop(),
  };
}
