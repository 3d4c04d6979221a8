import type { Detection } from '../queries/tools/detection-schema.ts';
import { readFusibleQuery } from '../query-language/pack/fusible-query.ts';
import type { Expression } from '../query-language/syntax/ast.ts';
import { sourceText } from '../query-language/syntax/query-error.ts';

type DetectionToCopy = Pick<Detection, 'id' | 'query' | 'logTypes'>;

/** Common endings, so that the new words are not rarer than the original ones. */
const endings = ['er', 'ing', 'ed', 'ion', 'al', 'or', 'ive', 'est'];

/**
 * Creates more detections like the existing ones: the same filters about other words, each with one
 * more ending.
 *
 * @param detections detections whose filters can run together
 * @param count total number, including the existing ones
 */
export function manyDetections(
  detections: readonly DetectionToCopy[],
  count: number,
): DetectionToCopy[] {
  const further = endings.flatMap((ending) =>
    detections.map(({ id, query, logTypes }) => ({
      id: `${id}-${ending}`,
      query: withEndings(query, ending),
      logTypes,
    })),
  );
  if (detections.length + further.length < count) {
    throw new RangeError(`cannot create ${count} detections`);
  }
  return [...detections, ...further].slice(0, count);
}

function withEndings(text: string, ending: string): string {
  const { query, conditions } = readFusibleQuery(text);
  const filters = conditions.map((condition) => {
    let filter = '';
    let at = condition.span.start;
    for (const { span } of conditionsOf(condition).flatMap(messagePatterns)) {
      filter += text.slice(at, span.start) + withEnding(text.slice(span.start, span.end), ending);
      at = span.end;
    }
    return filter + sourceText(query, { span: { start: at, end: condition.span.end } });
  });
  return filters.map((filter) => `filter ${filter}`).join(' | ');
}

/** In order of the text. */
function conditionsOf(expression: Expression): Expression[] {
  if (expression.kind === 'unary') return conditionsOf(expression.operand);
  if (expression.kind !== 'binary') return [expression];
  return [...conditionsOf(expression.left), ...conditionsOf(expression.right)];
}

function messagePatterns(expression: Expression) {
  const isOfMessage =
    expression.kind === 'match' &&
    expression.subject.kind === 'field' &&
    expression.subject.name === '@message';
  return isOfMessage ? [expression.pattern] : [];
}

/** A letter after a backslash is not a word. */
function withEnding(pattern: string, ending: string): string {
  return pattern.replaceAll(/(?<![\\A-Za-z])[A-Za-z]{5,}(?![A-Za-z])/g, (word) => word + ending);
}
