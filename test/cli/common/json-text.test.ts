import fc from 'fast-check';
import { jsonText } from '../../../cli/common/output.ts';

test('control characters are escaped without changing the value', () => {
  const value = { a: '\u009b31m \u202e \u{e0001} \u2028 \u007f \u001b é 😀' };
  expect(jsonText(value)).toBe(
    String.raw`{"a":"\u009b31m \u202e \udb40\udc01 \u2028 \u007f \u001b é 😀"}`,
  );
  expect(jsonText({ a: [1] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}');
});

test('any value is parsed back unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(JSON.parse(jsonText({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
    }),
  );
});
