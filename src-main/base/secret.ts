// Values that must not be printed, serialised or sent anywhere by accident.
import { inspect } from 'node:util';

const shown = '[secret]';

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
