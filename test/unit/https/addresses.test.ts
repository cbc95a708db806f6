import { describe, expect, it } from 'vitest';
import { addressRanges, originKey, plainAddress } from '../../../src-main/base/addresses.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['127.1', undefined],
    ['0x7f000001', undefined],
    ['2130706433', undefined],
    ['1.2.3.4:80', undefined],
    ['host', undefined],
    ['', undefined],
  ])('%s has the one spelling %s', (text, expected) => {
    expect(plainAddress(text)).toBe(expected);
  });

  it.each([
    [null, 'local'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::%eth0', '2001:db8:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['1:2:3::', '1:2:3:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['::', '::/64'],
    ['nonsense', 'unknown'],
    ['1:2:3:4:5', 'unknown'],
  ])('%s is limited as %s', (ip, key) => {
    expect(originKey(ip)).toBe(key);
  });
});

describe('address ranges', () => {
  it('hold what lies in them, in any spelling', () => {
    const inside = addressRanges(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
    expect(['10.255.0.1', '::ffff:10.0.0.1', '192.0.2.1', '2001:db8:ffff::1'].every(inside)).toBe(true);
    expect(['11.0.0.1', '192.0.2.2', '2001:db9::1', 'nonsense'].some(inside)).toBe(false);
  });

  it('are refused when they cannot be read', () => {
    expect(() => addressRanges(['10.0.0.0/33'])).toThrow('10.0.0.0/33');
    expect(() => addressRanges(['everyone'])).toThrow('everyone');
  });
});
