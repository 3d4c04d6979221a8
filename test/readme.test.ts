import { readFileSync, statSync } from 'node:fs';
import { found } from './docs/pages.ts';

const readme = readFileSync('README.md', 'utf8');

describe('the README', () => {
  test('has at most 900 words', () => {
    expect(readme.split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(900);
  });

  test('shows a picture that loads fast', () => {
    const [picture = ''] = found(readme, /!\[[^\]]+\]\(([^)]+)\)/g);
    expect(statSync(picture).size).toBeLessThan(150_000);
  });

  test('sums up the measured numbers of docs/coverage.md', () => {
    const rows = readFileSync('docs/coverage.md', 'utf8')
      .split('\n')
      .filter((line) => /^\| \d+\.\d+\.\d+ \|/.test(line))
      .map((line) => line.split('|').map((cell) => Number(cell)));
    const sum = (cells: readonly (number | undefined)[]) =>
      cells.reduce<number>((total, cell = Number.NaN) => total + cell, 0);
    const ofQuery = rows.filter(({ length }) => length === 8);
    const ofPack = rows.filter(({ length }) => length === 7);
    expect([ofQuery.length, ofPack.length]).toEqual([2, 2]);
    const [made, seen] = [2, 3].map((at) => sum(ofPack.map((cells) => cells[at])));
    expect([made, sum(ofPack.map((cells) => cells[5]))]).toEqual([seen, 0]);
    expect(readme).toContain(`found all ${made} privilege changes and raised no false alert`);
    const touched = sum(ofQuery.map((cells) => cells[6]));
    expect(readme).toContain(`the documented query touched ${touched} of them`);
  });
});
