import { runSeed } from '../simulation/run-schedule.ts';
import { found, textOf } from './pages.ts';

/** What an invocation does in a story; the subject of other lines is a call that a fault strikes. */
const deed = /^\d\d [\d:.]{12} {2}#\d+ {2}([a-z]+s)[: ]/gm;

test('the page on the simulation explains whatever an invocation does in a story', async () => {
  const { story } = await runSeed(18, { isTold: true });
  const explained = found(textOf('docs/simulation.md'), /`(?:#1 {2})?([a-z]+)/g);
  const deeds = new Set(found(story.join('\n'), deed));
  expect(deeds.size).toBeGreaterThan(6);
  expect([...deeds].filter((verb) => !explained.includes(verb))).toEqual([]);
});
