// Names of time zones as people give them.

/** Is it the IANA name of a time zone, or an offset such as +02:00? */
export function isTimeZone(text: string): boolean {
  if (text.length > 60) return false;
  if (/^[+-]\d\d:?\d\d$/.test(text)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
