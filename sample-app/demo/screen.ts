import { styleText } from 'node:util';

/** How often a live line is printed where it cannot be overwritten: often enough to follow, seldom enough to read. */
const PIPED_INTERVAL_MS = 500;

/** Where a terminal does not tell. */
const DEFAULT_COLUMNS = 80;

type Style = Parameters<typeof styleText>[0];

/**
 * The demo's output: lines with the time since the start, and below them one live line, rewritten in a terminal and
 * repeated now and then in a pipe. Colours only in a terminal, and never with `NO_COLOR`.
 */
export class Screen {
  private readonly startedAt = performance.now();
  /** The line that the cursor stands at the end of is one to be replaced. */
  private live = false;
  private printedAt = Number.NEGATIVE_INFINITY;
  private closed = false;

  constructor(private readonly out: NodeJS.WriteStream) {
    // A reader that has gone (`| head`) ends the output, not the demo, which still has to clean up.
    out.on('error', () => this.close());
  }

  /** A line that stays. */
  say(text: string): void {
    this.write(`${this.clear()}${this.stamp()}${text}\n`);
  }

  /** A line without a time that stays. */
  print(text = ''): void {
    this.write(`${this.clear()}${text}\n`);
  }

  /** Replaces the live line. */
  show(text: string): void {
    const line = `${this.stamp()}${text}`;
    if (this.out.isTTY) {
      // A line that wraps could not be overwritten.
      const fitting = line.slice(0, (this.out.columns || DEFAULT_COLUMNS) - 1);
      this.write(this.clear() + fitting);
      this.live = true;
    } else if (performance.now() - this.printedAt >= PIPED_INTERVAL_MS) {
      this.printedAt = performance.now();
      this.write(`${line}\n`);
    }
  }

  /** Ends the live line: what was shown last stays. */
  settle(): void {
    if (this.live) this.write('\n');
    this.live = false;
  }

  /** Swallows what is still to come: an interrupted demo goes on for a moment while it is taken down. */
  close(): void {
    this.closed = true;
  }

  style(style: Style, text: string): string {
    return this.out.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
  }

  private stamp(): string {
    return `${((performance.now() - this.startedAt) / 1000).toFixed(1).padStart(6)} s  `;
  }

  private clear(): string {
    const sequence = this.live ? '\r\x1b[2K' : '';
    this.live = false;
    return sequence;
  }

  private write(text: string): void {
    if (!this.closed) this.out.write(text);
  }
}
