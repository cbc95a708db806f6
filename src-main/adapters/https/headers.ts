// The headers that every answer carries, and those that say what is left of a rate limit. Which answer gets them is decided elsewhere.
import type { RateState } from '../../core/ports.ts';

export type HeaderOptions = {
  /** For scanners that insist on it; browsers of today ignore it. */
  readonly xssProtectionHeader?: boolean;
};

// SECURITY: no inline script or style, nothing from elsewhere. `require-trusted-types-for` makes the browser itself refuse to turn
// a string into markup or script; React writes text nodes and attributes, which it leaves alone.
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The same for every answer; API answers are marked `no-store` beside these. */
export function securityHeaders(options: HeaderOptions): Readonly<Record<string, string>> {
  return {
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy':
      'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()',
    ...(options.xssProtectionHeader ? { 'x-xss-protection': '1; mode=block' } : {}),
  };
}

/**
 * The common `X-RateLimit-*` fields (reset in epoch seconds) and the fields of draft-ietf-httpapi-ratelimit-headers, where `t`
 * counts seconds from now.
 */
export function rateHeaders(rate: RateState, nowMs: number): Record<string, string> {
  const secondsToReset = Math.max(0, Math.ceil((rate.resetAt - nowMs) / 1000));
  return {
    'x-ratelimit-limit': String(rate.limit),
    'x-ratelimit-remaining': String(rate.remaining),
    'x-ratelimit-reset': String(Math.ceil(rate.resetAt / 1000)),
    'ratelimit-policy': `"default";q=${rate.limit};w=${rate.windowSeconds}`,
    ratelimit: `"default";r=${rate.remaining};t=${secondsToReset}`,
  };
}
