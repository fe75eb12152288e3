/**
 * Takes credentials out of text: `postgres://user:secret@host`, `password=secret`. A guess by form, for text that comes
 * from elsewhere; what is known to be a secret is not shown at all.
 */
export function redact(text: string): string {
  return text
    .replace(/(postgres(?:ql)?:\/\/)\S*@/gi, '$1***@')
    .replace(/:\/\/[^/\s]*@/g, '://***@')
    .replace(/((?:password|passwd|pwd|secret|token|key)\s*[=:]\s*)[^\s;&]+/gi, '$1***');
}
