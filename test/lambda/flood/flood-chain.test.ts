import { floodActorsMax } from '../../../lambda/flood/change-flood.ts';
import { divideAmongFloods, type FloodLink } from '../../../lambda/flood/flood-chain.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import type { ObservedEvent } from '../../../lambda/model/signal.ts';

const line = (dag: string, severity: Severity = 'high'): ObservedEvent => ({
  ...{ key: `${dag} ${severity}`, logGroup: 'airflow-prod-Task', message: '' },
  ...{ logStream: `dag_id=${dag}/run_id=r/task_id=t/attempt=1.log`, timestamp: 0, occurrences: 1 },
  signals: [{ kind: 'outcome', detections: ['d'], severity, verb: 'grant-role' }],
});
const actorOf = (dag: string) => `DAG ${dag}, task t`;
const none: FloodLink = { actors: [], streams: [], severity: undefined, isOpen: true };
/** A flood that was sent. */
const told = (severity: Severity, ...dags: string[]): FloodLink => ({
  actors: dags.map((dag) => ({ name: actorOf(dag), severity })),
  ...{ streams: [], severity, isOpen: false },
});
const divided = (lines: readonly ObservedEvent[], links: readonly FloodLink[]) =>
  divideAmongFloods(lines, links).map((part) => part.map(({ key }) => key));

test('an actor that a flood names stays in it, sent or not', () => {
  expect(divided([line('a')], [told('high', 'b'), told('high', 'a'), none])).toEqual([
    [],
    ['a high'],
    [],
  ]);
});

test('a new actor goes into a flood that has not been sent', () => {
  expect(divided([line('b')], [told('high', 'a'), none])).toEqual([[], ['b high']]);
});

test('an actor that was named with a milder severity is named again', () => {
  const links = [{ ...told('medium', 'a'), severity: 'critical' as const }, none];
  expect(divided([line('a')], links)).toEqual([[], ['a high']]);
});

test('a flood that gets worse is sent again, and takes in other actors', () => {
  const lines = [line('b', 'high'), line('a', 'critical')];
  expect(divided(lines, [told('high', 'a'), none])).toEqual([['b high', 'a critical'], []]);
});

test('what does not fit into one flood goes into the next, the mildest last', () => {
  const lines = [
    line('mild', 'medium'),
    ...Array.from({ length: floodActorsMax }, (_, at) => line(`a${at}`)),
  ];
  const [first, second] = divided(lines, [none, none]);
  expect(first).toHaveLength(floodActorsMax);
  expect(second).toEqual(['mild medium']);
});

test('among equals, the actor with few lines is placed before the one with many', () => {
  const most = Array.from({ length: floodActorsMax }, (_, at) => line(`a${at}`)).flatMap((one) => [
    one,
    { ...one, key: `${one.key} again` },
  ]);
  const [first] = divided([...most, line('few')], [none]);
  expect(divided([...most, line('few')], [none, none])[0]).toContain('few high');
  expect(first).toHaveLength(most.length + 1);
});

test("evidence that is no finding takes no actor's place", () => {
  const full = told('high', ...Array.from({ length: floodActorsMax }, (_, at) => `a${at}`));
  expect(divided([line('b', 'info')], [full, none])).toEqual([['b info'], []]);
});

test('lines that are divided again stay in their floods', () => {
  const lines = Array.from({ length: 3 * floodActorsMax }, (_, at) =>
    line(`a${at}`, at % 2 === 0 ? 'critical' : 'medium'),
  );
  const parts = divideAmongFloods(lines, [none, none, none, none]);
  const links = parts.map((part): FloodLink => {
    const actors = part.map(({ key }) => {
      const [dag = '', severity] = key.split(' ');
      return { name: actorOf(dag), severity: severity as Severity };
    });
    const [worst] = actors;
    return { actors, streams: [], severity: worst?.severity, isOpen: false };
  });
  expect(divideAmongFloods(lines, links)).toEqual(parts);
});
