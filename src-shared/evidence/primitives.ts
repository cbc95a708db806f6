// The few cryptographic operations that the evidence code needs, handed in by the caller so that the same code runs in Node
// (node:crypto), in the renderer and in the one-file verifier (@noble). There is no signing here: this folder cannot sign.

export type Primitives = {
  /** SHA-256 (FIPS 180-4): 32 bytes, in an array of their own. */
  sha256(data: Uint8Array): Uint8Array;
  /** The same, written into `target` from `offset`: a verification makes millions and an array for each is a tenth of its time. */
  sha256Into(data: Uint8Array, target: Uint8Array, offset: number): void;
  /** SHA-256 of data that arrives in parts; used once per bundle, over all of its entries. */
  createSha256(): Sha256Stream;
  /**
   * Ed25519 (RFC 8032, pure). `publicKey` has 32 bytes, `signature` 64. Answers false for anything malformed and never throws.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** HMAC-SHA256 (RFC 2104): 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
};

export type Sha256Stream = {
  /** Takes the bytes at once; the caller may overwrite them afterwards. */
  update(data: Uint8Array): void;
  /** 32 bytes; the stream is spent. */
  digest(): Uint8Array;
};
