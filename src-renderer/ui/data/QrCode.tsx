// A QR code drawn here, without network. Black on white in every theme, with the quiet zone that cameras need.

import { encode } from 'uqr';
import css from './QrCode.module.css';

interface QrCodeProps {
  readonly text: string;
  /** What one gets by scanning it: 'QR code for the authenticator app'. */
  readonly label: string;
  /** Width of the code itself in pixels. */
  readonly size?: number;
}

/** One path for all dark modules; a run of modules in a row is one rectangle. */
export function qrPath(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { border: 0, ecc: 'M' });
  let path = '';
  data.forEach((row, y) => {
    let from = -1;
    for (let x = 0; x <= size; x++) {
      const isDark = row[x] === true;
      if (isDark && from < 0) from = x;
      if (!isDark && from >= 0) {
        path += `M${from} ${y}h${x - from}v1h${from - x}z`;
        from = -1;
      }
    }
  });
  return { size, path };
}

export function QrCode({ text, label, size = 200 }: QrCodeProps) {
  const code = qrPath(text);
  return (
    <div className={css.qr}>
      <svg
        role="img"
        aria-label={label}
        width={size}
        height={size}
        viewBox={`0 0 ${code.size} ${code.size}`}
        shapeRendering="crispEdges"
      >
        <path d={code.path} fill="#000000" />
      </svg>
    </div>
  );
}
