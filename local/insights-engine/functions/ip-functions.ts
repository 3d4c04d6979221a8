import { parseSubnet } from '../sql/ip-address.ts';
import { boolean, number, sqlString } from '../sql/values.ts';
import type { CallArguments } from './call-arguments.ts';
import { scalar } from './scalar-function.ts';

/** AWS: "IP address string functions". A missing field is not a valid address. */
export const ipFunctions = [
  test('isValidIp', 'ip_is_valid'),
  test('isValidIpV4', 'ip_is_v4'),
  test('isValidIpV6', 'ip_is_v6'),
  test('isPrivateIP', 'ip_is_private'),
  test('isPublicIP', 'ip_is_public'),
  test('isReservedIP', 'ip_is_reserved'),
  subnetTest('isIpInSubnet', undefined),
  subnetTest('isIpv4InSubnet', 'ipv4'),
  subnetTest('isIpv6InSubnet', 'ipv6'),
  scalar('ipv4ToNumber', [1, 1], (args) => {
    const address = args.named(args.text(0));
    const octets = args.named(`string_split(${address}, '.')`);
    const value = [1, 2, 3, 4]
      .map((at) => `TRY_CAST(${octets}[${at}] AS DOUBLE) * ${256 ** (4 - at)}`)
      .join(' + ');
    return number(`CASE WHEN ip_is_v4(${address}) THEN ${value} END`);
  }),
];

function test(name: string, sqlFunction: string) {
  return scalar(name, [1, 1], (args) =>
    boolean(`coalesce(${sqlFunction}(${args.text(0)}), false)`),
  );
}

function subnetTest(name: string, family: 'ipv4' | 'ipv6' | undefined) {
  return scalar(name, [2, 2], (args) => {
    checkSubnet(args, family);
    const subnet =
      args.call.arguments[1]?.kind === 'string' ? sqlString(args.constantText(1)) : args.text(1);
    return boolean(`coalesce(ip_in_subnet(${args.text(0)}, ${subnet}), false)`);
  });
}

/** Checks a subnet given as a literal in the query. */
function checkSubnet(args: CallArguments, family: 'ipv4' | 'ipv6' | undefined): void {
  if (args.call.arguments[1]?.kind !== 'string') return;
  const subnet = parseSubnet(args.constantText(1));
  if (subnet !== undefined && (family === undefined || subnet.family === family)) return;
  const example = family === 'ipv6' ? '2001:db8::/32' : '192.0.2.0/24';
  throw args.failure(1, `must be a subnet such as ${example}`);
}
