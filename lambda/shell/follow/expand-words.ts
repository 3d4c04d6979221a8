import type { ShellGroup, ShellPart, SyntaxWord } from '../syntax/shell-syntax.ts';
import { expandBraces } from './brace-expansion.ts';
import type { Carrier, CommandWord, ShellState, ShellValue } from './shell-state.ts';

/** Collects the words that one written word expands to. */
class WordFields {
  readonly #words: CommandWord[] = [];
  readonly #separators: string;
  #text = '';
  #dynamic = false;
  #isPattern = false;
  #isExpanded = false;
  #isOpen = false;

  /** @param separators the characters at which {@link split} splits: `IFS`, or none */
  constructor(separators: string) {
    this.#separators = separators;
  }

  /** @param isBare neither quoted nor the result of an expansion */
  literal(text: string, isBare: boolean): void {
    this.#text += text;
    this.#isOpen = true;
    if (isBare && /[*?[]/.test(text)) this.#isPattern = true;
  }

  /** Appends the result of a variable or a substitution, unsplit. */
  append(text: string, dynamic: boolean, isBare = false): void {
    this.#text += text;
    this.#isOpen = true;
    this.#isExpanded = true;
    if (dynamic) this.#dynamic = true;
    if (isBare && /[*?[]/.test(text)) this.#isPattern = true;
  }

  /** Appends the result of a variable or a substitution, and splits it at the separators. */
  split(text: string, dynamic: boolean): void {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      if (!this.#separators.includes(text[at] ?? '')) continue;
      if (at > from) this.append(text.slice(from, at), dynamic, true);
      this.next();
      from = at + 1;
    }
    if (from < text.length) this.append(text.slice(from), dynamic, true);
  }

  /** Ends the current word, if there is one. */
  next(): void {
    if (this.#isOpen) {
      this.#words.push({
        text: this.#text,
        dynamic: this.#dynamic,
        ...(this.#isPattern ? { isPattern: true } : {}),
        ...(this.#isExpanded ? { isExpanded: true } : {}),
      });
    }
    this.#text = '';
    this.#dynamic = false;
    this.#isPattern = false;
    this.#isExpanded = false;
    this.#isOpen = false;
  }

  end(): readonly CommandWord[] {
    this.next();
    return this.#words;
  }
}

/** What a substitution writes, as far as it is known. */
export interface GroupOutput {
  readonly text: string;
  /** The output of an unknown program may be a part of it. */
  readonly dynamic: boolean;
}

/** A command in a loop is read once for each value, at most this often. */
const maxChoices = 32;

/** The combinations of the values that loops give to variables. */
class Choices {
  count = 1;
  readonly #weights = new Map<string, { readonly weight: number; readonly length: number }>();
  #choice = 0;

  /** Selects a combination, from 0 to `count` - 1. */
  take(choice: number): void {
    this.#choice = choice;
  }

  /**
   * The index of a variable's value in the selected combination.
   *
   * @param length how many values the variable has
   * @returns undefined if there are too many combinations
   */
  of(name: string, length: number): number | undefined {
    const known = this.#weights.get(name);
    if (known !== undefined) return Math.floor(this.#choice / known.weight) % known.length;
    if (this.count * length > maxChoices) return undefined;
    this.#weights.set(name, { weight: this.count, length });
    this.count *= length;
    return 0;
  }
}

/** First of the characters that replace quoted parts and expansions while braces are expanded. */
const placeholder = 0xe100;
const placeholdersMax = 1_000;

/**
 * Expands words as the shell does: braces, variables and substitutions are replaced, and the result
 * is split.
 *
 * https://www.gnu.org/software/bash/manual/html_node/Shell-Expansions.html
 */
export class WordExpansion {
  /** The variables whose texts became a part of the words. */
  readonly carriers = new Set<Carrier>();
  readonly #state: ShellState;
  readonly #outputOf: (group: ShellGroup) => GroupOutput;
  readonly #choices = new Choices();
  readonly #expandsPositional: boolean;

  /** @param isInFunction whether `$1` is an argument of a function, which is not known */
  constructor(
    state: ShellState,
    outputOf: (group: ShellGroup) => GroupOutput,
    isInFunction: boolean,
  ) {
    this.#state = state;
    this.#outputOf = outputOf;
    this.#expandsPositional = !isInFunction;
  }

  /**
   * Expands the words once for each combination of the values that loops give to variables.
   *
   * @param isDeclaration the words are arguments of `export` and the like, which are not split
   */
  *combinations(words: readonly SyntaxWord[], isDeclaration = false): Generator<CommandWord[]> {
    const expand = () =>
      isDeclaration
        ? words.map((word) => this.text(word))
        : words.flatMap((word) => this.words(word));
    yield expand();
    for (let choice = 1; choice < this.#choices.count; choice += 1) {
      this.#choices.take(choice);
      const expanded = expand();
      if (!this.#state.spend(expanded.reduce((sum, { text }) => sum + text.length, 0))) return;
      yield expanded;
    }
  }

  /** The words that one word expands to: none, one or several. */
  words(word: SyntaxWord): readonly CommandWord[] {
    const [first] = word;
    if (
      word.length === 1 &&
      first?.kind === 'text' &&
      (first.quoted || !first.text.includes('{'))
    ) {
      return [{ text: first.text, dynamic: false, ...patternOf(first) }];
    }
    return this.#bracesOf(word).flatMap((each) => {
      const fields = new WordFields(this.#separators);
      for (const part of each) this.#expand(part, fields);
      return fields.end();
    });
  }

  /** Expands a word where the shell does not split it: after `=`, in a here-document. */
  text(word: SyntaxWord): CommandWord {
    const fields = new WordFields('');
    for (const part of word) this.#expand(part, fields);
    const words = fields.end();
    return {
      text: words.map(({ text }) => text).join(' '),
      dynamic: words.some(({ dynamic }) => dynamic),
    };
  }

  get #separators(): string {
    return this.#state.variables.get('IFS')?.texts[0] ?? ' \t\n';
  }

  #bracesOf(word: SyntaxWord): readonly SyntaxWord[] {
    const words = bracesOf(word);
    const characters =
      words.length > 1 ? words.reduce((sum, each) => sum + charactersOf(each), 0) : 0;
    return this.#state.spend(characters) ? words : [word];
  }

  #expand(part: ShellPart, fields: WordFields): void {
    if (part.kind === 'text') {
      fields.literal(part.text, !part.quoted);
    } else if (part.kind === 'output') {
      const { text, dynamic } = this.#outputOf(part.group);
      const value = withoutLastNewlines(text);
      const isKnown = value !== '' && this.#state.spend(value.length);
      // An unknown output is a dynamic part, whether or not it is quoted.
      if (!isKnown) fields.append('$()', true);
      else if (part.quoted) fields.append(value, dynamic);
      else fields.split(value, dynamic);
    } else {
      this.#variable(part, fields);
    }
  }

