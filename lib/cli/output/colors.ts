import type { CliIo, TextSink } from '../cli-io.interface.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan';

/** https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters */
const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
};

export type Paint = (style: Style, text: string) => string;

/** Colours for a sink: none where it is no terminal, where `NO_COLOR` is set (https://no-color.org), or on `--no-color`. */
export function paintFor(sink: TextSink, env: CliIo['env'], wanted = true): Paint {
  const on = wanted && sink.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  if (!on) return (_, text) => text;
  return (style, text) => `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m`;
}

const STATUS_STYLES: Readonly<Record<string, Style>> = {
  completed: 'green',
  failed: 'red',
  compensation_failed: 'red',
  canceled: 'yellow',
  compensating: 'yellow',
  running: 'cyan',
  suspended: 'blue',
};

export function paintStatus(paint: Paint, status: string): string {
  const style = STATUS_STYLES[status];
  return style ? paint(style, status) : status;
}
