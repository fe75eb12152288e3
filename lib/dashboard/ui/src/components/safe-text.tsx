import { visiblePieces } from './format-text.js';

/**
 * Text that somebody else wrote. It is isolated from the writing direction around it, and characters that cannot be seen,
 * or that would reorder what can, stand there by their code points.
 */
export function SafeText({ text, max }: { readonly text: string; readonly max?: number }) {
  const cut = max !== undefined && text.length > max;
  const shown = cut ? `${text.slice(0, max)}…` : text;
  return (
    <bdi>
      {visiblePieces(shown).map((piece, index) =>
        piece.control ? (
          <span class="control" key={index}>
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  );
}
