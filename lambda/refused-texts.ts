/** Why StartQuery refuses a text, in AWS's words. */
export interface Refusal {
  readonly message: string;
  /** What its position in the text points at. @default AWS told none */
  readonly excerpt?: string;
}

/** What StartQuery says to the text of some detections. */
export type TextAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It could not be asked: no time is left, the account is throttled, or the like. */
  | { readonly kind: 'unknown' };

/** A detection whose text is refused when it is asked alone. */
export interface RefusedDetection extends Refusal {
  readonly id: string;
}

/** What is known of the detections of a plan; each of them is in one of the three lists, once. */
export interface KnownTexts {
  readonly refused: readonly RefusedDetection[];
  /** Detections that are accepted together: each list is one query over the same events. */
  readonly accepted: readonly (readonly string[])[];
  /** Of these lists it is not known yet. */
  readonly open: readonly (readonly string[])[];
  /** Nothing is open, and no two lists are accepted as one that have not been tried as one. */
  readonly isSettled: boolean;
}

/** Before the first question: all are accepted together. */
export function allAccepted(ids: readonly string[]): KnownTexts {
  return { refused: [], accepted: ids.length === 0 ? [] : [ids], open: [], isSettled: true };
}

/**
 * After a list that was accepted together is refused: which of its detections are refused is open.
 *
 * @param refusal of the whole list, which is the answer where it holds one detection
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
export interface SearchedPlan {
  /** All of them, in the plan's order. */
  readonly ids: readonly string[];
  /**
   * One whose condition is known to be accepted: when its text is refused, the form is that all texts
   * have, and the others need not be asked. @default the form is never in doubt
   */
  readonly knownGood?: string;
}

export type AskTexts = (ids: readonly string[]) => Promise<TextAnswer>;

/** After so many refusals without any acceptance the form of the text is in doubt. */
const formRefusals = 2;

/**
 * Finds by halving which detections are refused, and how few texts all others fit into.
 *
 * Of n detections, k of which are refused, it asks at most 2 · k · ⌈log₂ n⌉ texts, one for the form
 * and one for everything else together; where too much at once is refused as well, some more to join
 * what was halved. That holds where each part of an accepted text is accepted; it ends in any case.
 *
 * @param known as {@link withRefused} or an earlier call that ran out of time left it
 * @returns not settled, with all that was learnt, when an answer was `unknown`; then what was halved
 *   may still be in more lists than it needs, and joining it begins anew
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
 * Joins lists that are accepted one by one: each of them is a further scan of the same bytes.
 *
 * @param refusedSize so many detections are all that there are, which were refused together
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
