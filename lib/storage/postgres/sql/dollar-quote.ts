/** Quotes text with dollars. A dollar quote ends where its tag stands in the text again, which a name could bring about. */
export function dollarQuote(text: string): string {
  let tag = '$durable$';
  for (let n = 1; text.includes(tag); n += 1) tag = `$durable${n}$`;
  return `${tag}\n${text}\n${tag}`;
}
