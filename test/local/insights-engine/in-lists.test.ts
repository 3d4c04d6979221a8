import { ask, engineWith } from './ask.ts';

const messages = [
  '{"v":1}',
  '{"v":"1"}',
  '{"v":"x"}',
  '{"v":[1]}',
  '{"v":null}',
  '{"v":true}',
  'x',
  '1',
  '1.0',
  '',
];

/** `in` is documented as a comparison with each value. */
test.each([
  ['v', ['1']],
  ['v', ['"1"', '2']],
  ['v', ['"x"', '1', '"y"']],
  ['@message', ['"x"', '1']],
  ['@message', ['1', '2']],
  ['strlen(@message)', ['1', '"3"', '7']],
  ['@message like "x"', ['1']],
  ['@message like "x"', ['"1"', '0']],
  ['v', ['@message', '"x"', '1']],
  ['nothing', ['1', '"x"']],
  ['@timestamp', ['1767225600000', '"a"']],
])('%s in %j is the same as one comparison after another', async (subject, values) => {
  const engine = await engineWith(messages);
  const list = `(${subject}) in [${values.join(', ')}]`;
  const each = values.map((value) => `(${subject}) = ${value}`).join(' or ');
  const [one, other] = await Promise.all(
    [list, `(${each})`].map((condition) =>
      ask(engine, `fields @message, ${condition} as found, not ${condition} as isOther`),
    ),
  );
  expect(one).toEqual(other);
  engine.close();
});
