import { createInterface } from 'node:readline/promises';
import { CliError } from '../cli.error.js';
import type { CliIo } from '../cli-io.interface.js';

/**
 * Asks before something that cannot be taken back.
 *
 * @param question what is going to happen: `Terminate 3 runs`.
 * @throws CliError when the answer is not yes, or when there is no terminal to ask on and no `--yes`.
 */
export async function confirm(io: CliIo, question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw CliError.usage(`${question}: there is no terminal to ask on. Say --yes to do it; nothing was done.`);
  }
  const prompt = createInterface({ input: io.stdin, output: io.stderr as unknown as NodeJS.WritableStream });
  try {
    const answer = await prompt.question(`${question}? [y/N] `, { signal: io.interrupted });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new CliError('CLI_DECLINED', 1, 'Nothing was done.');
}
