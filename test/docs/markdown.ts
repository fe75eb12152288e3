import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDERS_WITHOUT_DOCUMENTS = new Set(['node_modules', 'dist', 'coverage', '.git']);

export interface CodeBlock {
  readonly file: string;
  /** Line of the document, 1-based, on which the code begins. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** Every Markdown file of the repository, by its path from the root. */
export function documents(folder = '.'): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return FOLDERS_WITHOUT_DOCUMENTS.has(entry.name) ? [] : documents(file);
    return entry.name.endsWith('.md') ? [file] : [];
  });
}

/** The fenced blocks of a document. */
export function codeBlocks(file: string): CodeBlock[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```/gm)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1] ?? '',
    code: match[2] ?? '',
  }));
}

/** A document without its fenced blocks. */
export function prose(file: string): string {
  return readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
}

/** What a heading is called in a link: as the hosts of public repositories derive it. */
export function anchors(file: string): string[] {
  return [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}