  #variable(part: ShellPart & { readonly kind: 'variable' }, fields: WordFields): void {
    const { name, operator, quoted } = part;
    if (name === '') {
      fields.append('$()', true);
      return;
    }
    const value = this.#valueOf(name);
    const isUnset = value === undefined;
    if (operator !== undefined && /^:?[-=]$/.test(operator) && isUnset) {
      const other = this.text(part.operand);
      if (operator.endsWith('=')) this.#state.set(name, { texts: [other.text], dynamic: true });
      if (quoted) fields.append(other.text, true);
      else fields.split(other.text, true);
      return;
    }
    if (operator !== undefined && /^:?\+$/.test(operator)) {
      const other = this.text(part.operand);
      if (quoted) fields.append(other.text, true);
      else fields.split(other.text, true);
      return;
    }
    if (isUnset) {
      if (name === 'IFS' && !quoted) fields.split(' ', false);
      else if (/^\d+$/.test(name) && this.#expandsPositional) fields.append('', false);
      else fields.append(`$${name}`, true);
      if (operator !== undefined) this.#operand(part, fields);
      return;
    }
    this.#put(part, value, fields);
  }

  #put(
    part: ShellPart & { readonly kind: 'variable' },
    value: ShellValue,
    fields: WordFields,
  ): void {
    const { name, operator, quoted } = part;
    const isTaken = operator === undefined || /^:?[-=?]$/.test(operator);
    const { members } = value;
    for (const carrier of value.carriers) this.carriers.add(carrier);
    if (members !== undefined && (quoted || name === '@') && isTaken) {
      members.forEach((member, at) => {
        if (at > 0) fields.next();
        if (this.#state.spend(member.length)) fields.append(member, value.dynamic);
        else fields.append(`$${name}`, true);
      });
      return;
    }
    const at = members === undefined ? this.#choices.of(name, value.texts.length) : 0;
    const indirect = operator === '!' ? this.#valueOf(value.texts[0] ?? '') : undefined;
    for (const carrier of indirect?.carriers ?? []) this.carriers.add(carrier);
    const text = members?.join(' ') ?? (indirect ?? value).texts[indirect ? 0 : (at ?? 0)] ?? '';
    const dynamic = value.dynamic || at === undefined || !(isTaken || indirect !== undefined);
    if (!this.#state.spend(text.length)) fields.append(`$${name}`, true);
    else if (quoted) fields.append(text, dynamic);
    else fields.split(text, dynamic);
    if (!isTaken) this.#operand(part, fields);
  }

  /** An operator's result is not known, but its operand may be a part of it. */
  #operand({ operand }: ShellPart & { readonly kind: 'variable' }, fields: WordFields): void {
    const { text } = this.text(operand);
    if (/\w\w/.test(text)) fields.split(` ${text}`, true);
  }

  #valueOf(name: string): ShellValue | undefined {
    if (/^(?:\d+|[@*])$/.test(name)) {
      const words = this.#state.positional;
      if (!this.#expandsPositional || words.length === 0) return undefined;
      const dynamic = words.some((word) => word.dynamic);
      const members = words.map(({ text }) => text);
      if (/^[@*]$/.test(name))
        return { texts: [members.join(' ')], members, dynamic, carriers: [] };
      const text = members[Number(name) - 1];
      return text === undefined ? undefined : { texts: [text], dynamic, carriers: [] };
    }
    return this.#state.variables.get(name);
  }
}

