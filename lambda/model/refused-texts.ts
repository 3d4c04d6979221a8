/** Why StartQuery refuses a text, in AWS's words. */
export interface Refusal {
  readonly message: string;
  /** The part of the text that AWS's error points at. @default AWS gave no position */
  readonly excerpt?: string;
}

/** StartQuery's answer to the text of some detections. */
export type TextAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It could not be tested: no time is left, the account is throttled, or the like. */
  | { readonly kind: 'unknown' };

/** A detection whose text is refused by itself. */
export interface RefusedDetection extends Refusal {
  readonly id: string;
}

/**
 * What is known about the detections of a plan; each of them is in one of the three lists, once.
 */
export interface KnownTexts {
  readonly refused: readonly RefusedDetection[];
  /** Detections that are accepted together: each list is one query over the same events. */
  readonly accepted: readonly (readonly string[])[];
  /** Lists that are not tested yet. */
  readonly open: readonly (readonly string[])[];
  /** Nothing is open, and joining the accepted lists was tried to its end. */
  readonly isSettled: boolean;
}

/** What is assumed before the first query: all are accepted together. */
export function allAccepted(ids: readonly string[]): KnownTexts {
  return { refused: [], accepted: ids.length === 0 ? [] : [ids], open: [], isSettled: true };
}

/**
 * What is known after a list that was accepted together is refused: its halves become open.
 *
 * @param refusal of the whole list, which settles the matter for a list of one detection
 */
export function withRefused(
  known: KnownTexts,
  list: readonly string[],
  refusal: Refusal,
): KnownTexts {
  const [id] = list.length === 1 ? list : [];
  const isInList = new Set(list);
  return {
    refused: id === undefined ? known.refused : [...known.refused, { id, ...refusal }],
    accepted: known.accepted.filter((other) => !other.some((each) => isInList.has(each))),
    open: id === undefined ? [...known.open, ...halvesOf(list)] : known.open,
    isSettled: id !== undefined && known.isSettled,
  };
}

/** The detections of a plan, as the search sees them. */
interface SearchedPlan {
  /** All of them, in the plan's order. */
  readonly ids: readonly string[];
  /**
   * One whose condition is known to be accepted: when its text is refused, AWS refuses the form
   * that all texts share, and the others need not be tested. @default the form is never in doubt
   */
  readonly knownGood?: string;
}

type AskTexts = (ids: readonly string[]) => Promise<TextAnswer>;

/** The number of refusals without an acceptance after which the form of the text is in doubt. */
const formRefusals = 2;

/**
 * Finds the refused detections by halving, and then joins the others into as few texts as it can.
 *
 * With n detections, k of which are refused, it tests at most 2 · k · ⌈log₂ n⌉ texts, one for the
 * form and one for all others together. If texts are also refused for being too long, it tests some
 * more to join the halves. The bound holds if each part of an accepted text is accepted; the search
 * ends in any case.
 *
 * @param known from {@link withRefused}, or from an earlier call that ran out of time
 * @returns not settled, with all that was learnt, when an answer was `unknown`; the accepted
 *   detections may then be in more lists than needed, and joining starts again
 */
export async function findRefused(
  known: KnownTexts,
  { ids, knownGood }: SearchedPlan,
  ask: AskTexts,
): Promise<KnownTexts> {
  const places = new Map(ids.map((id, at) => [id, at]));
  const placeOf = (id = '') => places.get(id) ?? ids.length;
  const refused = [...known.refused];
  const accepted = [...known.accepted];
  const open = [...known.open];
  const result = (isSettled: boolean): KnownTexts => ({
    refused: refused.toSorted((a, b) => placeOf(a.id) - placeOf(b.id)),
    accepted: accepted.toSorted(([a], [b]) => placeOf(a) - placeOf(b)),
    ...{ open, isSettled },
  });

  let refusals = 0;
  for (let list = open[0]; list !== undefined; list = open[0]) {
    if (knownGood !== undefined && accepted.length === 0 && refusals === formRefusals) {
      const form = await ask([knownGood]);
      if (form.kind === 'unknown') return result(false);
      if (form.kind === 'refused') {
        for (const id of open.splice(0).flat()) refused.push({ id, ...form.refusal });
        return result(true);
      }
    }
    const answer = await ask(list);
    if (answer.kind === 'unknown') return result(false);
    open.shift();
    if (answer.kind === 'accepted') {
      accepted.push(list);
      continue;
    }
    refusals += 1;
    const [id, ...others] = list;
    if (id !== undefined && others.length === 0) refused.push({ id, ...answer.refusal });
    else open.push(...halvesOf(list));
  }
  const union = (lists: readonly (readonly string[])[]) =>
    lists.flat().toSorted((a, b) => placeOf(a) - placeOf(b));
  const joined = await join(result(false).accepted, union, ids.length, ask);
  return { ...result(joined.isSettled), accepted: joined.lists };
}

/**
 * Joins lists that are accepted one by one, since each of them is another scan of the same bytes.
 *
 * @param refusedSize the number of all detections, which were refused together
 */
async function join(
  lists: readonly (readonly string[])[],
  union: (lists: readonly (readonly string[])[]) => readonly string[],
  refusedSize: number,
  ask: AskTexts,
): Promise<{ readonly lists: readonly (readonly string[])[]; readonly isSettled: boolean }> {
  const [first, ...rest] = lists;
  if (first === undefined || rest.length === 0) return { lists, isSettled: true };
  const all = union(lists);
  const answer: TextAnswer['kind'] = all.length === refusedSize ? 'refused' : (await ask(all)).kind;
  if (answer === 'unknown') return { lists, isSettled: false };
  if (answer === 'accepted') return { lists: [all], isSettled: true };

  const joined: (readonly string[])[] = [];
  let last = first;
  for (const [at, list] of rest.entries()) {
    const both = union([last, list]);
    const { kind } = both.length === all.length ? { kind: 'refused' } : await ask(both);
    if (kind === 'unknown') {
      return { lists: [...joined, last, ...rest.slice(at)], isSettled: false };
    }
    if (kind === 'accepted') last = both;
    else {
      joined.push(last);
      last = list;
    }
  }
  return { lists: [...joined, last], isSettled: true };
}

/** @returns the list itself where it cannot be halved */
function halvesOf(list: readonly string[]): readonly (readonly string[])[] {
  if (list.length < 2) return [list];
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

/** Whether the pack as a whole is refused: no accepted text could make a finding. */
export function isAllRefused(
  { accepted }: Pick<KnownTexts, 'accepted'>,
  detections: readonly { readonly id: string }[],
): boolean {
  const asked = new Set(accepted.flat());
  return detections.length > 0 && !detections.some(({ id }) => asked.has(id));
}
