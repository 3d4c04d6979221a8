/** Where the parts of a view begin, in it and in its parent. */
interface Parts {
  readonly starts: readonly number[];
  readonly sources: readonly number[];
}

/**
 * A text with a layer of quoting undone, which knows the index of each character in the original
 * text.
 */
export class TextView {
  readonly text: string;
  readonly #parent: TextView | undefined;
  readonly #parts: Parts;
  readonly #end: number;

  /** @param end index in the parent after the last character */
  constructor(
    text: string,
    parent?: TextView,
    parts: Parts = { starts: [], sources: [] },
    end = 0,
  ) {
    this.text = text;
    this.#parent = parent;
    this.#parts = parts;
    this.#end = end;
  }

  slice(from: number, to: number): TextView {
    return new TextView(this.text.slice(from, to), this, { starts: [0], sources: [from] }, to);
  }

  /** The index in the original text; `index` may be the text's length. */
  at(index: number): number {
    if (this.#parent === undefined) return index;
    if (index >= this.text.length) return this.#parent.at(this.#end);
    const { starts, sources } = this.#parts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#parent.at((sources[low] ?? 0) + index - (starts[low] ?? 0));
  }
}

/** Builds a view from parts of another one, in their order. */
export class TextViewBuilder {
  readonly #source: TextView;
  readonly #starts: number[] = [];
  readonly #sources: number[] = [];
  #text = '';
  #end: number;

  /** @param start where it begins in the source, used if it stays empty */
  constructor(source: TextView, start: number) {
    this.#source = source;
    this.#end = start;
  }

  copy(from: number, to: number): void {
    if (to > from) this.put(this.#source.text.slice(from, to), from, to);
  }

  /** Appends a text that is written as the characters `from` to `to` of the source. */
  put(text: string, from: number, to: number): void {
    this.#starts.push(this.#text.length);
    this.#sources.push(from);
    this.#text += text;
    this.#end = to;
  }

  build(): TextView {
    const parts = { starts: this.#starts, sources: this.#sources };
    return new TextView(this.#text, this.#source, parts, this.#end);
  }
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,20}[A-Za-z]`, 'g');

/** Removes the escape sequences by which Airflow colours names in its lines. */
export function viewWithoutColours(view: TextView): TextView {
  if (!view.text.includes('\u001b')) return view;
  const builder = new TextViewBuilder(view, 0);
  let from = 0;
  for (const { index, 0: sequence } of view.text.matchAll(colours)) {
    builder.copy(from, index);
    from = index + sequence.length;
  }
  builder.copy(from, view.text.length);
  return builder.build();
}
