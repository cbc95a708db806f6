// One-time codes for a lost phone, numbered, in two columns.

import css from './credentials.module.css';

export function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  return (
    <ol className={css.codes} aria-label="Recovery codes">
      {codes.map((code) => (
        <li key={code}>{code}</li>
      ))}
    </ol>
  );
}
