/** A text outgrew what it may be: it has at least `length` characters. Never leaves this folder. */
export class TextTooLong extends Error {
  constructor(readonly length: number) {
    super(`more than ${length} characters`);
  }
}
