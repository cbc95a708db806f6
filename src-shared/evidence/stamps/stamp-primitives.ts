// The cryptography of time-stamp authorities, handed in by the caller as the other primitives are: Node has it, a page has @noble.

export type StampDigest = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Public keys as certificates carry them; anything else is refused before it comes here. */
export type StampKey =
  | { readonly kind: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  /** `point` is uncompressed: 0x04 ‖ x ‖ y. */
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521'; readonly point: Uint8Array };

export type StampPrimitives = {
  digest(name: StampDigest, data: Uint8Array): Uint8Array;
  /**
   * PKCS #1 v1.5 (RFC 8017 section 8.2) or ECDSA with a signature in DER. Answers false for anything malformed and never throws.
   * `spki` is the SubjectPublicKeyInfo that `key` was read from, for whoever takes it as it is.
   */
  verifySignature(
    key: StampKey,
    spki: Uint8Array,
    digest: StampDigest,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
};
