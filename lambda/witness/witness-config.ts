import * as z from 'zod/mini';

/** The environment variable of the witness's function that holds its configuration as JSON. */
export const witnessConfigVariable = 'WITNESS_CONFIG';

/**
 * The configuration that the stack gives to the function of the second witness, which reads Airflow's REST
 * API. `infra/` writes it with this same type.
 */
export const witnessConfigSchema = z
  .strictObject({
    mwaaEnvironment: z.string().check(z.minLength(1), z.maxLength(80)),
    /** The DynamoDB table of the monitor: the witness writes its own partition of it. */
    ledgerTableName: z.string().check(z.minLength(1)),
    /** Whether to read the rows of Airflow's audit log that record commands. */
    auditLog: z.boolean(),
    /** Whether to read users and roles; only Airflow 2 gives them to `InvokeRestApi`. */
    snapshot: z.boolean(),
    /** Minutes between two runs. */
    everyMinutes: z.int().check(z.minimum(1), z.maximum(1440)),
    /**
     * The environment's version, as `2.10.3`, if it is known at synth.
     * @default - unknown
     */
    airflowVersion: z.optional(
      z.string().check(z.regex(/^\d+\.\d+(\.\d+)?$/, 'must be a version like 2.10.3')),
    ),
  })
  .check(
    z.refine(({ auditLog, snapshot }) => auditLog || snapshot, {
      path: ['auditLog'],
      error: 'must be true, or snapshot must be: otherwise there is nothing to read',
    }),
    z.refine(
      ({ snapshot, airflowVersion }) =>
        !snapshot || airflowVersion === undefined || Number.parseInt(airflowVersion, 10) < 3,
      {
        path: ['snapshot'],
        error: 'must be false for Airflow 3, where users and roles lie outside of InvokeRestApi',
      },
    ),
  );

export type WitnessConfig = Readonly<z.infer<typeof witnessConfigSchema>>;
