import { growth, linearGrowth } from '../../counted-steps.ts';
import { linearRegexp } from '../../regexp-programs.ts';

test.each(['added to role', 'x+z', 'x[^z]*z'])(
  'whether %s matches takes twice as long in a text of twice the length',
  (source) => {
    const regexp = linearRegexp(source);
    const task = (size: number) => {
      const text = 'x'.repeat(size);
      return () => expect(regexp.test(text)).toBe(false);
    };
    expect(growth(task, 30_000)).toBeLessThan(linearGrowth);
  },
);
