import { parseQuery } from '../../query-language/parser/parse-query.ts';
import type { Expression, RegexLiteral } from '../../query-language/syntax/ast.ts';
import { pack } from './pack.ts';

export interface PackRegexp {
  /** The detection's id. */
  readonly id: string;
  readonly command: 'filter' | 'parse';
  /** As the query writes it, without the slashes around it. */
  readonly source: string;
}

/** Every regular expression that the pack matches on messages, without duplicates. */
export const packRegexps: readonly PackRegexp[] = [
  ...new Map(
    pack.flatMap(({ id, query }) =>
      parseQuery(query).commands.flatMap((command): [string, PackRegexp][] => {
        const of = (kind: PackRegexp['command'], { span }: RegexLiteral): [string, PackRegexp] => {
          const source = query.slice(span.start + 1, span.end - 1);
          return [`${kind} ${source}`, { id, command: kind, source }];
        };
        if (command.kind === 'parse-regex') return [of('parse', command.pattern)];
        if (command.kind !== 'filter') return [];
        return literalsOf(command.condition).map((literal) => of('filter', literal));
      }),
    ),
  ).values(),
];

function literalsOf(expression: Expression): readonly RegexLiteral[] {
  switch (expression.kind) {
    case 'binary':
      return [...literalsOf(expression.left), ...literalsOf(expression.right)];
    case 'unary':
      return literalsOf(expression.operand);
    case 'match': {
      const { subject, pattern } = expression;
      const isMessage = subject.kind === 'field' && subject.name === '@message';
      return isMessage && pattern.kind === 'regex' ? [pattern] : [];
    }
    default:
      return [];
  }
}
