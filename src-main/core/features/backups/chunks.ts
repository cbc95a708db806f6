// The content of a backup in authenticated chunks: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over
// AES-256-GCM. Each chunk is bound to the header, to its place and to whether it is the last, so that truncation, reordering,
// duplication and bit flips are all found, chunk by chunk, before a byte of it is used.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { concatBytes, equalBytes } from '../../../base/bytes.ts';
import { deriveKey } from '../../../base/hashes.ts';
import type { BackupHeader } from './header.ts';

const tagLength = 16;
const digestLength = 32;

/** Where everything lies in the file; follows from the header alone. */
export type Layout = {
  readonly chunkBytes: number;
  readonly chunks: number;
  /** Bytes after each chunk's content. */
  readonly trailer: number;
  readonly contentBytes: number;
  /** Where the chunks begin and end. */
  readonly start: number;
  readonly end: number;
};

export function layoutOf(header: BackupHeader, headerLength: number): Layout {
  const contentBytes = header.files.reduce((sum, file) => sum + file.size_bytes, 0);
  const chunks = Math.ceil(contentBytes / header.chunk_bytes);
  const trailer = header.encryption === null ? digestLength : tagLength;
  return {
    chunkBytes: header.chunk_bytes,
    chunks,
    trailer,
    contentBytes,
    start: headerLength,
    end: headerLength + contentBytes + chunks * trailer,
  };
}

/** Length of the content of chunk `index`. */
export function contentLength(layout: Layout, index: number): number {
  return index === layout.chunks - 1 ? layout.contentBytes - index * layout.chunkBytes : layout.chunkBytes;
}

/** The key that the chunks are sealed with. @param dataKey of this backup */
export function contentKey(dataKey: Uint8Array): Uint8Array {
  return deriveKey(dataKey, 'gatehouse/v1/backup/content');
}

/** Where a chunk stands; `last` closes the stream. */
export type Place = { readonly index: number; readonly last: boolean };

export type ChunkSealer = {
  /** @returns ciphertext and trailer, to be written one after the other. */
  seal(content: Uint8Array, place: Place): { body: Uint8Array; trailer: Uint8Array };
  /** undefined when it isn't the chunk that was written at this place. */
  open(body: Uint8Array, trailer: Uint8Array, place: Place): Uint8Array | undefined;
};

/**
 * Chunks under AES-256-GCM: the nonce is prefix ‖ counter ‖ last, the header's hash is associated data.
 * @param key used for this one backup only, so that no nonce repeats.
 */
export function createEncryptedChunks(key: Uint8Array, noncePrefix: Uint8Array, headerHash: Uint8Array): ChunkSealer {
  return {
    seal(content, place) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(noncePrefix, place));
      cipher.setAAD(headerHash);
      const body = cipher.update(content);
      cipher.final();
      return { body, trailer: cipher.getAuthTag() };
    },
    open(body, trailer, place) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(noncePrefix, place), { authTagLength: tagLength });
      decipher.setAAD(headerHash);
      decipher.setAuthTag(trailer);
      const content = decipher.update(body);
      try {
        decipher.final();
        return content;
      } catch {
        // SECURITY: what was decrypted before the tag was checked is nobody's.
        content.fill(0);
        return undefined;
      }
    },
  };
}

/** Chunks as they are, each followed by a hash of header, place and content: a checksum against accidents. The signature is what vouches. */
export function createPlainChunks(headerHash: Uint8Array): ChunkSealer {
  function digest(content: Uint8Array, place: Place): Uint8Array {
    return createHash('sha256').update(headerHash).update(placeBytes(place)).update(content).digest();
  }
  return {
    seal: (content, place) => ({ body: content, trailer: digest(content, place) }),
    open: (body, trailer, place) => (equalBytes(digest(body, place), trailer) ? body : undefined),
  };
}

function placeBytes({ index, last }: Place): Uint8Array {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, index);
  bytes[4] = last ? 1 : 0;
  return bytes;
}

function nonceOf(prefix: Uint8Array, place: Place): Uint8Array {
  return concatBytes(prefix, placeBytes(place));
}