function patternOf({ text, quoted }: { text: string; quoted: boolean }): { isPattern?: true } {
  return !quoted && /[*?[]/.test(text) ? { isPattern: true } : {};
}

/** The words that a word's braces expand to; this comes before all other expansions. */
function bracesOf(word: SyntaxWord): readonly SyntaxWord[] {
  const hasBraces = word.some(({ kind, ...part }) => {
    return kind === 'text' && 'text' in part && !part.quoted && part.text.includes('{');
  });
  if (!hasBraces || word.length > placeholdersMax) return [word];
  let text = '';
  for (const [at, part] of word.entries()) {
    if (part.kind !== 'text' || part.quoted) text += String.fromCharCode(placeholder + at);
    else if (/[\ue100-\uf8ff]/.test(part.text)) return [word];
    else text += part.text;
  }
  const expanded = expandBraces(text);
  if (expanded.length === 1 && expanded[0] === text) return [word];
  return expanded.map((each) =>
    each.split(/([\ue100-\uf8ff])/).flatMap((piece): ShellPart[] => {
      const part = word[piece.charCodeAt(0) - placeholder];
      if (part !== undefined) return [part];
      return piece === '' ? [] : [{ kind: 'text', text: piece, quoted: false }];
    }),
  );
}

function withoutLastNewlines(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\n') end -= 1;
  return text.slice(0, end);
}

function charactersOf(word: SyntaxWord): number {
  return word.reduce((sum, part) => sum + (part.kind === 'text' ? part.text.length : 1), 0);
}
