// The one error that parsers of hostile bytes in this folder throw: what is wrong, where in the text, and in which member.

/**
 * Input that is not in the form it must have. `reason` is lower case and names expected and actual; `offset` counts from the
 * start of what was parsed (bytes for byte parsers, UTF-16 units for string parsers); `pointer` is a JSON pointer (RFC 6901)
 * and empty where there is no JSON or the top level is meant.
 */
export class FormatError extends Error {
  readonly reason: string;
  readonly offset: number;
  readonly pointer: string;

  constructor(reason: string, offset: number, pointer = '') {
    super(`${reason} at offset ${offset}${pointer === '' ? '' : ` (${pointer})`}`);
    this.name = 'FormatError';
    this.reason = reason;
    this.offset = offset;
    this.pointer = pointer;
  }
}

/** One more step of a JSON pointer, escaped as RFC 6901 section 3 says. */
export function pointerStep(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
