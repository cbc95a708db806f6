// Instants: milliseconds UTC inside, RFC 3339 on the wire (spec 02).

/** `atMs` as every answer writes it: RFC 3339 in UTC with milliseconds. @throws RangeError beyond the years that a Date can hold. */
export function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
