import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { engineWith, evaluate } from './ask.ts';

const message = JSON.stringify({
  name: 'Airflow',
  blank: ' \t\n',
  empty: '',
  size: 42,
  list: ['admin', 7, true],
  text: '["Op", "User"]',
  ip: '192.168.1.9',
  ip6: '2001:db8::1',
});

let engine: InsightsEngine;

beforeAll(async () => {
  engine = await engineWith([message]);
});

afterAll(() => engine.close());

const check = async (expression: string, expected: string | undefined) =>
  expect(await evaluate(engine, expression)).toBe(expected);

describe('numbers', () => {
  test.each([
    ['abs(-3)', '3'],
    ['ceil(1.2)', '2'],
    ['floor(-1.2)', '-2'],
    ['greatest(1, size, 3)', '42'],
    ['least(1, "-2", 3)', '-2'],
    ['log(1)', '0'],
    ['log(0)', undefined],
    ['log(-1)', undefined],
    ['sqrt(16)', '4'],
    ['round(2.5)', '3'],
    ['round(2.345, 2)', '2.35'],
    ['round(5, 1e20)', '5'],
    ['round(5, nosuch)', undefined],
    ['haversine(52.52, 13.405, 48.8566, 2.3522) > 877', '1'],
    ['haversine(52.52, 13.405, 48.8566, 2.3522) < 879', '1'],
    ['haversine(0, 0, 0, 180) > 20015', '1'],
    ['haversine("x", 0, 0, 180)', undefined],
    ['haversine(1e308 * 10, 0, 0, 180)', undefined],
    ['toNumber("12.5")', '12.5'],
    ['toNumber("x")', undefined],
    ['toInt("12.9")', '12'],
    ['toInt("3000000000")', undefined],
    ['toLong("3000000000")', '3000000000'],
    ['toDouble("1e3")', '1000'],
  ])('%s is %s', check);
});

