import { isInSubnet, parseSubnet } from '../../../../local/insights-engine/sql/ip-address.ts';

test.each([
  ['192.0.2.0/24', { network: '192.0.2.0', prefix: 24, family: 'ipv4' }],
  ['2001:db8::/32', { network: '2001:db8::', prefix: 32, family: 'ipv6' }],
  ['0.0.0.0/0', { network: '0.0.0.0', prefix: 0, family: 'ipv4' }],
  ['192.0.2.0', undefined],
  ['192.0.2.0/33', undefined],
  ['::/129', undefined],
  ['192.0.2.0/24/1', undefined],
  ['192.0.2.0/-1', undefined],
  ['host/24', undefined],
])('a subnet is an address with a prefix of its family: %s', (text, expected) => {
  expect(parseSubnet(text)).toEqual(expected);
});

test.each([
  ['192.0.2.255', '192.0.2.0/24', true],
  ['192.0.3.0', '192.0.2.0/24', false],
  ['192.0.2.7', '192.0.2.99/24', true],
  ['2001:db8:1::', '2001:db8::/32', true],
  ['2001:db9::', '2001:db8::/32', false],
  ['192.0.2.7', '::/0', false],
  ['not an address', '0.0.0.0/0', false],
  ['192.0.2.7', 'no subnet', false],
])('%s in %s: %s', (address, subnet, expected) => {
  expect(isInSubnet(address, subnet)).toBe(expected);
});
