// Token buckets in memory, for one node. Exact in whole numbers and bounded in number; who is limited by what is dispatch's business.
import type { Limiter, RateRule, RateState } from '../../core/ports.ts';

/**
 * `level` counts in sixty-thousandths of a token: at `perMinute` tokens a minute, a millisecond brings back exactly `perMinute` of
 * them. Whole numbers cannot drift, so a bucket never gives a token early.
 */
type Bucket = { level: number; at: number; burst: number; perMinute: number };

const token = 60_000;
/** How many buckets are looked at for each new one when the table is full. */
const lookedAt = 4;
/** Shared buckets for keys that found no room. */
const sharedBuckets = 1024;

export type MemoryLimiter = Limiter & {
  /** Buckets held now. */
  readonly size: number;
};

/**
 * A true token bucket per key: over any stretch of t minutes at most `burst + perMinute × t` are allowed.
 *
 * At most `maximum` buckets are kept. A full bucket says nothing, so it can be forgotten without loss; for each new key the
 * next few are looked at. Where none of them is full (tens of thousands of origins draining theirs at once), the new key shares
 * a bucket with others: never more lenient, and nobody gets a fresh start by flooding the table.
 */
export function createMemoryLimiter(maximum = 100_000): MemoryLimiter {
  const buckets = new Map<string, Bucket>();
  const shared = new Map<string, Bucket>();
  // Goes round and round over the table. One iterator is kept, because a new one would step over all that was deleted before it.
  let hand = buckets.entries();

  function find(key: string, rule: RateRule, now: number): Bucket {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    if (buckets.size >= maximum) forgetFull(now);
    if (buckets.size < maximum) return add(buckets, key, rule, now);
    const slot = `${rule.burst}/${rule.perMinute}/${hashOf(key) % sharedBuckets}`;
    return shared.get(slot) ?? add(shared, slot, rule, now);
  }

  function forgetFull(now: number): void {
    for (let left = lookedAt; left > 0; left--) {
      const next = hand.next();
      if (next.done) {
        hand = buckets.entries();
        return;
      }
      const [key, bucket] = next.value;
      refill(bucket, now);
      if (bucket.level >= bucket.burst * token) buckets.delete(key);
    }
  }

  return {
    take(key, rule, nowMs): RateState {
      const bucket = find(key, rule, nowMs);
      refill(bucket, nowMs);
      bucket.burst = rule.burst;
      bucket.perMinute = rule.perMinute;
      bucket.level = Math.min(bucket.level, rule.burst * token);
      const allowed = bucket.level >= token;
      if (allowed) bucket.level -= token;
      return {
        allowed,
        limit: rule.burst,
        remaining: Math.floor(bucket.level / token),
        resetAt: nowMs + Math.ceil((rule.burst * token - bucket.level) / rule.perMinute),
        retryAfterMs: allowed ? 0 : Math.ceil((token - bucket.level) / rule.perMinute),
        windowSeconds: Math.ceil((rule.burst * 60) / rule.perMinute),
      };
    },
    get size() {
      return buckets.size + shared.size;
    },
  };
}

function add(table: Map<string, Bucket>, key: string, rule: RateRule, now: number): Bucket {
  const bucket = { level: rule.burst * token, at: now, burst: rule.burst, perMinute: rule.perMinute };
  table.set(key, bucket);
  return bucket;
}

/** A clock that was set back brings no tokens, and doesn't freeze the bucket until it has caught up. */
function refill(bucket: Bucket, now: number): void {
  const elapsed = Math.max(0, now - bucket.at);
  bucket.level = Math.min(bucket.burst * token, bucket.level + elapsed * bucket.perMinute);
  bucket.at = now;
}

/** FNV-1a, 32 bits: spreads keys over the shared buckets; an attacker who steers it only meets other attackers. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
