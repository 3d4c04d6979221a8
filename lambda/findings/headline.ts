import { cutText } from '../common/text.ts';
import { actorOf } from '../model/actor.ts';
import type { Change } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import { asciiText } from '../text/ascii-text.ts';
import { shownName } from '../text/show-text.ts';
import { anchorOf, clauseOf, type ShownNames, startingUpper } from './title.ts';

/** SNS accepts subjects of fewer than 100 printable ASCII characters. */
export const subjectCharactersMax = 99;

/** Characters of an environment's name in a subject that has no room for all of it. */
const environmentCharactersMax = 16;

/** An environment's name for a subject that has no room for all of it. */
export function shortEnvironment(environment: string): string {
  return cutText(environment, environmentCharactersMax);
}

/** From the most to the least that a headline shows. */
const forms: readonly (ShownNames & { readonly withActor?: true })[] = [
  { withActor: true },
  {},
  { namesMax: 1 },
  ...[32, 20, 12, 8, 5].map((charactersMax) => ({ charactersMax, namesMax: 1 })),
];

/**
 * What a change did in the fewest words, for the subject of a mail: to whom, which role, and how it ended; and by
 * which DAG if there is room. Long names are cut first, and the end of the sentence last.
 *
 * @param fallback the title of the detection, for a change of unknown kind
 */
export function headlineOf(change: Change, fallback: string, environment: string): string {
  // An update may be worse, so there must be room for any severity.
  const start = `[CRITICAL] UPDATE ${shortEnvironment(environment)}: `;
  const room = subjectCharactersMax - asciiText(start).length - 1;
  const headlines = forms.map((form) => headlineIn(form, change, fallback));
  const fitting = headlines.find((headline) => asciiText(headline).length <= room);
  return fitting ?? cutText(headlines.at(-1) ?? fallback, room - 2);
}

/** How an attempt ended. */
const attempts: Readonly<Record<Outcome, string>> = {
  succeeded: '',
  failed: 'Failed',
  denied: 'Refused',
  'no-effect': 'Without effect',
  unknown: 'Unknown outcome',
};

function headlineIn(
  { withActor, ...show }: (typeof forms)[number],
  change: Change,
  fallback: string,
): string {
  const clause = clauseOf(change, show);
  const actor = withActor ? codeOf(anchorOf(change)) : undefined;
  const by = actor === undefined ? '' : ` by ${actor}`;
  if (clause === undefined) return `${fallback}${by}`;
  if (change.outcome === 'succeeded') return startingUpper(`${clause.done}${by}`, change);
  const said = clause.tried ?? clause.does;
  return `${attempts[change.outcome]}${by === '' ? '' : `,${by}`}: ${said}`;
}

function codeOf(anchor: Parameters<typeof actorOf>[0]): string | undefined {
  const { dag, dagFile } = actorOf(anchor);
  if (dag !== undefined) return `DAG ${shownName(dag)}`;
  return dagFile === undefined ? undefined : `DAG file ${shownName(dagFile)}`;
}
