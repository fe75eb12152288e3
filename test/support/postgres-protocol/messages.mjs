const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const AUTHENTICATION = 'R'.charCodeAt(0);

/**
 * The first packet of a client, which has no type.
 *
 * @param {Buffer} bytes what has come so far.
 * @returns {{ kind: 'encryption' | 'cancel' | 'startup', packet: Buffer } | null} `null` when it is not whole yet.
 */
export function firstPacket(bytes) {
  if (bytes.length < 8 || bytes.length < bytes.readInt32BE(0)) return null;
  const packet = bytes.subarray(0, bytes.readInt32BE(0));
  const code = packet.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption', packet };
  return { kind: code === CANCEL_REQUEST ? 'cancel' : 'startup', packet };
}

/**
 * What a session is opened with, e.g. `{ user: 'postgres', database: 'test', application_name: 'x' }`.
 *
 * @param {Buffer} packet a startup packet.
 * @returns {Record<string, string>}
 */
export function parametersOf(packet) {
  const words = packet.subarray(8).toString('utf8').split('\0');
  const parameters = {};
  for (let at = 0; words[at]; at += 2) parameters[words[at]] = words[at + 1];
  return parameters;
}

/**
 * What follows in a server's greeting once the client is let in: without questions for a password, which the next client
 * is not asked.
 *
 * @param {Buffer} greeting whole messages.
 * @returns {Buffer}
 */
export function welcomeIn(greeting) {
  let at = 0;
  while (!(greeting[at] === AUTHENTICATION && greeting.readInt32BE(at + 5) === 0))
    at += 1 + greeting.readInt32BE(at + 1);
  return greeting.subarray(at);
}

/**
 * @param {string} type one letter.
 * @param {Buffer} body
 * @returns {Buffer}
 */
export function message(type, body) {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
