/** The first packet of a client, which has no type; `null` when it is not whole yet. */
export declare function firstPacket(
  bytes: Buffer,
): { readonly kind: 'encryption' | 'cancel' | 'startup'; readonly packet: Buffer } | null;

/** A message of that type, e.g. `Q` with a text and a zero. */
export declare function message(type: string, body: Buffer): Buffer;
