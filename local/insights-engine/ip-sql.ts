import { BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { ipTests, isInSubnet } from './sql/ip-address.ts';

/** Registers the address tests as SQL functions. A missing argument gives a missing result. */
export function registerIpFunctions(connection: DuckDBConnection): void {
  for (const [name, test] of Object.entries(ipTests)) register(connection, name, 1, test);
  register(connection, 'ip_in_subnet', 2, isInSubnet);
}

function register(
  connection: DuckDBConnection,
  name: string,
  parameters: 1 | 2,
  test: (first: string, second: string) => boolean,
): void {
  const scalarFunction = DuckDBScalarFunction.create({
    name,
    returnType: BOOLEAN,
    parameterTypes: Array.from({ length: parameters }, () => VARCHAR),
    specialHandling: true,
    mainFunction: (_info, input, output) => {
      const first = input.getColumnVector(0);
      const second = input.getColumnVector(parameters - 1);
      for (let row = 0; row < input.rowCount; row += 1) {
        const [a, b] = [first.getItem(row), second.getItem(row)];
        const known = typeof a === 'string' && typeof b === 'string';
        output.setItem(row, known ? test(a, b) : null);
      }
      output.flush();
    },
  });
  connection.registerScalarFunction(scalarFunction);
}
