// Line icons at 16 or 12 px with a stroke of 1.5 px at either size, and the product's own gate.

import type { LucideIcon } from 'lucide-react';

export type IconShape = LucideIcon;

interface IconProps {
  readonly of: IconShape;
  readonly size?: 12 | 16 | 20 | 24;
  readonly className?: string;
}

/** Decorative: the word beside it, or the control's label, carries the meaning. */
export function Icon({ of: Shape, size = 16, className }: IconProps) {
  return <Shape size={size} strokeWidth={1.5} absoluteStrokeWidth aria-hidden="true" className={className} />;
}

export function GateIcon({ size = 16 }: { readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={(1.5 * 24) / size}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M3 21V7l3-3 3 3M15 7l3-3 3 3v14M9 7v3h6V7M3 21h5M16 21h5M8 21v-4a4 4 0 0 1 8 0v4" />
    </svg>
  );
}