describe('text', () => {
  test.each([
    ['concat(name, "-", size)', 'Airflow-42'],
    ['concat(name, nosuch)', 'Airflow'],
    ['isempty(empty)', '1'],
    ['isempty(nosuch)', '1'],
    ['isempty(blank)', '0'],
    ['isblank(blank)', '1'],
    ['isblank(name)', '0'],
    ['ltrim("xyZxyfooxyZ", "xyZ")', 'fooxyZ'],
    ['rtrim("xyZfooxyxyZ", "xyZ")', 'xyZfoo'],
    ['trim("xyZxyfooxyxyZ", "xyZ")', 'foo'],
    ["trim('\\t x ')", 'x'],
    ['strlen("größe")', '5'],
    ['strlen("🤦🏼")', '2'],
    ['messageSize("größe")', '7'],
    ['toupper(name)', 'AIRFLOW'],
    ['tolower(name)', 'airflow'],
    ['substr("xyZfooxyZ", 3, 3)', 'foo'],
    ['substr(name, 0, 3)', 'Air'],
    ['substr(name, 3)', 'flow'],
    ['substr(name, 99)', ''],
    ['substr(name, -5, 2)', 'Ai'],
    ['substr(name, 0, 1e30)', 'Airflow'],
    ['substr(name, nosuch)', undefined],
    ['replace(name, "l", "L")', 'AirfLow'],
    ['replace(strcontains(name, "x"), "0", "no")', 'no'],
    ['regexReplace(name, "[aeiou]", "*")', 'A*rfl*w'],
    ['regex_replace(name, "(r)(f)", "\\\\2\\\\1")', 'Aifrlow'],
    ['strcontains(name, "flow")', '1'],
    ['strcontains(name, "FLOW")', '0'],
    ['strcontains(name, "FLOW", 1)', '0'],
    ['startsWith(name, "Air")', '1'],
    ['endsWith(name, "Air")', '0'],
    ['urlencode("a b/é")', 'a%20b%2F%C3%A9'],
    ['urldecode("a%20b")', 'a b'],
    ['urldecode("%ff")', undefined],
    ['base64encode("hé")', 'aMOp'],
    ['base64decode("aMOp")', 'hé'],
    ['base64decode("###")', undefined],
    ['base64decode("/w==")', undefined],
    ['split("a,b", ",")', '["a","b"]'],
    ['hexToAscii("48656c6c6f")', 'Hello'],
    ['hexToAscii("ff")', undefined],
    ['hexToAscii("zz")', undefined],
    ['hexToDec("0xff")', '255'],
    ['hexToDec("zz")', undefined],
    ['decToHex(255)', '0xff'],
    ['decToHex(-255.9)', '-0xff'],
    ['decToHex(1e30)', undefined],
    ['md5("a")', '0cc175b9c0f1b6a831c399e269772661'],
    ['sha256("")', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['toupper(nosuch)', undefined],
  ])('%s is %s', check);
});

describe('choices', () => {
  test.each([
    ['ispresent(name)', '1'],
    ['ispresent(nosuch)', '0'],
    ['coalesce(nosuch, size, name)', '42'],
    ['coalesce(nosuch, @timestamp)', '2026-01-01 00:00:00.000'],
    ['coalesce(@nosuch, @timestamp)', '2026-01-01 00:00:00.000'],
    ['if(size = 42, "yes", "no")', 'yes'],
    ['if(nosuch = 42, "yes", "no")', 'no'],
    ['case(size < 10, "small", size < 100, "middle", "large")', 'middle'],
    ['case(size < 10, "small")', undefined],
    ['isNumeric(size)', '1'],
    ['isNumeric(name)', '0'],
    ['isNumeric(nosuch)', '0'],
  ])('%s is %s', check);
});

describe('times', () => {
  test.each([
    ['toMillis(@timestamp)', '1767225600000'],
    ['fromMillis(1767225600999)', '2026-01-01 00:00:00.999'],
    ['fromMillis(1e30)', undefined],
    ['fromMillis(-1)', '1969-12-31 23:59:59.999'],
    ['@ingestionTime - @timestamp', '250'],
    ['bin(1h)', '2026-01-01 00:00:00.000'],
    ['@timestamp + 9h - 500ms', '1767257999500'],
    ['datefloor(@timestamp + 9h, 1d)', '2026-01-01 00:00:00.000'],
    ['datefloor(@timestamp - 1h, 1d)', '2025-12-31 00:00:00.000'],
    ['@timestamp + 300s - @timestamp', '300000'],
    ['datefloor(1767229199999, 1h)', '2026-01-01 00:00:00.000'],
    ['datefloor(1767229199999, 300s)', '2026-01-01 00:59:00.000'],
    ['datefloor(1767229199999, 90m)', '2026-01-01 00:00:00.000'],
    ['datefloor(1767229199999, 36h)', '2026-01-01 00:00:00.000'],
    ['datefloor(1767229199999, 250ms)', '2026-01-01 00:59:59.750'],
    ['datefloor(1767229199999, 1w)', '2026-01-01 00:00:00.000'],
    ['datefloor(1767571200000, 1w)', '2026-01-01 00:00:00.000'],
    ['datefloor(1772000000000, 1mo)', '2026-02-01 00:00:00.000'],
    ['datefloor(1772000000000, 2mo)', '2026-01-01 00:00:00.000'],
    ['datefloor(1772000000000, 1q)', '2026-01-01 00:00:00.000'],
    ['datefloor(1772000000000, 1y)', '2026-01-01 00:00:00.000'],
    ['datefloor(-1, 1h)', '1969-12-31 23:00:00.000'],
    ['datefloor(1767225600000, 1h offset 15m)', '2025-12-31 23:15:00.000'],
    ['dateceil(1767225600000, 1h)', '2026-01-01 00:00:00.000'],
    ['dateceil(1767225600001, 1h)', '2026-01-01 01:00:00.000'],
    ['dateceil(1767225600001, 1mo)', '2026-02-01 00:00:00.000'],
    ['datefloor("x", 1h)', undefined],
    ['parseDate("2026-01-01", "yyyy-MM-dd")', '1767225600000'],
    ['parseDate("2026-01-01 01", "yyyy-MM-dd HH", "Europe/Berlin")', '1767225600000'],
    [`parseDate("2026-01-01T01:00:00.5+01:00", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")`, '1767225600500'],
    ['parseDate("x", "yyyy-MM-dd")', undefined],
    ['formatDate(@timestamp, "%Y-%m-%d %H:%M %Z %%")', '2026-01-01 00:00 UTC %'],
    ['strftime(@timestamp, "%d %H", "America/New_York")', '31 19'],
    ['formatDate(nosuch, "%Y")', undefined],
  ])('%s is %s', check);
});

describe('JSON', () => {
  test.each([
    ['jsonParse(@message).name', 'Airflow'],
    ['jsonParse(@message).list[1]', '7'],
    ['jsonParse(text)', '["Op","User"]'],
    ['jsonParse(name)', undefined],
    ['jsonParse("{broken")', undefined],
    ['toupper(jsonParse(@message))', undefined],
    ['jsonParse(@message) = "x"', '0'],
    ['jsonStringify(jsonParse(text))', '["Op","User"]'],
    ['jsonArraySize(list)', '3'],
    ['jsonArraySize(text)', '2'],
    ['jsonArraySize(name)', undefined],
    ['jsonArrayContains(text, "Op")', '1'],
    ['jsonArrayContains(text, "op")', '0'],
    ['jsonArrayContains(list, 7)', '1'],
    ['jsonArrayContains(name, "Op")', '0'],
    ['jsonArrayContains(nosuch, "Op")', '0'],
  ])('%s is %s', check);
});

describe('addresses', () => {
  test.each([
    ['isValidIp(ip)', '1'],
    ['isValidIp(ip6)', '1'],
    ['isValidIp("1.2.3")', '0'],
    ['isValidIp(nosuch)', '0'],
    ['isValidIpV4(ip6)', '0'],
    ['isValidIpV6(ip6)', '1'],
    ['isIpInSubnet(ip, "192.168.0.0/16")', '1'],
    ['isIpInSubnet(ip6, "2001:db8::/32")', '1'],
    ['isIpInSubnet(ip, "2001:db8::/32")', '0'],
    ['isIpv4InSubnet(ip, "10.0.0.0/8")', '0'],
    ['isIpv4InSubnet(name, "10.0.0.0/8")', '0'],
    ['isIpv4InSubnet(ip, nosuch)', '0'],
    ['isIpv6InSubnet(ip6, "::/0")', '1'],
    ['ipv4ToNumber("1.2.3.4")', '16909060'],
    ['ipv4ToNumber("1.2.3.400")', undefined],
    ['isPrivateIP(ip)', '1'],
    ['isPublicIP("8.8.8.8")', '1'],
    ['isPublicIP(ip)', '0'],
    ['isPublicIP(name)', '0'],
    ['isReservedIP("127.0.0.1")', '1'],
    ['isReservedIP("8.8.8.8")', '0'],
  ])('%s is %s', check);
});

test('function names are case-insensitive', async () => {
  expect(await evaluate(engine, 'STRLEN(ToUpper(name))')).toBe('7');
});

test.each([
  [
    'histogram(size, 3)',
    /histogram\(\) is not supported .* position 8: the supported functions are abs/,
  ],
  ['strlen()', /strlen\(\) takes 1 argument, found 0/],
  ['substr(name)', /substr\(\) takes 2 to 3 arguments, found 1/],
  ['now(1)', /now\(\) takes no arguments, found 1/],
  ['coalesce()', /coalesce\(\) takes at least 1 argument, found 0/],
  ['regexReplace(name, "(", "")', /argument 2 of .* is not a supported regexp/],
  ['regexReplace(name, name, "")', /argument 2 of .* must be a string/],
  ['regexReplace(name, "a", "\\\\x")', /argument 3 .* backslash/],
  ['formatDate(@timestamp, "%Q")', /unknown specifier %Q/],
  ['formatDate(@timestamp, "%z", "Europe/Berlin")', /in UTC only/],
  ['formatDate(@timestamp, "%Y", "Mars/Base")', /must be a time zone/],
  ['parseDate(name, "yyyy-VV")', /has VV/],
  ['bin(0m)', /at least 1/],
  ['bin(name)', /must be a period/],
  ['5m', /a period is only allowed in/],
  ['now() - 1h', /can only be added to a time in milliseconds/],
  ['@timestamp + 1mo', /a month has no fixed length/],
  ['@timestamp * 2h', /a period is only allowed in/],
  ['isIpv4InSubnet(ip, "10.0.0.0/33")', /must be a subnet/],
  ['isIpv4InSubnet(ip, "::/0")', /must be a subnet/],
  ['count()', /only allowed in stats/],
  ['strlen(name).x', /does not return a map or list/],
])('%s is refused with its position', async (expression, message) => {
  const query = evaluate(engine, expression);
  await expect(query).rejects.toMatchObject({ name: 'QueryError' });
  await expect(query).rejects.toThrow(message);
  await expect(query).rejects.toThrow(/at line 1 and position \d+/);
});
