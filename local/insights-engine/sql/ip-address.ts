import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Tests of an address, named as their SQL functions. */
export const ipTests = {
  ip_is_valid: (address: string) => isIP(address) !== 0,
  ip_is_v4: (address: string) => isIPv4(address),
  ip_is_v6: (address: string) => isUnscopedV6(address),
  ip_is_private: (address: string) => isIn(privateRanges(), address),
  ip_is_reserved: (address: string) => isIn(reservedRanges(), address),
  ip_is_public: (address: string) =>
    isIP(address) !== 0 && !isIn(privateRanges(), address) && !isIn(reservedRanges(), address),
} as const;

/** A range of addresses in CIDR notation. */
interface Subnet {
  readonly network: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `192.0.2.0/24`, `2001:db8::/32`; undefined for anything else. */
export function parseSubnet(text: string): Subnet | undefined {
  const [network = '', prefixText = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefixText)) return undefined;
  const family = isIPv4(network) ? 'ipv4' : isUnscopedV6(network) ? 'ipv6' : undefined;
  const prefix = Number(prefixText);
  if (family === undefined || prefix > (family === 'ipv4' ? 32 : 128)) return undefined;
  return { network, prefix, family };
}

interface KnownSubnet {
  readonly family: Subnet['family'];
  readonly list: BlockList;
}

const knownSubnets = new Map<string, KnownSubnet | undefined>();

/** Whether an address lies in a subnet of the same family; false where either is malformed. */
export function isInSubnet(address: string, subnetText: string): boolean {
  if (!knownSubnets.has(subnetText)) {
    // Subnets can come from events: the cache must not grow with the logs.
    if (knownSubnets.size >= 1000) knownSubnets.clear();
    const subnet = parseSubnet(subnetText);
    knownSubnets.set(subnetText, subnet && { ...subnet, list: blockListOf([subnetText]) });
  }
  const subnet = knownSubnets.get(subnetText);
  if (subnet === undefined) return false;
  // BlockList would also find an IPv4 address in ::/0.
  const isOfFamily = subnet.family === 'ipv4' ? isIPv4(address) : isUnscopedV6(address);
  return isOfFamily && subnet.list.check(address, subnet.family);
}

function isUnscopedV6(address: string): boolean {
  return isIPv6(address) && !address.includes('%');
}

function isIn(list: BlockList, address: string): boolean {
  if (isIPv4(address)) return list.check(address, 'ipv4');
  return isUnscopedV6(address) && list.check(address, 'ipv6');
}

function blockListOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of subnets) {
    const subnet = parseSubnet(text);
    if (subnet === undefined) throw new RangeError(`no subnet: ${text}`);
    list.addSubnet(subnet.network, subnet.prefix, subnet.family);
  }
  return list;
}

/** Made for the first address that is compared: it takes 5 ms, and most queries compare none. */
function rangesOf(subnets: readonly string[]): () => BlockList {
  let list: BlockList | undefined;
  return () => {
    list ??= blockListOf(subnets);
    return list;
  };
}

/** RFC 1918, which the documentation names. */
const privateRanges = rangesOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']);

/**
 * IANA's special-purpose registries (RFC 6890) without RFC 1918; AWS does not document its ranges.
 */
const reservedRanges = rangesOf([
  '0.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
]);
