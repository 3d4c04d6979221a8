import { shownCount } from '../../local/shown-count.ts';

test.each([0, 7, 999, 1000, 12_827, 999_999, 1_000_000, 1_234_567_890, Number.MAX_SAFE_INTEGER])(
  '%d is shown as in English',
  (count) => {
    expect(shownCount(count)).toBe(count.toLocaleString('en'));
  },
);
