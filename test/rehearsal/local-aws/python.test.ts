import { pythonProblem } from './python.ts';

test.each(['Python 3.10.0', 'Python 3.14.2\n', 'Python 3.13.0rc1'])('%s can be used', (version) => {
  expect(pythonProblem('python3', version)).toBeUndefined();
});

test.each([
  ['Python 3.9.18', 'python3 is Python 3.9.18'],
  ['Python 2.7.18', 'python3 is Python 2.7.18'],
  ['pyenv: no version', 'python3 is not Python: it says "pyenv: no version"'],
])('%s cannot be used, and the problem says why', (version, problem) => {
  expect(pythonProblem('python3', version)).toBe(problem);
});

test('a Python that is newer than the packages support cannot be used', () => {
  expect(pythonProblem('python3', 'Python 3.13.0', 12)).toBe('python3 is Python 3.13.0');
  expect(pythonProblem('python3', 'Python 3.12.9', 12)).toBeUndefined();
});
