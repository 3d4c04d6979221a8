import { ShellBuilder } from './shell-builder.ts';
import { Frames, readParameter, type SubstitutionKind } from './shell-frames.ts';
import type { ShellSyntax, SyntaxWord } from './shell-syntax.ts';
import { ansiCText, hereDocumentText, MatchingParentheses, ShellText } from './shell-text.ts';

/**
 * Reads a shell text as bash does: its commands, their words and groups, and which command reads
 * from which. One pass, in time linear in the text; whatever is not closed ends with the text.
 *
 * https://www.gnu.org/software/bash/manual/html_node/Shell-Operation.html
 */
export function readShell(text: string): ShellSyntax {
  const builder = new ShellBuilder();
  new ShellReader(text, builder, 0).read();
  const { commands, functions, isCutShort } = builder;
  return { commands, functions, isCutShort };
}

/**
 * Here-documents in substitutions in here-documents: each level costs one more pass over the text.
 */
const maxDocuments = 6;

/** Runs of characters that have no special meaning. */
const ordinaryInQuotes = /[^"\\$`]+/y;
const ordinaryOutside = /[^\s'"\\$`;&|()<>#]+/y;
const ordinaryInOperand = /[^'"\\$`}\]]+/y;
const ordinaryInArithmetic = /[^\\$`)]+/y;

const variable = /[A-Za-z_]\w*|[0-9@*#?$!-]/y;

class ShellReader {
  readonly #text: ShellText;
  readonly #parentheses: MatchingParentheses;
  readonly #builder: ShellBuilder;
  readonly #frames: Frames;
  /** How many here-documents are around the text. */
  readonly #depth: number;
  #isDocument = false;
  #inQuotes = false;

  constructor(text: string, builder: ShellBuilder, depth: number) {
    this.#text = new ShellText(text);
    this.#parentheses = new MatchingParentheses(text);
    this.#builder = builder;
    this.#frames = new Frames(builder);
    this.#depth = depth;
  }

  read(): void {
    this.#readAll();
    this.#builder.endCommand();
  }

  /** Reads the text of a here-document, whose variables and substitutions the shell expands. */
  readDocument(): SyntaxWord {
    this.#isDocument = true;
    this.#inQuotes = true;
    this.#readAll();
    return this.#builder.takeParts();
  }

  #readAll(): void {
    while (!this.#text.done) this.#step();
    while (this.#frames.innermost !== undefined) this.#closeFrame();
  }

  #step(): void {
    const frame = this.#frames.innermost;
    if (frame?.end !== undefined && this.#text.at >= frame.end) {
      this.#text.acceptText('))');
      this.#closeFrame();
      return;
    }
    const closer = this.#builder.word.operandCloser;
    const inArithmetic = frame?.kind === 'arithmetic';
    const run = this.#text.match(
      inArithmetic
        ? ordinaryInArithmetic
        : closer !== undefined
          ? ordinaryInOperand
          : this.#inQuotes
            ? ordinaryInQuotes
            : ordinaryOutside,
    );
    if (run !== undefined) {
      this.#builder.word.append(run, this.#inQuotes);
      return;
    }
    const character = this.#text.next();
    if (character === '\\') this.#escaped();
    else if (character === '$') this.#dollar();
    else if (character === '`') this.#backtick();
    else if (this.#builder.word.endsOperand(character, this.#inQuotes))
      this.#builder.word.closeOperand();
    else if (character === '"' && !inArithmetic && !this.#isInDocumentItself) this.#toggleQuotes();
    else if (this.#inQuotes) this.#builder.word.append(character, true);
    else if (character === "'") this.#builder.word.append(this.#text.past("'"), true);
    else if (closer !== undefined) this.#builder.word.append(character, false);
    else this.#unquoted(character);
  }

  get #isInDocumentItself(): boolean {
    return this.#isDocument && this.#frames.innermost === undefined;
  }

  #unquoted(character: string): void {
    const builder = this.#builder;
    switch (character) {
      case ' ':
      case '\t':
      case '\r':
        builder.endWord();
        break;
      case '\n':
        if (this.#frames.innermost?.kind === 'array') builder.endWord();
        else builder.endCommand();
        this.#hereDocuments();
        break;
      case ';':
        builder.endCommand();
        if (this.#text.accept(';')) builder.expectPattern();
        break;
      case '#':
        if (builder.word.isOpen) builder.word.append(character, false);
        else if (this.#frames.innermost?.kind === 'backtick') this.#text.match(/[^\n`]*/y);
        else this.#text.upTo('\n');
        break;
      case '&':
        this.#ampersand();
        break;
      case '|':
        this.#pipe();
        break;
      case '(':
        this.#openParenthesis();
        break;
      case ')':
        this.#closeParenthesis();
        break;
      case '<':
      case '>':
        this.#redirection(character);
        break;
      default:
        if (/\s/.test(character)) builder.word.append(character, true);
        else builder.word.append(character, false);
    }
  }

  #hereDocuments(): void {
    for (const document of this.#builder.takeAnnounced()) {
      const text = hereDocumentText(this.#text, document);
      if (document.quoted || !/[$`\\]/.test(text)) {
        document.redirection.target = [{ kind: 'text', text, quoted: true }];
      } else if (this.#depth >= maxDocuments) {
        this.#builder.isCutShort = true;
        document.redirection.target = [{ kind: 'text', text, quoted: true }];
      } else {
        const interrupted = this.#builder.interrupt();
        const reader = new ShellReader(text, this.#builder, this.#depth + 1);
        document.redirection.target = reader.readDocument();
        this.#builder.resume(interrupted, true);
      }
    }
  }

  #escaped(): void {
    const isInBackticks = this.#frames.innermost?.kind === 'backtick';
    if (isInBackticks && this.#text.accept('`')) {
      this.#nestedBacktick();
      return;
    }
    const next = this.#text.next();
    if (next === '\n' || (next === '\r' && this.#text.accept('\n'))) return;
    if (isInBackticks && next === '$') {
      this.#dollar();
      return;
    }
    const special = this.#isInDocumentItself ? '\\$`' : '"\\$`';
    const isTaken = special.includes(next) || next === this.#builder.word.operandCloser;
    this.#builder.word.append(this.#inQuotes && !isTaken ? `\\${next}` : next, true);
  }

  #toggleQuotes(): void {
    if (this.#builder.word.quoteOperandAgain()) return;
    // `""` is a word, though an empty one.
    this.#builder.word.append('', true);
    this.#inQuotes = !this.#inQuotes;
  }

  #dollar(): void {
    const text = this.#text;
    if (text.sees('(')) {
      const end = this.#parentheses.closeTogether(text.at);
      if (end !== undefined) {
        text.acceptText('((');
        this.#openArithmetic(end);
      } else if (text.accept('(')) this.#openSubstitution('output');
      return;
    }
    const quoted = this.#inQuotes;
    if (!quoted && text.accept("'")) {
      this.#builder.word.append(ansiCText(text.match(/(?:[^'\\]|\\[\s\S])*/y) ?? ''), true);
      text.accept("'");
    } else if (!quoted && text.sees('"')) {
      // `$"…"` is a text that the shell may translate.
      return;
    } else if (text.accept('[')) {
      this.#builder.openOperand({ name: '', operator: '[', quoted: true, closer: ']' });
    } else if (text.sees('{')) {
      readParameter(text, this.#builder, quoted);
    } else {
      const name = text.match(variable);
      if (name === undefined) this.#builder.word.append('$', quoted);
      else this.#builder.word.appendPart({ kind: 'variable', name, quoted, operand: [] });
    }
  }

  #backtick(): void {
    if (this.#frames.innermost?.kind === 'backtick') this.#closeFrame();
    else this.#openSubstitution('backtick');
  }

  /** `\`` inside backticks opens or closes a nested substitution. */
  #nestedBacktick(): void {
    if (this.#frames.outer?.kind === 'backtick') this.#closeFrame();
    else this.#openSubstitution('backtick');
  }

  #openSubstitution(kind: SubstitutionKind): void {
    this.#frames.openSubstitution(kind, this.#inQuotes);
    this.#inQuotes = false;
  }

  #openArithmetic(end: number): void {
    this.#frames.openArithmetic(end, this.#inQuotes);
    this.#inQuotes = true;
  }

  #closeFrame(): void {
    this.#inQuotes = this.#frames.close();
  }

  #openParenthesis(): void {
    const builder = this.#builder;
    if (builder.isBeforeArray) {
      this.#frames.openArray();
      return;
    }
    if (builder.isInPattern) return;
    if (builder.isFunctionHead && this.#text.match(/[ \t]*\)/y) !== undefined) {
      builder.nameFunction();
      return;
    }
    const end = builder.isAtStart ? this.#parentheses.closeTogether(this.#text.at - 1) : undefined;
    if (end === undefined) {
      builder.openGroup('parentheses');
      return;
    }
    this.#text.accept('(');
    this.#openArithmetic(end);
  }

  #closeParenthesis(): void {
    const builder = this.#builder;
    const kind = this.#frames.innermost?.kind;
    // The last word may be `esac`.
    if (builder.isInPattern) builder.endWord();
    if (kind === 'array') this.#closeFrame();
    else if (builder.isInPattern) builder.endPattern();
    else if (builder.closeParenthesis()) return;
    else if (kind !== undefined && kind !== 'backtick' && kind !== 'arithmetic') this.#closeFrame();
    else builder.endCommand();
  }

  #ampersand(): void {
    // `&>` is read with its arrow.
    if (this.#text.sees('>')) {
      this.#builder.endWord();
      this.#builder.word.append('&', false);
      return;
    }
    this.#builder.endUnpiped(this.#text.accept('&'));
  }

  #pipe(): void {
    if (this.#builder.isInPattern) {
      this.#builder.endWord();
      return;
    }
    if (this.#text.accept('|')) {
      this.#builder.endUnpiped(true);
      return;
    }
    this.#text.accept('&');
    this.#builder.endPiped();
  }

  #redirection(arrow: '<' | '>'): void {
    const builder = this.#builder;
    if (this.#text.accept('(')) {
      this.#openSubstitution(arrow === '<' ? 'process-output' : 'process-input');
      return;
    }
    const before = builder.word.takeDescriptor();
    builder.endWord();
    const operator = arrow + (this.#text.match(arrow === '<' ? /<<|<-|[<>&]/y : /[>|&]/y) ?? '');
    const target: SyntaxWord = [];
    if (operator === '<<<') builder.redirect({ kind: 'here-string', target });
    else if (operator === '<<' || operator === '<<-') {
      builder.redirect({ kind: 'here-document', target }, operator === '<<-');
    } else {
      const isCopy = operator.endsWith('&');
      const descriptor = isCopy ? `${before}>&` : before;
      const isOutput = arrow === '>' || operator === '<>';
      builder.redirect(
        isOutput ? { kind: 'output', descriptor, target } : { kind: 'input', target },
      );
    }
  }
}
