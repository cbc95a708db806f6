// Values that must not be printed, serialised or sent anywhere by accident.
import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A copy that `fill(0)` really ends. V8 keeps short arrays within its heap, where its collector moves them about and leaves their old
 * places as they are; a buffer that is made first lies outside.
 */
export function copyKey(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}

/**
 * Holds bytes that refuse to be printed or serialised. `reveal()` is the only way out; `destroy()` zeroes them.
 * `JSON.stringify`, template strings and `console.log` all give `[secret]`.
 */
export class Secret {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves, not a copy: do not keep them. @throws Error when destroyed. */
  reveal(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('this secret was destroyed');
    return this.#bytes;
  }

  destroy(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
