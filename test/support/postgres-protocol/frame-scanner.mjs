/** Type, length of the rest, and the first byte of the body: no message that is looked into needs more. */
const HEAD_BYTES = 6;

/**
 * Finds the messages of PostgreSQL's protocol in a stream, without putting them together: it looks at their heads only.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class FrameScanner {
  #rest = Buffer.alloc(0);
  #skip = 0;
  #onFrame;

  /** @param {(type: string, firstByte: number) => void} onFrame told of each message when its head is there. */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /**
   * @param {Buffer} chunk what has come.
   * @returns {Buffer} what may be passed on: all but a head that is not whole yet.
   */
  push(chunk) {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = this.#skip;
    while (at < bytes.length && isWhole(bytes, at)) {
      this.#onFrame(String.fromCharCode(bytes[at]), bytes[at + 5]);
      at += 1 + bytes.readInt32BE(at + 1);
    }
    this.#skip = Math.max(0, at - bytes.length);
    this.#rest = bytes.subarray(at);
    return bytes.subarray(0, at);
  }
}

function isWhole(bytes, at) {
  const there = bytes.length - at;
  return there >= HEAD_BYTES || (there === HEAD_BYTES - 1 && bytes.readInt32BE(at + 1) === 4);
}
